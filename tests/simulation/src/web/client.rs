//! The way to a server and back: a client of HTTP that has no socket, and on which all breaks that breaks between two
//! machines.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_lite::{StreamExt as _, future, stream};
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use tenure_mcp::{HttpBody, HttpClient, HttpFailure, Reuse, Stage};

use crate::failure::Kind;
use crate::held::{Thing, Token};
use crate::tally::Seen;
use crate::web::Web;
use crate::web::feed::{Feed, Piece};
use crate::web::site::{Reply, serve};
use crate::web::visit::Visit;

pub(crate) const HOST: &str = "sim.test";
const OTHER_PATH: &str = "/elsewhere";

/// The client of one generation.
pub(crate) struct WebClient {
    pub(crate) visit: Arc<Visit>,
    pub(crate) web: Web,
    pub(crate) _token: Token,
}

/// What becomes of a request on its way.
#[derive(Clone, Copy, Debug, Default)]
enum Way {
    #[default]
    Clear,
    NoConnection,
    Unwritten,
    /// It breaks, and the server has not seen the request.
    LostGoing,
    /// It breaks, and the server has.
    LostComing,
    BadHead,
    /// Nothing comes, and the server has not seen it...
    Silent,
    /// ...or has.
    SilentThere,
    /// A proxy answers, and has not passed it on...
    Proxy(u16),
    /// ...or has.
    ProxyBehind(u16),
    /// It is to go to another path.
    Elsewhere,
    /// It is to go to another server.
    Away,
    /// Not without credentials.
    Unauthorized,
}

impl WebClient {
    fn way(&self, is_end: bool) -> Way {
        let (ground, web) = (&self.visit.ground, self.web);
        if is_end && web.slow_end {
            return Way::Clear;
        }
        let broken = [
            (40, Way::Clear),
            (2, Way::NoConnection),
            (2, Way::Unwritten),
            (2, Way::LostGoing),
            (2, Way::LostComing),
            (1, Way::BadHead),
        ];
        let proxied = [
            (40, Way::Clear),
            (2, Way::Proxy(502)),
            (1, Way::Proxy(503)),
            (1, Way::Proxy(429)),
            (1, Way::Proxy(200)),
            (2, Way::ProxyBehind(502)),
            (1, Way::ProxyBehind(504)),
            (1, Way::ProxyBehind(200)),
        ];
        let silent = [(40, Way::Clear), (1, Way::Silent), (1, Way::SilentThere)];
        let diverted = [(30, Way::Clear), (2, Way::Elsewhere), (1, Way::Away), (2, Way::Unauthorized)];
        let kinds: [(bool, &[(u32, Way)]); 4] =
            [(web.breaks, &broken), (web.proxies, &proxied), (web.hangs, &silent), (web.diverts, &diverted)];
        for (there, options) in kinds {
            let way = ground.pick(there, options);
            if !matches!(way, Way::Clear) {
                return way;
            }
        }
        Way::Clear
    }

    fn broken(&self, stage: Stage, was_reused: bool) -> HttpFailure {
        self.visit.ground.saw(Seen::WayBroke);
        HttpFailure { stage, was_reused, is_permanent: false, reason: format!("{stage:?}") }
    }

    /// Nothing comes, ever.
    async fn silence(&self) -> HttpFailure {
        let ground = &self.visit.ground;
        ground.saw(Seen::WaySilent);
        future::or(future::pending(), ground.doom.wait()).await;
        self.broken(Stage::Sent, false)
    }

    async fn answered(&self, request: &Request<Bytes>) -> Result<Response<HttpBody>, HttpFailure> {
        match serve(&self.visit, self.web, request) {
            Reply::Status(status, words) => Ok(self.words(status, "text/plain", words)),
            Reply::Json(status, text) => Ok(self.words(status, "application/json", &text)),
            Reply::Silence => Err(self.silence().await),
            Reply::Stream { number, feed, from, session, is_call } => {
                let is_post = request.method() == Method::POST;
                let as_stream = !is_post || self.visit.ground.fault(self.web.streams, 85);
                let mut response = if as_stream {
                    self.stream(number, feed, from, is_call)
                } else {
                    self.whole(&feed).await?
                };
                if let Some(session) = session.and_then(|session| HeaderValue::from_str(&session).ok()) {
                    response.headers_mut().insert("mcp-session-id", session);
                    self.visit.mark_told();
                }
                Ok(response)
            }
        }
    }

    /// The answer alone, as JSON; what else was said before it nobody hears.
    async fn whole(&self, feed: &Arc<Feed>) -> Result<Response<HttpBody>, HttpFailure> {
        let mut place = 0;
        loop {
            let ground = &self.visit.ground;
            let over = async {
                ground.doom.wait().await;
                Piece::Cut(String::new())
            };
            match future::or(feed.at(place), over).await {
                Piece::Message(message) if is_answer(&message) => {
                    return Ok(self.words(200, "application/json", &message));
                }
                Piece::Message(_) => place += 1,
                Piece::Cut(_) | Piece::End => return Err(self.broken(Stage::Sent, false)),
            }
        }
    }

    fn stream(&self, number: u64, feed: Arc<Feed>, from: usize, is_call: bool) -> Response<HttpBody> {
        let ground = self.visit.ground.clone();
        let has_ids = self.web.resumes && self.visit.session().is_some();
        let token = ground.token(Thing::PipeEnd);
        // It breaks off after so many.
        let breaks = ground.fault(self.web.drops, 35).then(|| ground.below(3));
        let ends = ground.chance(50);
        let reading = Reading { feed, number, place: from, left: breaks, ends, has_ids, _token: token };
        let begun = (has_ids && from == 0).then(|| {
            // A first place to take it up from.
            let retry = if ground.chance(50) { "retry: 300\n" } else { "" };
            Ok(Bytes::from(format!("{retry}id: {number}.0\ndata:\n\n")))
        });
        let visit = self.visit.clone();
        let pieces = stream::unfold(Some(reading), move |reading| {
            let visit = visit.clone();
            async move { Reading::next(reading?, &visit, is_call).await }
        });
        let body: HttpBody = stream::iter(begun).chain(pieces).boxed();
        let mut response = Response::new(body);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        response
    }

    fn words(&self, status: u16, kind: &'static str, words: &str) -> Response<HttpBody> {
        let token = self.visit.ground.token(Thing::PipeEnd);
        let whole = (!words.is_empty()).then(|| Ok(Bytes::copy_from_slice(words.as_bytes())));
        let body: HttpBody = stream::iter(whole)
            .map(move |piece| {
                let _ = &token;
                piece
            })
            .boxed();
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        response
    }

    /// A proxy answers in the server's place.
    fn proxy(&self, status: u16) -> Response<HttpBody> {
        self.visit.ground.saw(Seen::Proxy);
        let mut response = self.words(status, "text/html", "<html>It is not here.</html>");
        if status == 503 {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }

    fn diverted(&self, status: u16, to: &'static str) -> Response<HttpBody> {
        self.visit.ground.saw(Seen::Diverted);
        let mut response = self.words(status, "text/plain", "");
        response.headers_mut().insert(LOCATION, HeaderValue::from_static(to));
        response
    }
}

/// Somebody who reads a stream.
struct Reading {
    feed: Arc<Feed>,
    number: u64,
    place: usize,
    /// How many messages come before it breaks.
    left: Option<usize>,
    /// It ends in order then.
    ends: bool,
    has_ids: bool,
    _token: Token,
}

type Next = Option<(Result<Bytes, HttpFailure>, Option<Reading>)>;

impl Reading {
    async fn next(mut self, visit: &Visit, is_call: bool) -> Next {
        let ground = &visit.ground;
        let cut = |reason: &str| HttpFailure {
            stage: Stage::Body,
            was_reused: false,
            is_permanent: false,
            reason: reason.to_owned(),
        };
        if self.left == Some(0) {
            ground.saw(if is_call { Seen::CallDropped } else { Seen::StreamDropped });
            return if self.ends { None } else { Some((Err(cut("it dropped")), None)) };
        }
        let over = async {
            ground.doom.wait().await;
            Piece::End
        };
        match future::or(self.feed.at(self.place), over).await {
            Piece::End => None,
            Piece::Cut(beginning) if beginning.is_empty() => Some((Err(cut("the server is gone")), None)),
            Piece::Cut(beginning) => Some((Ok(Bytes::from(format!("data: {beginning}"))), None)),
            Piece::Message(message) => {
                self.place += 1;
                let id = format!("id: {}.{}\n", self.number, self.place);
                let id = if self.has_ids { id } else { String::new() };
                self.left = self.left.map(|left| left.saturating_sub(1));
                if ground.fault(ground.mood.delays, 30) {
                    ground.saw(Seen::Delayed);
                    ground.sleep(ground.up_to(800)).await;
                }
                Some((Ok(Bytes::from(format!("{id}data: {message}\n\n"))), Some(self)))
            }
        }
    }
}

fn is_answer(message: &str) -> bool {
    let message: serde_json::Value = serde_json::from_str(message).unwrap_or_default();
    message.get("method").is_none()
}

#[async_trait]
impl HttpClient for WebClient {
    async fn send(&self, request: Request<Bytes>, reuse: Reuse) -> Result<Response<HttpBody>, HttpFailure> {
        let ground = self.visit.ground.clone();
        let _token = ground.token(Thing::PipeEnd);
        ground.saw(Seen::Exchange);
        let uri = request.uri();
        if uri.host() != Some(HOST) || uri.scheme_str() != Some("https") {
            ground.fail(Kind::SentAway, || format!("{} to {uri}", request.method()));
        }
        let is_end = request.method() == Method::DELETE;
        if is_end {
            self.visit.ended();
        }
        let was_diverted = uri.path() == OTHER_PATH;
        let was_reused = reuse != Reuse::Fresh && ground.fault(self.web.breaks, 50);
        if ground.fault(ground.mood.delays, 30) {
            ground.saw(Seen::Delayed);
            ground.sleep(ground.up_to(1500)).await;
        }
        let way = if was_diverted { Way::Clear } else { self.way(is_end) };
        ground.say(self.visit.who(), || format!("{} {}: {way:?}", request.method(), uri.path()));
        let answer = match way {
            Way::Clear => self.answered(&request).await,
            Way::NoConnection => Err(self.broken(Stage::Connect, false)),
            Way::Unwritten => Err(self.broken(Stage::Unwritten, was_reused)),
            Way::LostGoing => Err(self.broken(Stage::Sent, was_reused)),
            Way::LostComing => {
                drop(serve(&self.visit, self.web, &request));
                Err(self.broken(Stage::Sent, was_reused))
            }
            Way::BadHead => {
                drop(serve(&self.visit, self.web, &request));
                Err(self.broken(Stage::Head, was_reused))
            }
            Way::Silent => Err(self.silence().await),
            Way::SilentThere => {
                drop(serve(&self.visit, self.web, &request));
                Err(self.silence().await)
            }
            Way::Proxy(status) => Ok(self.proxy(status)),
            Way::ProxyBehind(status) => {
                drop(serve(&self.visit, self.web, &request));
                Ok(self.proxy(status))
            }
            Way::Elsewhere => Ok(self.diverted(307, OTHER_PATH)),
            Way::Away => Ok(self.diverted(308, "https://other.test/mcp")),
            Way::Unauthorized => Ok(self.words(401, "text/plain", "who are you?")),
        };
        if ground.fault(ground.mood.delays, 20) {
            ground.sleep(Duration::from_millis(20)).await;
        }
        answer
    }
}
