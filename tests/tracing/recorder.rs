//! A subscriber that keeps all spans and events of tenure.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Instant;

use tenure_bounds::BOUND;
use tracing::dispatcher::DefaultGuard;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(BTreeMap<&'static str, String>);

impl Fields {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) name: &'static str,
    pub(crate) fields: Fields,
    /// The place of its parent.
    pub(crate) parent: Option<usize>,
    handles: usize,
}

impl Span {
    pub(crate) fn is_open(&self) -> bool {
        self.handles > 0
    }
}

#[derive(Clone, Debug)]
pub(crate) struct RecordedEvent {
    pub(crate) target: &'static str,
    pub(crate) level: Level,
    pub(crate) fields: Fields,
    /// The place of the span that it is in.
    pub(crate) span: Option<usize>,
}

impl RecordedEvent {
    pub(crate) fn message(&self) -> &str {
        self.fields.get("message")
    }
}

#[derive(Debug, Default)]
struct Records {
    spans: Vec<Span>,
    events: Vec<RecordedEvent>,
    /// The spans that each thread is in.
    inside: HashMap<ThreadId, Vec<usize>>,
}

impl Records {
    fn current(&mut self) -> &mut Vec<usize> {
        self.inside.entry(std::thread::current().id()).or_default()
    }

    fn parent(&mut self, explicit: Option<&Id>, is_contextual: bool) -> Option<usize> {
        match explicit {
            Some(id) => Some(place(id)),
            None if is_contextual => self.current().last().copied(),
            None => None,
        }
    }

    fn span(&mut self, id: &Id) -> &mut Span {
        let place = place(id);
        &mut self.spans[place]
    }
}

fn place(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

pub(crate) struct Listening {
    _guard: DefaultGuard,
    _alone: MutexGuard<'static, ()>,
}

/// Copies share what they have heard.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    records: Arc<Mutex<Records>>,
    most: Level,
}

impl Recorder {
    pub(crate) fn up_to(most: Level) -> Self {
        Self { records: Arc::default(), most }
    }

    pub(crate) fn dispatch(&self) -> Dispatch {
        Dispatch::new(self.clone())
    }

    /// It hears what happens on this thread, as long as what is returned is kept. One at a time: the level up to which
    /// anybody listens is that of a whole program.
    pub(crate) fn listen(&self) -> Listening {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let guard = tracing::dispatcher::set_default(&self.dispatch());
        // Threads of the one before may have gone this very moment.
        let until = Instant::now() + BOUND;
        while LevelFilter::current() != self.most && Instant::now() < until {
            std::thread::yield_now();
            tracing::callsite::rebuild_interest_cache();
        }
        Listening { _guard: guard, _alone: alone }
    }

    fn lock(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap()
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.lock().spans.clone()
    }

    /// The span of a generation, of the one session that there is.
    #[track_caller]
    pub(crate) fn generation(&self, number: u64) -> Span {
        let spans = self.spans();
        let is =
            |span: &&Span| span.name == "generation" && span.fields.get("generation") == number.to_string();
        let found: Vec<_> = spans.iter().filter(is).collect();
        assert_eq!(found.len(), 1, "spans of generation {number}: {spans:?}");
        found[0].clone()
    }

    pub(crate) fn events(&self) -> Vec<RecordedEvent> {
        self.lock().events.clone()
    }

    /// The messages of a level, each with the generation of its span: `1 live`.
    pub(crate) fn messages(&self, level: Level) -> Vec<String> {
        let (spans, told) = (self.spans(), self.events());
        let of = |told: &RecordedEvent| {
            let generation = told.span.map(|span| spans[span].fields.get("generation").to_owned());
            format!("{} {}", generation.unwrap_or_else(|| "-".to_owned()), told.message())
        };
        told.iter().filter(|told| told.level == level).map(of).collect()
    }

    /// The first event with this message.
    #[track_caller]
    pub(crate) fn event(&self, message: &str) -> RecordedEvent {
        let told = self.events();
        let found = told.iter().find(|told| told.message() == message);
        found.unwrap_or_else(|| panic!("nothing was told of {message}: {told:#?}")).clone()
    }

    /// All that was told.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let _ = write!(text, "{:?}", self.lock());
        text
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.most
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.most.into())
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        let mut records = self.lock();
        let parent = records.parent(span.parent(), span.is_contextual());
        records.spans.push(Span { name: span.metadata().name(), fields, parent, handles: 1 });
        Id::from_u64(records.spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        values.record(&mut self.lock().span(id).fields);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut records = self.lock();
        let span = records.parent(event.parent(), event.is_contextual());
        let (target, level) = (event.metadata().target(), *event.metadata().level());
        records.events.push(RecordedEvent { target, level, fields, span });
    }

    fn enter(&self, id: &Id) {
        let mut records = self.lock();
        assert!(records.span(id).is_open(), "a closed span is entered");
        records.current().push(place(id));
    }

    fn exit(&self, id: &Id) {
        assert_eq!(self.lock().current().pop(), Some(place(id)), "spans are left in order");
    }

    fn clone_span(&self, id: &Id) -> Id {
        let mut records = self.lock();
        assert!(records.span(id).is_open(), "a closed span is kept");
        records.span(id).handles += 1;
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let mut records = self.lock();
        let span = records.span(&id);
        span.handles -= 1;
        span.handles == 0
    }
}
