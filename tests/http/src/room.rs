//! All that the server's threads and the test share: one lock, and whoever waits is woken at each change.

use std::collections::{BTreeSet, VecDeque};
use std::future::poll_fn;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use crate::gate::Gate;
use crate::journal::{Journal, Request};
use crate::matching::Matching;
use crate::play::Play;
use crate::reply::Reply;

/// Nothing here waits longer than that.
pub(crate) const LIFE: Duration = Duration::from_secs(60);

pub(crate) struct Room {
    pub(crate) address: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

pub(crate) struct State {
    /// The server is being dropped.
    pub(crate) is_over: bool,
    pub(crate) journal: Journal,
    pub(crate) scripted: Vec<Scripted>,
    /// What is answered to the next request that has a large body, before that was read.
    pub(crate) early: Option<Reply>,
    pub(crate) play: Play,
    pub(crate) connections: Vec<Connection>,
    open_gates: BTreeSet<u64>,
    gates: u64,
    wakers: Vec<Waker>,
}

/// What a test says about the next requests of a kind.
pub(crate) struct Scripted {
    pub(crate) of: Matching,
    /// How many more; `None`: all.
    pub(crate) times: Option<u64>,
    pub(crate) reply: Reply,
}

pub(crate) struct Connection {
    /// For the end of the server: with it a read or a write that blocks ends. `None` once the server has ended it.
    pub(crate) socket: Option<TcpStream>,
    /// Whole requests that wait for their turn, and what is answered.
    pub(crate) inbox: VecDeque<(Request, Reply)>,
    /// Nothing more comes.
    pub(crate) is_closed: bool,
}

impl Room {
    pub(crate) fn new(address: SocketAddr, play: Play) -> Self {
        let state = State {
            is_over: false,
            journal: Journal::default(),
            scripted: Vec::new(),
            early: None,
            play,
            connections: Vec::new(),
            open_gates: BTreeSet::new(),
            gates: 0,
            wakers: Vec::new(),
        };
        Self { address, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Looks without changing anything.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (changed, wakers) = {
            let mut state = self.lock();
            let changed = change(&mut state);
            (changed, std::mem::take(&mut state.wakers))
        };
        self.changed.notify_all();
        wakers.into_iter().for_each(Waker::wake);
        changed
    }

    /// Waits until there is something; `None` if the server is over, or nothing ever came.
    pub(crate) fn wait<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
        let until = Instant::now() + LIFE;
        let mut state = self.lock();
        loop {
            if state.is_over {
                return None;
            }
            if let Some(found) = look(&mut state) {
                return Some(found);
            }
            let left = until.checked_duration_since(Instant::now())?;
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// As [`wait`](Self::wait), for futures.
    pub(crate) async fn until<T>(&self, mut look: impl FnMut(&State) -> Option<T>) -> T {
        poll_fn(|cx| {
            let mut state = self.lock();
            if let Some(found) = look(&state) {
                return Poll::Ready(found);
            }
            state.wakers.push(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Returns whether the client has left this connection.
    pub(crate) fn is_closed(&self, connection: usize) -> bool {
        self.connections.get(connection).is_none_or(|it| it.is_closed)
    }

    pub(crate) fn is_open(&self, gate: &Gate) -> bool {
        self.open_gates.contains(&gate.number())
    }

    pub(crate) fn new_gate(&mut self) -> u64 {
        self.gates += 1;
        self.gates
    }

    pub(crate) fn open(&mut self, gate: u64) {
        self.open_gates.insert(gate);
    }
}
