//! Settings that contradict each other are told as rmcp tells what it has to say.

use std::fmt::{Debug, Write as _};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tenure_rmcp::{KeepAlive, Options};
use tokio::net::TcpStream;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Keeps what is warned of.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut words = Words(String::new());
        event.record(&mut words);
        self.0.lock().unwrap().push(words.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{value:?}");
    }
}

fn warned(make: impl FnOnce() -> tenure_rmcp::Client) -> Vec<String> {
    let warnings = Warnings::default();
    let client = tracing::subscriber::with_default(warnings.clone(), make);
    drop(client);
    let warned = warnings.0.lock().unwrap();
    warned.iter().filter(|warning| warning.contains("contradict each other")).cloned().collect()
}

#[tokio::test]
async fn settings_that_contradict_each_other_are_warned_of_when_the_client_is_made() {
    let stdio = |options| warned(|| tenure_rmcp::stdio(|| Command::new("true"), || (), options));
    assert_eq!(stdio(Options::new()), [""; 0]);
    let options = Options::new().connect_timeout(Duration::ZERO).keep_alive(KeepAlive::For(Duration::ZERO));
    let warned_of = stdio(options);
    assert_eq!(warned_of.len(), 2, "{warned_of:?}");
    assert!(warned_of[0].ends_with("connect_timeout is zero: no connect can succeed"), "{warned_of:?}");
    let http = |options| {
        warned(|| tenure_rmcp::connect(async || Ok(TcpStream::connect("127.0.0.1:1").await?), || (), options))
    };
    assert_eq!(http(Options::new()), [""; 0]);
    let warned_of = http(Options::new().on_stderr(|_, _| ()));
    assert!(warned_of.len() == 1 && warned_of[0].contains("on_stderr"), "{warned_of:?}");
}
