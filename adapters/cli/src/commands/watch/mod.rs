//! `tenure watch` and `tenure log`: a session that stays, and all that is told of it.

mod news;

use std::io;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use futures_lite::{StreamExt as _, future};
use smol::channel::{Receiver, Sender};
use tenure::{Generation, Retry};
use tenure_mcp::proto::types::LogLevel;
use tenure_mcp::{Client, ServerEvent, Subscriptions};

use self::news::{News, Payload};
use crate::args::{LogArgs, SessionArgs, WatchArgs};
use crate::exit::{ANSWERED, Failed};
use crate::session::setup::Extra;
use crate::session::{self, Output};
use crate::{out, print};

/// The most lines that wait for a slow reader.
const MOST: usize = 1 << 14;

pub(crate) fn watch(args: &WatchArgs) -> Result<(), Failed> {
    let lists = Subscriptions::default().tools(true).prompts(true).resources(true);
    let subscriptions = args.subscribe.iter().fold(lists, Subscriptions::resource);
    stay(&args.session, args.attempts, Wanted { level: args.log_level, subscriptions, only_the_log: false })
}

pub(crate) fn log(args: &LogArgs) -> Result<(), Failed> {
    let subscriptions = Subscriptions::default();
    stay(&args.session, args.attempts, Wanted { level: Some(args.level), subscriptions, only_the_log: true })
}

/// What the server is asked to tell, and what of it is shown.
struct Wanted {
    level: Option<LogLevel>,
    subscriptions: Subscriptions,
    only_the_log: bool,
}

fn stay(args: &SessionArgs, attempts: NonZeroU32, wanted: Wanted) -> Result<(), Failed> {
    let (send, receive) = smol::channel::bounded(MOST);
    let paper = Paper { news: send, missed: Arc::default() };
    let events = paper.clone();
    let (ended, ends) = smol::channel::unbounded();
    let (refuse, refused) = smol::channel::unbounded();
    let only_the_log = wanted.only_the_log;
    let retry = Retry::default().attempts(attempts);
    let extra = Extra {
        listener: Some(Box::new(move |generation, event| {
            events.tell(generation.number(), Payload::Event(event.clone()));
            if matches!(event, ServerEvent::Disconnected { .. }) {
                let _ = ended.try_send(generation);
            }
            // Without the log there is nothing to be told of.
            if let (true, Some(why)) = (only_the_log, news::no_log(event)) {
                let _ = refuse.try_send(Failed::new(ANSWERED, why));
            }
        })),
        retry: Some(retry),
        subscriptions: wanted.subscriptions,
        log_level: wanted.level,
    };
    session::with_extra(args, extra, async |client: &Client| {
        let mut failed = None;
        let feeding = async {
            let refused = async {
                match refused.recv().await {
                    Ok(failed) => failed,
                    Err(_) => future::pending().await,
                }
            };
            let over = future::or(refused, keep(client, &retry, &ends));
            failed = Some(future::or(over, states(client, &paper)).await);
            paper.news.close();
            future::pending().await
        };
        let reader = Reader { json: args.json, only_the_log, missed: &paper.missed };
        future::or(reader.print(&receive), feeding).await?;
        failed.map_or_else(|| Ok(Output::default()), Err)
    })
}

/// Where news are told.
#[derive(Clone)]
struct Paper {
    news: Sender<News>,
    missed: Arc<AtomicU64>,
}

impl Paper {
    /// Never waits: who tells it is the session's driver.
    fn tell(&self, generation: u64, payload: Payload) {
        if self.news.try_send(News::now(generation, payload)).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Keeps the session wanted until that is hopeless: a server that is lost is started again, as the session's policy
/// says.
async fn keep(client: &Client, retry: &Retry, ends: &Receiver<Generation>) -> Failed {
    // Of connections that did not last: nobody waits when one is lost, so the session rejects nobody for them.
    let mut failed = 0;
    loop {
        let lease = match client.acquire().await {
            Ok(lease) => lease,
            Err(error) => return error.into(),
        };
        let begin = Instant::now();
        let revoked = lease.revoked().await;
        // How it ended is told a moment later.
        while ends.recv().await.is_ok_and(|ended| ended != lease.generation()) {}
        failed = if begin.elapsed() < retry.stable_after { failed + 1 } else { 0 };
        if failed >= retry.attempts.get() {
            return revoked.into();
        }
    }
}

async fn states(client: &Client, paper: &Paper) -> Failed {
    let mut states = client.states();
    while let Some(status) = states.next().await {
        paper.tell(status.generation().map_or(0, Generation::number), Payload::State(status));
    }
    future::pending().await
}

struct Reader<'a> {
    json: bool,
    only_the_log: bool,
    missed: &'a AtomicU64,
}

impl Reader<'_> {
    /// Prints what comes, until nothing will, or nobody reads it any more.
    async fn print(&self, receive: &Receiver<News>) -> Result<(), Failed> {
        while let Ok(news) = receive.recv().await {
            let generation = news.generation;
            let mut lines = self.shown(&news);
            let missed = self.missed.swap(0, Ordering::Relaxed);
            if missed > 0 {
                lines += &self.shown(&News::now(generation, Payload::Missed(missed)));
            }
            if lines.is_empty() {
                continue;
            }
            // A reader that is slow must not keep a signal from being heard.
            match smol::unblock(move || out::write(&lines)).await {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                written => print::printed(written)?,
            }
        }
        Ok(())
    }

    fn shown(&self, news: &News) -> String {
        match (self.only_the_log && !news.is_of_the_log(), self.json) {
            (true, _) => String::new(),
            (false, true) => news.json(),
            (false, false) => news.line(),
        }
    }
}
