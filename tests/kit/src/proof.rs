//! What was recorded is what the machine does.

use tenure::check::{Checked, Checker, SystemUnderTest as _};
use tenure::trace::{Recorder, replay};
use tenure::{Config, Script};
use tenure_driver::TraceEvent;

/// Holds the trace of a driver against the invariants and against the machine: by what it wanted done
/// alone, by doing it all again, and once more by way of its text.
///
/// # Panics
/// At the first difference, with the event's number.
pub fn prove(config: &Config, trace: &[TraceEvent]) {
    let mut checker = Checker::new(config.clone());
    let mut again = Checked::new(Script::new(config.clone()), config.clone());
    let mut recorder = Recorder::new(config);
    let mut text = recorder.header();
    for (event, number) in trace.iter().zip(1_u64..) {
        let TraceEvent { time, input, output, status, .. } = event;
        if let Err(violation) = checker.step(*time, input, output, None) {
            panic!("event {number}, {input:?}: {violation}");
        }
        match again.apply(*time, *input) {
            Ok(done) => assert_eq!(done, *output, "event {number}, {input:?}"),
            Err(violation) => panic!("event {number}, {input:?}: {violation}"),
        }
        assert_eq!(again.system().view().status, *status, "event {number}, {input:?}");
        text += &recorder.line(*time, *input, output.clone());
    }
    text += &recorder.footer();
    match replay(text.lines()) {
        Ok(replayed) => assert_eq!(replayed.events, trace.len() as u64),
        Err(difference) => panic!("{difference}"),
    }
}
