//! Histories against the checker.

use tenure::check::{Checked, SystemUnderTest};
use tenure::{Input, Script, Wake};

use crate::bytes::Bytes;
use crate::machine::{self, HistoryClock};

/// More deadlines than any of these configs needs to come to rest.
const REST: usize = 200;

/// Ten bytes of config, then inputs: each is held against all invariants. At its end, wherever that is,
/// nothing but the session's own deadlines must bring it to rest.
pub fn histories(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let config = machine::config(&mut bytes);
    let mut session = Checked::new(Script::new(config.clone()), config);
    let mut clock = HistoryClock::default();
    while let Some((now, input)) = clock.step(&mut bytes, session.system()) {
        if let Err(broken) = session.apply(now, input) {
            panic!("{input:?} at {now:?}: {broken}");
        }
    }
    comes_to_rest(&mut session);
}

fn comes_to_rest(session: &mut Checked<Script>) {
    for _ in 0..REST {
        let now = match session.system().view().wake {
            Wake::Never => {
                assert_eq!(session.system().view().waiting, 0, "somebody waits and nothing wakes it");
                assert_eq!(session.checker().waiting(), 0, "a ticket never ends");
                return;
            }
            Wake::Now(_) => session.system().clock(),
            Wake::At(time, _) => time,
        };
        if let Err(broken) = session.apply(now, Input::Timeout) {
            panic!("on the way to rest: {broken}");
        }
    }
    panic!("no rest after {REST} deadlines: {:?}", session.system().view());
}
