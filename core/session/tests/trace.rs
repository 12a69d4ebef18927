//! Recording and replaying: everything that was changed is noticed.
#![cfg(feature = "trace")]

use tenure::trace::{Difference, Recorder, replay};
use tenure::{Config, Exit, Generation, Input, Mode, Script, Time};

fn recorded() -> Vec<String> {
    let config = Config::default().seed(7);
    let mut script = Script::new(config.clone());
    let mut recorder = Recorder::new(&config);
    let generation = Generation::FIRST;
    let inputs = [
        Input::Acquire,
        Input::Timeout,
        Input::RunnerReady { generation },
        Input::Close { mode: Mode::Force },
        Input::Timeout,
        Input::RunnerEnded { generation, exit: Exit::FINISHED },
        Input::Release { lease: 1 },
    ];
    let mut lines = vec![recorder.header()];
    for (input, time) in inputs.into_iter().zip(0..) {
        let time = Time::from_nanos(time);
        let output = script.apply(time, input);
        lines.push(recorder.line(time, input, output));
    }
    lines.push(recorder.footer());
    lines
}

fn replayed(lines: &[String]) -> Result<u64, Difference> {
    replay(lines.concat().lines()).map(|replayed| replayed.events)
}

#[test]
fn what_was_recorded_is_done_again() {
    assert_eq!(replayed(&recorded()), Ok(7));
}

#[test]
fn every_missing_line_is_a_difference() {
    for missing in 0..recorded().len() {
        let mut lines = recorded();
        lines.remove(missing);
        assert!(replayed(&lines).is_err(), "without line {}", missing + 1);
    }
}

#[test]
fn every_line_told_twice_is_a_difference() {
    for twice in 0..recorded().len() {
        let mut lines = recorded();
        lines.insert(twice, lines[twice].clone());
        assert!(replayed(&lines).is_err(), "line {} twice", twice + 1);
    }
}

#[test]
fn a_changed_output_is_a_difference() {
    let mut lines = recorded();
    lines[4] = lines[4].replace("Stop", "Abort");
    assert!(matches!(replayed(&lines), Err(Difference::Output { line: 5, .. })), "{:?}", replayed(&lines));
}

#[test]
fn another_config_is_a_difference() {
    let mut lines = recorded();
    lines[0] = lines[0]
        .replace("\"keep_alive\":\"Never\"", "\"keep_alive\":\"Always\"")
        .replace("\"max_waiting\":1024", "\"max_waiting\":0");
    assert!(matches!(replayed(&lines), Err(Difference::Unreadable { line: 1, .. })));
}

#[test]
fn another_version_is_refused() {
    let mut lines = recorded();
    lines[0] = lines[0].replace("\"tenure_trace\":1", "\"tenure_trace\":2");
    assert_eq!(replayed(&lines), Err(Difference::Version { found: 2 }));
}

#[test]
fn garbage_is_named_by_its_line() {
    let mut lines = recorded();
    lines[2] = "{\"n\":\n".into();
    assert!(matches!(replayed(&lines), Err(Difference::Unreadable { line: 3, .. })));
    assert_eq!(replay([]).map(|r| r.events), Err(Difference::CutOff { events: 0 }));
}

#[test]
fn a_change_that_the_machine_does_not_see_is_a_difference_too() {
    let mut lines = recorded();
    lines[0] = lines[0].replace("\"seed\":7", "\"seed\":8");
    assert_eq!(replayed(&lines), Err(Difference::Checksum));
    let mut lines = recorded();
    lines[1] = lines[1].replace("\"t\":0", "\"t\":9");
    assert_eq!(replayed(&lines), Err(Difference::Checksum));
}
