//! What happened in a world, counted: a simulation that grew dull would be noticed.

use std::fmt;

use crate::carrier::Carrier;

macro_rules! seen {
    ($($name:ident $text:literal $least:literal,)+) => {
        /// Something worth counting.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Seen {
            $(#[doc = $text] $name,)+
        }

        impl Seen {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What it is, in words.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// How often it happens at least in the seeds that the tests run.
            pub const fn least(self) -> u64 {
                match self { $(Self::$name => $least,)+ }
            }
        }
    };
}

seen! {
    Generation "generations started" 3000,
    ManyGenerations "runs with more than three generations" 100,
    Live "generations that were live" 2000,
    ConnectFailed "connects that failed" 300,
    ConnectTimeout "connects that took too long" 100,
    NobodyWaiting "connects that nobody waited for any more" 50,
    Backoff "connects that a backoff held back" 100,
    GaveUp "callers rejected after the last attempt" 100,
    Finish "drains that began with leases held" 100,
    Stop "runners told to stop" 500,
    Abort "runners told to hurry" 200,
    Discard "runners given up" 100,
    Orphan "orphans" 50,
    OrphanEnded "orphans that ended" 10,
    AtOrphanCap "callers refused or rejected for orphans" 10,
    Lost "live sessions lost" 200,
    Retired "live sessions whose server said nothing more and lived" 20,
    KeepAliveOver "sessions ended for want of callers" 300,
    MaxAge "sessions that grew too old" 50,
    ProbeSent "probes sent" 500,
    ProbeAnswered "probes answered" 300,
    ProbeDeath "sessions ended by a probe without answer" 30,
    AcquireTimeout "callers who waited too long" 50,
    QueueFull "callers refused for a full queue" 50,
    RefusedShutdown "callers refused after shutdown" 100,
    ClosedWaiting "waiting callers rejected by a close" 50,
    StaleRelease "leases given back after their revoke" 100,
    StaleRunner "words of a runner that was over" 10,
    Escalated "closes that met a weaker one, or callers" 30,
    LeaseGiven "leases received" 3000,
    QuitWaiting "acquires given up while waiting" 200,
    QuitGranted "acquires given up when the lease was there" 20,
    CallOk "calls answered" 1500,
    CallServerError "calls answered with an error" 50,
    CallTimedOut "calls that took too long" 100,
    CallQuit "calls given up" 60,
    CallRevoked "calls in flight ended by a revoke" 200,
    CallOnRevoked "calls on a lease that was revoked before" 50,
    CallTooLarge "answers too large" 4,
    CallProtocol "answers that break the protocol" 20,
    CallNotSent "calls not sent" 20,
    Split "writes and reads cut short" 2000,
    Delayed "chunks delayed" 1000,
    Stalled "pipes stalled" 50,
    Cut "pipes cut" 50,
    Corrupted "chunks corrupted" 100,
    Hiccup "interrupted reads and writes" 100,
    Backpressure "writes that waited for room" 100,
    OpenFailed "transports that failed to open" 50,
    OpenPanicked "transports that panicked" 20,
    OpenNever "transports that never opened" 20,
    BadHandshake "handshakes gone wrong" 100,
    Asked "servers asked for their era" 500,
    Modern "modern servers that were live" 100,
    Replaced "servers of an era that took another's place" 50,
    Reopened "servers started again that ended when they were asked for their era" 20,
    OddAnswer "answers that were odd" 300,
    NoAnswer "requests never answered" 100,
    ServerSpoke "words of the server's own" 300,
    ServerAsked "requests of servers" 200,
    AskedInCall "requests of servers during a call" 50,
    AskedTwice "requests of servers with an id that was taken" 20,
    AskedMany "requests of servers among too many at once" 20,
    AskCancelled "requests that servers cancelled" 20,
    AskAnswered "answers to requests of servers" 100,
    InputWanted "calls answered with a wish for input" 50,
    StateAlone "wishes for nothing but the same call again" 8,
    WantedBadly "wishes for input that can't be met" 10,
    WantedAgain "calls for which input was wanted once more" 10,
    CameAgain "calls that came again with input" 20,
    HandlerBegun "handlers begun" 100,
    HandlerSlow "handlers that were slow" 20,
    HandlerNever "handlers that never ended" 10,
    HandlerRefused "handlers that refused" 10,
    HandlerPanicked "handlers that panicked" 10,
    HandlerCalled "handlers that called their server" 10,
    HandlerClosed "handlers that closed their session" 5,
    CallStood "calls that waited for a handler" 5,
    ProgressSaid "reports of progress" 50,
    ProgressTold "reports of progress that reached their callers" 40,
    ProgressOdd "reports of progress that are nobody's" 10,
    ProgressEarlier "reports of progress with the token of a round before" 1,
    ChangeSaid "changes that servers told of" 50,
    LieSaid "changes of what nobody subscribed to" 5,
    Wished "wishes to hear of changes" 50,
    WishHeard "requests of servers to tell of changes" 50,
    ListenOdd "such requests that were not met" 20,
    ListenEnded "servers that told no more" 5,
    WishesHeard "servers that heard just what was wished" 20,
    ServerDied "servers that died" 200,
    HalfLine "servers that died in mid-line" 20,
    IgnoredEnd "servers that ignored the end of their input" 50,
    IgnoredHurry "servers that ignored being told to hurry" 20,
    Lingered "servers whose end took long to confirm" 30,
    Meddled "closes and acquires from within an event handler" 50,
    PanickedHandler "event handlers that panicked" 10,
    WeakUpgrade "weak clients that became strong" 50,
    LastClient "sessions shut down by their last client" 50,
    DriverDropped "drivers dropped" 50,
    DroppedWaiting "callers who waited when the driver was dropped" 5,
    Watched "states seen by watchers" 300,
    Overslept "times that the machine overslept" 100,
    SpuriousPoll "polls that nobody asked for" 300,
    Exchange "exchanges over HTTP" 4000,
    WayBroke "exchanges that broke before the head" 50,
    WaySilent "heads that never came" 30,
    Proxy "answers of proxies" 30,
    Diverted "requests sent elsewhere" 20,
    StreamDropped "streams that dropped" 50,
    CallDropped "calls whose streams dropped" 50,
    TakenUp "streams taken up again" 30,
    Unknown "requests to a session that the server had forgotten" 20,
    Deleted "sessions that clients ended" 50,
    Done "calls that the far side did" 500,
    Undone "calls said to be undone" 50,
    CallBroken "calls without an answer over HTTP" 50,
}

/// How often each was seen.
#[derive(Clone, Debug)]
pub struct Tally([u64; Seen::ALL.len()]);

impl Default for Tally {
    fn default() -> Self {
        Self([0; Seen::ALL.len()])
    }
}

impl Tally {
    /// How often it was seen.
    pub fn of(&self, seen: Seen) -> u64 {
        self.0.get(seen as usize).copied().unwrap_or(0)
    }

    /// Everything that was seen in `other` too.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    /// What was seen less often than the tests want, in as many seeds as they run.
    pub fn dull(&self, carrier: Carrier) -> Vec<Seen> {
        let of_http = |seen: &Seen| *seen as usize >= Seen::Exchange as usize;
        let concerns = |seen: &Seen| of_http(seen) == (carrier == Carrier::Http);
        let seldom = |seen: &Seen| concerns(seen) && self.of(*seen) < seen.least();
        Seen::ALL.iter().copied().filter(seldom).collect()
    }

    pub(crate) fn add(&mut self, seen: Seen, times: u64) {
        if let Some(count) = self.0.get_mut(seen as usize) {
            *count = count.saturating_add(times);
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Seen::ALL.iter().try_for_each(|seen| writeln!(f, "{:>12}  {}", self.of(*seen), seen.text()))
    }
}
