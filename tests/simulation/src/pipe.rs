//! One direction of a connection, and what can go wrong with bytes.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_lite::{AsyncRead, AsyncWrite};
use tenure::Time;

use crate::clock::Sleep;
use crate::ground::Ground;
use crate::held::{Held, Thing, Token};
use crate::tally::Seen;
use crate::timeline::Who;

/// A pipe of `generation`: its two ends.
pub(crate) fn pipe(ground: &Arc<Ground>, generation: u64, name: &'static str) -> (Reader, Writer) {
    let mood = ground.mood;
    let stall = ground.fault(mood.stalls, 25).then(|| {
        let time = if ground.chance(50) { None } else { Some(ground.up_to(8000)) };
        (ground.below(600), time)
    });
    let pipe = Pipe {
        generation,
        name,
        chunks: VecDeque::new(),
        held: 0,
        passed: 0,
        capacity: ground.pick(mood.narrow, &[(2, 65_536), (1, 300), (1, 40)]),
        latency: if ground.fault(mood.delays, 60) { Some(ground.up_to(400)) } else { None },
        stall,
        cut: ground.fault(mood.cuts, 30).then(|| ground.below(900)),
        corrupts: ground.fault(mood.corrupts, 50),
        arrives: Time::ZERO,
        no_writer: false,
        no_reader: false,
        waiting: Vec::new(),
    };
    let pipe = Arc::new(Held::new(pipe));
    let end = || End { ground: ground.clone(), pipe: pipe.clone(), _token: ground.token(Thing::PipeEnd) };
    (Reader { end: end(), sleep: None }, Writer { end: end() })
}

struct Pipe {
    generation: u64,
    name: &'static str,
    /// With the time at which each arrives.
    chunks: VecDeque<(Time, VecDeque<u8>)>,
    held: usize,
    /// How many bytes were written in all.
    passed: usize,
    capacity: usize,
    latency: Option<Duration>,
    /// After so many bytes nothing arrives for a time, or for good.
    stall: Option<(usize, Option<Duration>)>,
    /// After so many bytes it breaks.
    cut: Option<usize>,
    corrupts: bool,
    arrives: Time,
    no_writer: bool,
    no_reader: bool,
    waiting: Vec<Waker>,
}

struct End {
    ground: Arc<Ground>,
    pipe: Arc<Held<Pipe>>,
    _token: Token,
}

pub(crate) struct Reader {
    end: End,
    sleep: Option<Pin<Box<Sleep>>>,
}

pub(crate) struct Writer {
    end: End,
}

impl End {
    /// Changes the pipe and wakes who waits for a change.
    fn change<T>(&self, act: impl FnOnce(&mut Pipe) -> T) -> T {
        let (result, wakers) = self.pipe.with(|pipe| (act(pipe), std::mem::take(&mut pipe.waiting)));
        wakers.into_iter().for_each(Waker::wake);
        result
    }

    /// So much of `length` goes at once.
    fn share(&self, length: usize) -> usize {
        if length > 1 && self.ground.fault(self.ground.mood.splits, 40) {
            self.ground.saw(Seen::Split);
            return length.saturating_sub(self.ground.below(length)).max(1);
        }
        length
    }

    fn hiccup(&self) -> bool {
        let hiccup = self.ground.fault(self.ground.mood.hiccups, 4);
        if hiccup {
            self.ground.saw(Seen::Hiccup);
        }
        hiccup
    }
}

impl Pipe {
    fn park(&mut self, cx: &Context<'_>) {
        if !self.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.waiting.push(cx.waker().clone());
        }
    }

    /// Both ends are told that it is broken; what is in it is lost.
    fn break_if_due(&mut self, ground: &Ground) {
        if self.cut.is_some_and(|cut| self.passed >= cut) {
            self.cut = None;
            self.no_writer = true;
            self.no_reader = true;
            self.chunks.clear();
            self.held = 0;
            ground.saw(Seen::Cut);
            ground.say(Who::Pipe(self.generation), || format!("{} is cut", self.name));
        }
    }

    fn push(&mut self, mut bytes: Vec<u8>, ground: &Ground) {
        self.passed = self.passed.saturating_add(bytes.len());
        if ground.fault(self.corrupts, 6) {
            self.corrupt(&mut bytes, ground);
        }
        let now = ground.clock.now();
        let mut arrives = now.max(self.arrives);
        if let Some(latency) = self.latency {
            ground.saw(Seen::Delayed);
            arrives = arrives.max(now.saturating_add(latency));
        }
        if let Some((_, time)) = self.stall.take_if(|(after, _)| self.passed >= *after) {
            ground.saw(Seen::Stalled);
            ground.say(Who::Pipe(self.generation), || match time {
                Some(time) => format!("{} stalls for {time:?}", self.name),
                None => format!("{} stalls for good", self.name),
            });
            arrives = time.map_or(Time::MAX, |time| now.saturating_add(time));
        }
        self.arrives = arrives;
        self.held = self.held.saturating_add(bytes.len());
        self.chunks.push_back((arrives, bytes.into()));
    }

    fn corrupt(&self, bytes: &mut Vec<u8>, ground: &Ground) {
        ground.saw(Seen::Corrupted);
        ground.marks.with(|marks| marks.corrupted.insert(self.generation));
        let at = ground.below(bytes.len());
        let how = match ground.below(4) {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << ground.below(8);
                }
                "flips a bit of"
            }
            1 => {
                bytes.truncate(at);
                "loses the rest of"
            }
            2 => {
                bytes.insert(at, b'\n');
                "breaks the line in"
            }
            _ => {
                bytes.extend_from_within(..at);
                "repeats some of"
            }
        };
        ground.say(Who::Pipe(self.generation), || format!("{} {how} what it carries", self.name));
    }

    /// What has arrived, or when the next does.
    fn take(&mut self, now: Time, buffer: &mut [u8]) -> Result<usize, Option<Time>> {
        // A corrupted chunk may have nothing left.
        while self.chunks.front().is_some_and(|(_, bytes)| bytes.is_empty()) {
            self.chunks.pop_front();
        }
        match self.chunks.front_mut() {
            Some((arrives, bytes)) if *arrives <= now => {
                let length = io::Read::read(bytes, buffer).unwrap_or(0);
                self.held = self.held.saturating_sub(length);
                Ok(length)
            }
            Some((arrives, _)) => Err(Some(*arrives)),
            None if self.no_writer => Ok(0),
            None => Err(None),
        }
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let ground = this.end.ground.clone();
        if this.end.hiccup() {
            return Poll::Ready(Err(io::ErrorKind::Interrupted.into()));
        }
        let most = if ground.mood.splits { buffer.len().min(64) } else { buffer.len() };
        let share = this.end.share(most);
        let part = buffer.get_mut(..share).unwrap_or_default();
        let now = ground.clock.now();
        match this.end.pipe.with(|pipe| pipe.take(now, part)) {
            Ok(length) => {
                this.sleep = None;
                this.end.change(|_| ());
                Poll::Ready(Ok(length))
            }
            Err(arrives) => {
                this.end.pipe.with(|pipe| pipe.park(cx));
                this.sleep = arrives.map(|arrives| Box::pin(ground.clock.sleep_until(arrives)));
                if let Some(sleep) = &mut this.sleep {
                    let _ = sleep.as_mut().poll(cx);
                }
                Poll::Pending
            }
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.end.change(|pipe| pipe.no_reader = true);
    }
}

impl AsyncWrite for Writer {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let ground = &self.end.ground;
        if self.end.hiccup() {
            return Poll::Ready(Err(io::ErrorKind::Interrupted.into()));
        }
        let room = self.end.pipe.with(|pipe| {
            (!pipe.no_reader && !pipe.no_writer).then(|| pipe.capacity.saturating_sub(pipe.held))
        });
        let Some(room) = room else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        if room == 0 {
            ground.saw(Seen::Backpressure);
            self.end.pipe.with(|pipe| pipe.park(cx));
            return Poll::Pending;
        }
        let length = self.end.share(bytes.len().min(room));
        let part = bytes.get(..length).unwrap_or_default().to_vec();
        self.end.change(|pipe| {
            pipe.push(part, ground);
            pipe.break_if_due(ground);
        });
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.end.change(|pipe| pipe.no_writer = true);
        Poll::Ready(Ok(()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end.change(|pipe| pipe.no_writer = true);
    }
}
