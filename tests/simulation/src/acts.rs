//! What callers do, and how long they wait for it.

use std::future::Future;
use std::task::Poll;
use std::time::Duration;

use futures_lite::future;
use tenure::Mode;
use tenure_mcp::proto::types::LogLevel;

use crate::choices::Choices;
use crate::ground::Ground;
use crate::mood::Mood;

/// What a caller does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Acquire(Patience),
    Call(Ask, Patience),
    Wait(Duration),
    Release,
    TryAcquire,
    Pair(Ask, Ask),
    OneShot(Ask, Patience),
    Timeout(Option<Duration>),
    Close(Mode, Patience),
    Shutdown(Mode, Patience),
    Watch(u32, Patience),
    Revoked(Patience),
    Strengthen,
    Weaken,
    /// Wishes to hear of something, or no longer.
    Wish(u32),
    LogLevel(LogLevel),
}

/// What is asked of the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ask {
    Echo,
    Tool,
    /// With its progress, and perhaps so long without any.
    Watched(Option<Duration>),
    List,
    Ping,
}

/// When a caller gives something up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    Endless,
    /// It is dropped when it would be polled once more.
    Polls(u32),
    For(Duration),
}

/// All that a caller will do.
pub(crate) fn plan(choices: &mut Choices, mood: Mood) -> Vec<Act> {
    let mut acts = Vec::new();
    while acts.len() < 14 && choices.chance(85) {
        acts.push(act(choices, mood));
    }
    acts
}

fn act(choices: &mut Choices, mood: Mood) -> Act {
    let ends = u32::from(mood.closes);
    let tells = u32::from(mood.tells);
    let weights = [30, 48, 24, 12, 6, 12, 8, 3, 6 * ends, ends, 6, 6, 3, 2, 24 * tells, 4 * tells];
    let weights: Vec<_> = weights.into_iter().zip(0_u8..).collect();
    match choices.pick(&weights).unwrap_or(0) {
        0 => Act::Acquire(patience(choices, mood)),
        1 => Act::Call(ask(choices, mood), patience(choices, mood)),
        2 => Act::Wait(millis(choices, 4000)),
        3 => Act::Release,
        4 => Act::TryAcquire,
        5 => Act::Pair(ask(choices, mood), ask(choices, mood)),
        6 => Act::OneShot(ask(choices, mood), patience(choices, mood)),
        7 => Act::Timeout(choices.chance(70).then(|| millis(choices, 3000))),
        8 => Act::Close(mode(choices), patience(choices, mood)),
        9 => Act::Shutdown(mode(choices), patience(choices, mood)),
        10 => Act::Watch(choices.below(6), patience(choices, mood)),
        11 => Act::Revoked(patience(choices, mood)),
        12 => Act::Strengthen,
        13 => Act::Weaken,
        14 => Act::Wish(choices.below(6)),
        _ => Act::LogLevel(if choices.chance(50) { LogLevel::Error } else { LogLevel::Debug }),
    }
}

fn millis(choices: &mut Choices, most: u32) -> Duration {
    Duration::from_millis(choices.below(most).into())
}

pub(crate) fn mode(choices: &mut Choices) -> Mode {
    choices.pick(&[(2, Mode::Graceful), (2, Mode::Force), (1, Mode::Abort)]).unwrap_or(Mode::Graceful)
}

fn ask(choices: &mut Choices, mood: Mood) -> Ask {
    let watched = (if mood.tells { 10 } else { 2 }, Ask::Watched(None));
    let asks = [(4, Ask::Echo), (2, Ask::Tool), watched, (1, Ask::List), (1, Ask::Ping)];
    match choices.pick(&asks).unwrap_or(Ask::Echo) {
        Ask::Watched(_) => Ask::Watched(choices.chance(40).then(|| millis(choices, 4000))),
        ask => ask,
    }
}

fn patience(choices: &mut Choices, mood: Mood) -> Patience {
    if !mood.impatient {
        return Patience::Endless;
    }
    match choices.pick(&[(3, 0_u8), (1, 1), (1, 2)]) {
        Some(1) => Patience::Polls(1 + choices.below(2)),
        Some(2) => Patience::For(millis(choices, 3000)),
        _ => Patience::Endless,
    }
}

/// `work`, unless patience runs out first.
pub(crate) async fn patiently<T>(
    ground: &Ground,
    patience: Patience,
    work: impl Future<Output = T>,
) -> Option<T> {
    match patience {
        Patience::Endless => Some(work.await),
        Patience::Polls(most) => {
            let mut work = Some(Box::pin(work));
            let mut polls = 0;
            std::future::poll_fn(move |cx| {
                if polls == most {
                    work = None;
                    return Poll::Ready(None);
                }
                polls += 1;
                work.as_mut().map_or(Poll::Ready(None), |work| work.as_mut().poll(cx).map(Some))
            })
            .await
        }
        // Time is looked at first: what comes at that very moment is given up too.
        Patience::For(time) => {
            let over = async {
                ground.sleep(time).await;
                None
            };
            future::or(over, async { Some(work.await) }).await
        }
    }
}
