//! One world from its first choice to the verdict.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_lite::Stream;
use tenure::{Action, Config, Generation, Input, Mode, Reply, Status, Step};
use tenure_driver::TraceEvent;
use tenure_mcp::{Client, McpDriver, Options, ServerEvent, States, WeakClient};

use crate::acts::{self, Act};
use crate::callers::Caller;
use crate::carrier::Carrier;
use crate::choices::Choices;
use crate::clock::VirtualTimer;
use crate::executor::{Executor, text_of};
use crate::failure::{Failure, Kind};
use crate::ground::Ground;
use crate::handlers::User;
use crate::held::{Held, Thing};
use crate::limits::Limits;
use crate::mood::{self, Mood};
use crate::steward::{Ending, drive, steward};
use crate::tally::{Seen, Tally};
use crate::tells::LIE;
use crate::timeline::{Entry, Who, machine};
use crate::transport::{SimTransport, planned_panic};
use crate::verdict::{judge_end, judge_lives, judge_trace};
use crate::web::{self, Site, WebTransport};

/// How a run is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// What carries the messages.
    pub carrier: Carrier,
    /// Whether what happens is written down, for a timeline.
    pub record: bool,
    /// A further claim about what was seen; why it doesn't hold. For trying the shrinker.
    pub claim: Option<fn(&Tally) -> Option<String>>,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// What doesn't hold, if anything.
    pub failure: Option<Failure>,
    /// All choices: the tape makes the same run again.
    pub tape: Vec<u32>,
    /// What happened, if it was written down.
    pub entries: Vec<Entry>,
    /// The machine's trace, as lines.
    pub trace: String,
    /// What was seen, counted.
    pub tally: Tally,
    /// How many polls it took.
    pub polls: u64,
}

/// Runs one world.
pub fn run(choices: Choices, rules: &Rules) -> Report {
    let world = World::draw(choices, rules);
    let ground = world.ground.clone();
    let ran = catch_unwind(AssertUnwindSafe(|| world.run()));
    let (polls, trace) = ran.unwrap_or_else(|panic| {
        ground.fail(Kind::Panic, || format!("the world: {}", text_of(&*panic)));
        (0, String::new())
    });
    let (failure, tally, entries, tape) = ground.results();
    let claim = || {
        let detail = rules.claim.and_then(|claim| claim(&tally))?;
        Some(Failure { kind: Kind::Claim, detail })
    };
    Report { failure: failure.or_else(claim), tape, entries, trace, tally, polls }
}

type Events = Arc<Held<Vec<TraceEvent>>>;

struct World {
    ground: Arc<Ground>,
    config: Config,
    events: Events,
    executor: Executor,
    watch: Watch,
    site: Arc<Site>,
}

/// Sees the state without keeping the session open.
struct Watch {
    states: States,
    last: Option<Status>,
}

impl World {
    fn draw(mut choices: Choices, rules: &Rules) -> Self {
        let mut mood = Mood::draw(&mut choices);
        if rules.carrier == Carrier::Http {
            mood = mood.over_http(&mut choices);
        }
        let callers = draw_callers(&mut choices, mood);
        let ending = Ending::draw(&mut choices, mood);
        let config = mood::config(&mut choices);
        let protocol = mood::protocol(&mut choices, mood);
        let call_timeout = choices
            .pick(&[(3, Some(60_000)), (2, Some(2000)), (1, Some(100)), (2, None)])
            .flatten()
            .map(Duration::from_millis);
        let limits = Limits::of(&config, protocol.rounds, protocol.roomy);
        let ground = Ground::new(choices, mood, limits, rules.record);
        ground.say(Who::World, || mood.to_string());
        ground.say(Who::World, || format!("{config:?}"));
        let events = Events::default();
        let meddler = Arc::new(Held::new(None));
        let mut options = Options::new()
            .session(|_| config.clone())
            .protocol(|_| protocol.options)
            .call_timeout(call_timeout)
            .trace(sink(&ground, &events))
            .on_event(handler(&ground, &meddler));
        if mood.asks {
            options = options.handlers(User::new(&ground, &meddler));
        }
        let token = ground.token(Thing::Timer);
        let timer = VirtualTimer { clock: ground.clock.clone(), early: mood.early, _token: token };
        let site = Site::new(&ground);
        let (client, driver) = match mood.web {
            None => tenure_mcp::connect(options, SimTransport::new(&ground), timer),
            Some(web) => {
                let transport = WebTransport::new(&ground, site.clone(), web, timer.clone());
                tenure_mcp::connect(options, transport, timer)
            }
        };
        meddler.with(|meddler| *meddler = Some(client.downgrade()));
        let watch = Watch { states: client.states(), last: None };
        populate(&ground, client, driver, callers, ending, call_timeout);
        Self { ground, config, events, executor: Executor::default(), watch, site }
    }

    fn run(self) -> (u64, String) {
        let Self { ground, config, events, mut executor, mut watch, site } = self;
        executor.run(&ground, &mut || watch.count(&ground));
        judge_end(&ground, executor.left());
        ground.doom.set();
        executor.run(&ground, &mut || ());
        let left: Vec<String> = executor.left().map(|who| who.to_string()).collect();
        if !left.is_empty() {
            ground.fail(Kind::Hang, || format!("even at the end of the world: {}", left.join(", ")));
        }
        let polls = executor.polls;
        ground.driver_dropped.forget();
        let wakers = executor.end();
        drop(watch);
        let events = events.with(std::mem::take);
        let trace = if ground.has_failed() && !ground.is_recorded() {
            String::new()
        } else {
            judge_lives(&ground, &events);
            web::judge(&ground, &site, &events);
            judge_trace(&ground, &config, &events)
        };
        let things = ground.census.left();
        if wakers > 0 || !things.is_empty() {
            ground.fail(Kind::Leak, || format!("{wakers} wakers, {things:?}"));
        }
        (polls, trace)
    }
}

fn draw_callers(choices: &mut Choices, mood: Mood) -> Vec<Vec<Act>> {
    let mut callers = vec![acts::plan(choices, mood)];
    while callers.len() < 7 && choices.chance(70) {
        callers.push(acts::plan(choices, mood));
    }
    callers
}

fn populate(
    ground: &Arc<Ground>,
    client: Client,
    driver: McpDriver<VirtualTimer>,
    callers: Vec<Vec<Act>>,
    ending: Ending,
    call_timeout: Option<Duration>,
) {
    ground.spawn(Who::Driver, drive(ground.clone(), driver));
    for (number, acts) in (1..).zip(callers) {
        let caller = Caller::new(ground, number, client.clone(), call_timeout);
        ground.spawn(Who::Caller(number), caller.live(acts));
    }
    ground.spawn(Who::Steward, steward(ground.clone(), client, ending));
}

fn sink(ground: &Arc<Ground>, events: &Events) -> impl FnMut(&TraceEvent) + Send + 'static {
    let (ground, events, token) = (ground.clone(), events.clone(), ground.token(Thing::TraceSink));
    move |event| {
        let _ = &token;
        ground.say_at(event.time, Who::Machine, || machine(&event.input, &event.output));
        if let Input::RunnerRetiring { generation, .. } = event.input {
            // Also where the session is on its way out already: its calls end by that all the same.
            ground.marks.with(|marks| marks.retired.insert(generation.number()));
            if event.output.reply == Reply::Applied {
                ground.saw(Seen::Retired);
            }
        }
        if let (Input::RunnerReady { generation, .. }, Reply::Applied) = (&event.input, &event.output.reply) {
            let now = ground.clock.awake();
            ground.books.with(|books| books.live.insert(generation.number(), now));
        }
        for action in &event.output.actions {
            if let Action::Revoke { generation, .. } = action {
                let now = ground.clock.awake();
                ground.marks.with(|marks| marks.revoked.insert(generation.number(), now));
            }
        }
        events.with(|events| events.push(event.clone()));
    }
}

/// Somebody who hears what the server says, and sometimes meddles from right there.
fn handler(
    ground: &Arc<Ground>,
    client: &Arc<Held<Option<WeakClient>>>,
) -> impl Fn(Generation, &ServerEvent) + Send + Sync + 'static {
    let (ground, client, token) = (ground.clone(), client.clone(), ground.token(Thing::EventHandler));
    move |generation, event| {
        let _ = &token;
        let who = Who::Server(generation.number());
        ground.say(who, || format!("is heard: {}", name(event)));
        let corrupted = ground.marks.with(|marks| marks.corrupted.contains(&generation.number()));
        if let ServerEvent::Notification { params: Some(params), .. } = event
            && params.get().contains(LIE)
            && !corrupted
        {
            ground.fail(Kind::WrongAnswer, || format!("{who} lied, and was believed: {params}"));
        }
        if !ground.fault(ground.mood.meddles, 40) {
            return;
        }
        let Some(client) = client.with(|client| client.clone()).and_then(|weak| weak.upgrade()) else {
            return;
        };
        ground.saw(Seen::Meddled);
        match ground.below(6) {
            0 => drop(client.try_acquire()),
            1 => drop(client.close(Mode::Graceful)),
            2 => drop(client.close(Mode::Force)),
            3 => drop(client.acquire()),
            4 => drop(client.state()),
            _ => {
                drop(client);
                ground.saw(Seen::PanickedHandler);
                planned_panic(&ground, generation.number());
            }
        }
    }
}

const fn name(event: &ServerEvent) -> &'static str {
    match event {
        ServerEvent::Connected { .. } => "connected",
        ServerEvent::Disconnected { .. } => "disconnected",
        ServerEvent::Notification { .. } => "a notification",
        ServerEvent::ProtocolError(_) => "a protocol error",
        ServerEvent::Dropped(_) => "something was dropped",
        _ => "something else",
    }
}

impl Watch {
    /// While nobody is ready, the machine counts just the leases that callers hold.
    fn count(&mut self, ground: &Ground) {
        let mut context = Context::from_waker(Waker::noop());
        while let Poll::Ready(Some(status)) = Pin::new(&mut self.states).poll_next(&mut context) {
            self.last = Some(status);
        }
        no_handler_is_late(ground);
        let Some(
            Status::Live { generation, held: counted }
            | Status::Draining { generation, step: Step::Finish, held: counted, .. },
        ) = self.last
        else {
            return;
        };
        let (held, one_shots) = ground.marks.with(|marks| {
            let one_shots = marks.open.values().filter(|(_, what)| what.ends_with("of its own")).count();
            (marks.held.get(&generation.number()).copied().unwrap_or(0), one_shots as u64)
        });
        if counted < held || counted > held.saturating_add(one_shots) {
            ground.fail(Kind::Miscounted, || {
                format!("{counted} leases of {generation} are counted, callers hold {held} (and {one_shots} calls)")
            });
        }
    }
}

/// While nobody is ready, the handlers of what is over are over too.
fn no_handler_is_late(ground: &Ground) {
    let at_work = ground.books.with(|books| books.at_work.clone());
    let late = ground.marks.with(|marks| {
        let is_late =
            |(generation, count): &(&u64, &u64)| **count > 0 && marks.revoked.contains_key(generation);
        at_work.iter().find(is_late).map(|(generation, _)| *generation)
    });
    if let Some(generation) = late {
        ground.fail(Kind::NotOver, || format!("a handler works for generation {generation}, which is over"));
    }
}
