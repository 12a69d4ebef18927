//! Each exchange that was opened, and what became of it.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tenure_mcp_proto::http::{ExchangeId, HttpError, HttpErrorKind, Stage};

use super::carried::{Carried, Head, Level};
use super::message::{Kind, Read, header, is_safe, read};
use super::server::{ORIGIN, OWN};

/// How far a session's life is, as this side has heard and said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Running,
    Retiring,
    Stopping,
    Ending,
    Ended,
}

#[derive(Debug)]
pub(super) struct Books {
    carried: BTreeMap<ExchangeId, Carried>,
    pub(super) life: Life,
    /// What the server named its session.
    session: Option<String>,
    max_calls: usize,
    tries_old: bool,
    asking: bool,
    /// Streams that were asked for to listen, and how often that had a reason of its own.
    listens: u32,
    excused: u32,
}

/// Calls whose streams are taken up so often, and in a row for nothing.
const RESUMES: usize = 101;
const IN_A_ROW: usize = 6;
/// Answers to the server and cancel notices at once.
const CONTROLS: usize = 4;

impl Books {
    pub(super) fn new(max_calls: usize, tries_old: bool) -> Self {
        Self {
            carried: BTreeMap::new(),
            life: Life::Running,
            session: None,
            max_calls,
            tries_old,
            asking: false,
            listens: 0,
            excused: 0,
        }
    }

    pub(super) fn opened(&mut self, now: Duration, exchange: ExchangeId, request: &Request<Bytes>) {
        let last = self.carried.last_key_value().map(|(last, _)| *last);
        assert!(last.is_none_or(|last| last < exchange), "{exchange} is opened after {last:?}");
        let read = read(request);
        self.may_open(&read);
        self.look_at_headers(request, &read);
        let mut root = exchange;
        match &read.kind {
            Kind::Request { wire, .. } => self.look_at_repeat(*wire, &read),
            Kind::Stream { cursor } => root = self.look_at_stream(now, exchange, cursor.as_deref()),
            Kind::Question | Kind::Confirm | Kind::Control | Kind::Note | Kind::End => {}
        }
        if matches!(&read.kind, Kind::Request { method, .. } if method == "initialize") {
            self.session = None;
        }
        if read.kind == Kind::End {
            self.life = Life::Ending;
        }
        let is_safe = !read.is_round && read.method.as_deref().is_some_and(is_safe);
        let kind = read.kind;
        let carried = Carried {
            kind,
            is_safe,
            is_open: true,
            head: None,
            failed: None,
            said: Vec::new(),
            root,
            brought: false,
        };
        self.carried.insert(exchange, carried);
    }

    /// Nothing is opened that the session's life has no room for.
    fn may_open(&self, read: &Read) {
        let kind = &read.kind;
        match self.life {
            Life::Running => assert_ne!(*kind, Kind::End, "a session that goes on is deleted"),
            Life::Retiring => {
                let went_out = match kind {
                    Kind::Request { wire, .. } => self.of_wire(*wire).next().is_some(),
                    Kind::Stream { cursor } => cursor.is_some(),
                    Kind::Question | Kind::Confirm | Kind::Control | Kind::Note | Kind::End => false,
                };
                assert!(went_out, "{read:?} is opened in a session that retires");
            }
            Life::Stopping => {
                let is_last = matches!(kind, Kind::Control | Kind::End);
                assert!(is_last, "{read:?} is opened in a session that is to end");
                assert!(*kind != Kind::End || self.session.is_some(), "there is no session to delete");
            }
            Life::Ending => panic!("{read:?} is opened after the end of the session was told"),
            Life::Ended => panic!("{read:?} is opened and all is over"),
        }
    }

    /// What belongs to this server goes nowhere else, and each message has the marks of its era.
    fn look_at_headers(&self, request: &Request<Bytes>, read: &Read) {
        let uri = request.uri();
        let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
        let authority = authority.strip_suffix(":443").unwrap_or(&authority);
        let origin = format!("{}://{authority}", uri.scheme_str().unwrap_or_default());
        assert_eq!(origin.to_ascii_lowercase(), ORIGIN, "{uri} is asked, with all that is this server's");
        assert_eq!(header(request, OWN), Some("own"), "the header of the user");
        for name in ["origin", "accept-encoding", "host", "content-length", "transfer-encoding"] {
            assert_eq!(header(request, name), None, "{name} of {read:?}");
        }
        let session = header(request, "mcp-session-id");
        if read.version.is_some() || read.kind.is_opening() {
            assert_eq!(session, None, "{read:?} names a session");
        } else if matches!(read.kind, Kind::Stream { .. }) && self.session.is_none() {
            assert_eq!(session, None);
        } else {
            assert_eq!(session, self.session.as_deref(), "the session of {read:?}");
        }
        if let Some(version) = read.version.as_deref() {
            assert_eq!(header(request, "mcp-protocol-version"), Some(version), "{read:?}");
            assert_eq!(header(request, "mcp-method"), read.method.as_deref(), "{read:?}");
        }
    }

    /// A request goes out again only where nothing can be done twice by it.
    fn look_at_repeat(&self, wire: u64, read: &Read) {
        let Some(last) = self.of_wire(wire).last() else {
            return;
        };
        assert!(!last.is_open, "{read:?} goes out again while it is out");
        assert!(self.of_wire(wire).count() < 12, "{read:?} goes out again and again");
        let broken = self.of_wire(wire).filter(|carried| carried.failed.is_some()).count();
        let may = match (last.failed, last.head) {
            (Some((Stage::Unwritten, true)), _) => broken <= 1,
            (Some((Stage::Sent, true)), _) => last.is_safe && broken <= 1,
            (Some(_), _) | (None, None) => false,
            (None, Some(head)) => match head.status {
                401 | 403 => true,
                301 | 302 | 307 | 308 => head.has_location,
                429 | 503 => read.method.as_deref() == Some("server/discover") && head.has_retry_after,
                400 | 404 | 405 => self.tries_old && read.method.as_deref() == Some("initialize"),
                _ => false,
            },
        };
        assert!(may, "{read:?} goes out again after {last:?}");
    }

    /// A stream of a call is taken up again within bounds, and nobody listens without a pause. Returns the exchange
    /// that it goes on with.
    fn look_at_stream(&mut self, now: Duration, exchange: ExchangeId, cursor: Option<&str>) -> ExchangeId {
        let root = cursor.and_then(|cursor| cursor.split('.').next()).and_then(|root| {
            self.carried
                .iter()
                .find(|(id, _)| id.to_string() == root)
                .map(|(id, carried)| (*id, matches!(carried.kind, Kind::Stream { .. })))
        });
        if let Some((root, false)) = root {
            let chain: Vec<_> = self
                .carried
                .iter()
                .filter(|(id, carried)| carried.root == root && **id != root)
                .map(|(_, carried)| carried)
                .collect();
            assert!(chain.iter().all(|carried| !carried.is_open), "two streams for one call");
            let again = |carried: &&&Carried| carried.excuses();
            let excused = chain.iter().filter(again).count();
            assert!(chain.len() <= RESUMES + excused, "a stream is taken up without end");
            let fruitless = chain.iter().rev().filter(|carried| !carried.excuses());
            let fruitless = fruitless.take_while(|carried| !carried.brought).count();
            assert!(fruitless < IN_A_ROW, "a stream is taken up though it brings nothing");
            return root;
        }
        self.listens += 1;
        let least = Duration::from_millis(700);
        let pauses = u32::try_from(now.as_millis() / least.as_millis()).unwrap_or(u32::MAX);
        let may = pauses.saturating_add(2).saturating_add(self.excused);
        // A cursor that nobody can place may be a call's.
        if cursor.is_none() || root.is_some() {
            assert!(self.listens <= may, "asked for {} times in {now:?} to listen", self.listens);
        }
        exchange
    }

    fn of_wire(&self, wanted: u64) -> impl Iterator<Item = &Carried> {
        let is_it =
            move |carried: &&Carried| matches!(carried.kind, Kind::Request { wire, .. } if wire == wanted);
        self.carried.values().filter(is_it)
    }

    pub(super) fn get(&self, exchange: ExchangeId) -> Option<&Carried> {
        self.carried.get(&exchange)
    }

    /// One of those that are open, or of all.
    pub(super) fn any(&self, which: u8) -> Option<ExchangeId> {
        let all = self.carried.iter().rev();
        if which & 0x80 == 0 {
            let open: Vec<_> = all.filter(|(_, carried)| carried.is_open).map(|(id, _)| *id).collect();
            let place = usize::from(which & 0x7f).checked_rem(open.len())?;
            return open.get(place).copied();
        }
        let place = usize::from(which & 0x7f).checked_rem(self.carried.len())?;
        self.carried.keys().rev().nth(place).copied()
    }

    /// A request that the server was asked, by its id in JSON-RPC.
    pub(super) fn wire(&self, which: u8) -> Option<u64> {
        let asked = self.carried.values().rev().filter_map(|carried| match carried.kind {
            Kind::Request { wire, .. } => Some(wire),
            _ => None,
        });
        let asked: Vec<_> = asked.collect();
        asked.get(usize::from(which).checked_rem(asked.len())?).copied()
    }

    /// A head is told; only the first one counts.
    pub(super) fn head(&mut self, exchange: ExchangeId, head: Head, session: Option<&str>) {
        let Some(carried) = self.carried.get_mut(&exchange).filter(|carried| carried.is_open) else {
            return;
        };
        if carried.head.is_some() {
            return;
        }
        carried.head = Some(head);
        if matches!(carried.kind, Kind::Stream { .. }) && carried.excuses() {
            self.excused += 1;
        }
        let makes = matches!(&carried.kind, Kind::Request { method, .. } if method == "initialize");
        if makes && (200..300).contains(&head.status) {
            let is_one = |id: &&str| !id.is_empty() && id.len() <= 1024 && id.bytes().all(|byte| byte > 0x20);
            self.session = session.filter(is_one).map(ToOwned::to_owned);
        }
    }

    pub(super) fn body(&mut self, exchange: ExchangeId, piece: &[u8], is_event: bool) {
        if let Some(carried) = self.carried.get_mut(&exchange).filter(|carried| carried.is_open) {
            carried.brought |= is_event;
            let room = 4096_usize.saturating_sub(carried.said.len());
            carried.said.extend_from_slice(piece.get(..room).unwrap_or(piece));
        }
    }

    pub(super) fn ended(&mut self, exchange: ExchangeId, failed: Option<(Stage, bool)>) {
        if let Some(carried) = self.carried.get_mut(&exchange).filter(|carried| carried.is_open) {
            carried.is_open = false;
            carried.failed = failed;
            if matches!(carried.kind, Kind::Stream { .. }) && carried.excuses() {
                self.excused += 1;
            }
        }
    }

    pub(super) fn dropped(&mut self, exchange: ExchangeId) {
        let carried = self.carried.get_mut(&exchange).expect("what is dropped was opened");
        assert!(carried.is_open, "{carried:?} is dropped");
        carried.is_open = false;
    }

    pub(super) fn asked(&mut self) {
        assert!(!self.asking, "credentials are asked for twice at once");
        assert_ne!(self.life, Life::Ended, "credentials are asked for and all is over");
        self.asking = true;
    }

    /// Returns whether credentials are asked for.
    pub(super) fn told(&mut self) -> bool {
        std::mem::take(&mut self.asking)
    }

    /// How far a request got that went out under these ids.
    pub(super) fn level(&self, wires: &[u64]) -> Level {
        let levels = wires.iter().flat_map(|wire| self.of_wire(*wire)).map(Carried::level);
        levels.max().unwrap_or(Level::NotSent)
    }

    /// No more is open at once than may be; `is_waited_for` says whether a request has not ended.
    pub(super) fn is_bounded(&self, is_waited_for: impl Fn(u64) -> bool) {
        let open = || self.carried.values().filter(|carried| carried.is_open);
        let calls = open().filter(|carried| match carried.kind {
            Kind::Request { wire, .. } => carried.kind.is_call() && is_waited_for(wire),
            _ => false,
        });
        let calls = calls.count();
        assert!(calls <= self.max_calls, "{calls} calls are open, {} may be", self.max_calls);
        let waits = |carried: &&Carried| carried.kind == Kind::Control && carried.head.is_none();
        let controls = open().filter(waits).count();
        assert!(controls <= CONTROLS, "{controls} last words are open");
        let questions = open().filter(|carried| carried.kind == Kind::Question).count();
        assert!(questions <= 2, "{questions} questions are open");
    }

    /// After a long time nothing is open but what listens, or opens.
    pub(super) fn only_listens(&self) {
        for carried in self.carried.values().filter(|carried| carried.is_open) {
            let may = match &carried.kind {
                Kind::Stream { .. } => carried.is_held(&self.carried),
                kind @ Kind::Request { method, .. } => kind.is_opening() || method == "subscriptions/listen",
                // Each has a minute of its own, one behind the other.
                Kind::Note => true,
                Kind::Question | Kind::Confirm | Kind::Control | Kind::End => false,
            };
            assert!(may, "{carried:?} is open, and nobody waits for it");
        }
    }

    /// A 404 that answers its request, with an error of the request's own, ends no session.
    pub(super) fn may_be_lost(&self, error: &HttpError) {
        if error.kind != HttpErrorKind::Expired || error.status != Some(404) {
            return;
        }
        let is_404 = |carried: &&Carried| carried.head.is_some_and(|head| head.status == 404);
        let is_lost = self.carried.values().filter(is_404).any(|carried| !carried.is_answered());
        assert!(is_lost, "lost by an answer: {error:?}");
    }

    /// Returns whether an opening has not heard a head.
    pub(super) fn is_opening(&self) -> bool {
        self.carried
            .values()
            .any(|carried| carried.is_open && carried.kind.is_opening() && carried.head.is_none())
    }

    pub(super) fn has_session(&self) -> bool {
        self.session.is_some()
    }

    pub(super) fn nothing_open(&self) {
        let open: Vec<_> = self.carried.values().filter(|carried| carried.is_open).collect();
        assert!(open.is_empty(), "left open: {open:?}");
    }
}
