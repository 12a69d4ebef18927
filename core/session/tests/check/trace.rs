//! Recording and replaying: everything that was changed is noticed.

use tenure::check::Checker;
use tenure::state::StateName;
use tenure::trace::{Difference, Recorder, replay};
use tenure::{Action, Config, Exit, Generation, Input, Mode, Output, Reply, Script, Time};

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
    assert_eq!(replay("".lines()).map(|r| r.events), Err(Difference::CutOff { events: 0 }));
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

/// FNV-1a of 64 bits, written once more.
fn fnv(lines: &[String]) -> u64 {
    lines.concat().bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        let hash: u64 = hash ^ u64::from(byte);
        hash.wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn the_last_line_counts_the_events_and_has_the_checksum_of_all_before() {
    let lines = recorded();
    let (last, before) = lines.split_last().unwrap();
    assert_eq!(last, &format!("{{\"events\":7,\"checksum\":{}}}\n", fnv(before)));
}

#[test]
fn an_empty_session_is_a_trace_too() {
    let recorder = Recorder::new(&Config::default());
    let text = recorder.header() + &recorder.footer();
    let replayed = replay(text.lines()).unwrap();
    assert_eq!((replayed.events, replayed.generations, replayed.state), (0, 0, StateName::Idle));
}

#[test]
fn a_replay_tells_how_much_there_was_and_where_it_ends() {
    let lines = recorded();
    let whole = replay(lines.concat().lines()).unwrap();
    assert_eq!((whole.events, whole.generations, whole.state), (7, 1, StateName::Idle));
}

#[test]
fn events_are_numbered_from_one_in_order() {
    let mut lines = recorded();
    lines[3] = lines[3].replace("\"n\":3", "\"n\":4");
    assert_eq!(replayed(&lines), Err(Difference::OutOfOrder { line: 4, expected: 3, found: 4 }));
}

#[test]
fn a_trace_ends_with_its_last_line() {
    let whole = recorded();
    let events = 7;
    assert_eq!(replayed(&whole[..8]), Err(Difference::CutOff { events }));
    assert_eq!(replayed(&whole[..1]), Err(Difference::CutOff { events: 0 }));
    let more = [&whole[..], &whole[8..]].concat();
    assert_eq!(replayed(&more), Err(Difference::Count { line: 10, events }));
    let mut wrong = whole;
    wrong[8] = wrong[8].replace("\"events\":7", "\"events\":6");
    assert_eq!(replayed(&wrong), Err(Difference::Count { line: 9, events }));
}

#[test]
fn a_damaged_checksum_is_a_difference() {
    let mut lines = recorded();
    lines[8] = "{\"events\":7,\"checksum\":1}\n".into();
    assert_eq!(replayed(&lines), Err(Difference::Checksum));
}

#[test]
fn every_difference_is_told() {
    let mut lines = recorded();
    lines[4] = lines[4].replace("Stop", "Abort");
    let output = replayed(&lines).unwrap_err().to_string();
    assert!(output.starts_with("line 5: the trace says Output {"), "{output}");
    assert!(output.contains(", the machine does Output {"), "{output}");
    let told = [
        (Difference::Unreadable { line: 3, why: "it is torn".into() }, "line 3 can't be read: it is torn"),
        (Difference::Version { found: 9 }, "the trace has format version 9, this program reads 1"),
        (
            Difference::OutOfOrder { line: 4, expected: 3, found: 5 },
            "line 4 has event 5 where event 3 belongs",
        ),
        (Difference::CutOff { events: 0 }, "the trace is empty, or cut off before its first event"),
        (Difference::CutOff { events: 2 }, "the trace is cut off after event 2"),
        (Difference::Count { line: 9, events: 7 }, "line 9 doesn't end a trace of 7 events"),
        (Difference::Checksum, "a line was changed: the lines don't have the checksum of the last"),
    ];
    for (difference, words) in told {
        assert_eq!(difference.to_string(), words);
    }
}

#[test]
fn a_broken_invariant_is_told_with_its_line() {
    let output = Output::new(Reply::Stale, vec![Action::Connect { generation: Generation::FIRST }]);
    let mut checker = Checker::new(Config::default());
    let violation = checker.step(Time::ZERO, &Input::Timeout, &output, None).unwrap_err();
    let told = format!("line 4: {violation}");
    assert_eq!(Difference::Violation { line: 4, violation }.to_string(), told);
}
