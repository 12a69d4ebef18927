//! The soak: what it counts, and what it takes for wrong.

#[cfg(unix)]
use rustix::process::Signal;
use serde_json::Value;

use crate::on_both_runtimes;
use crate::servers::{ORDERLY, arguments, embedded};
use crate::support::{Folder, Ran, TENURE, run};
#[cfg(unix)]
use crate::support::{is_heard, start};

on_both_runtimes!(
    many_cycles_with_chaos_leave_nothing_behind,
    #[cfg(unix)]
    a_process_that_a_server_leaves_behind_is_a_leak,
    an_error_that_nothing_explains_is_wrong_and_ends_it_early,
    a_server_that_is_too_slow_is_wrong,
    a_server_that_cannot_be_started_is_no_soak,
    #[cfg(unix)]
    a_signal_ends_it_with_the_report_so_far,
);

#[track_caller]
fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// Where Wine is the system, a process takes it a third of a second to start.
const CYCLES: u64 = if cfg!(windows) { 40 } else { 200 };

fn many_cycles_with_chaos_leave_nothing_behind(runtime: &str) {
    let cycles = CYCLES.to_string();
    let ran = embedded(runtime, &["soak", "--cycles", &cycles, "--chaos", "--json", "--max-growth", "64M"]);
    let told = document(&ran);
    assert_eq!(
        (ran.status, &told["good"], &told["wrong"]),
        (0, &true.into(), &serde_json::json!({})),
        "{ran:?}"
    );
    assert_eq!((&told["cycles"], &told["runtime"]), (&CYCLES.into(), &runtime.into()));
    for counted in
        ["calls", "callsCancelled", "acquiresCancelled", "reconnects", "closes", "closesCancelled", "kills"]
    {
        assert!(told[counted].as_u64().unwrap() > CYCLES / 20, "{counted}: {told}");
    }
    assert!(
        told["errors"]["closed"].as_u64().unwrap() > 0
            && told["inputsChecked"].as_u64().unwrap() > CYCLES * 5
    );
    let p50 = |of: &str| told["latencyMilliseconds"][of]["p50"].as_f64().unwrap();
    assert!(["call_on_a_lease", "wait_and_call", "close"].iter().all(|of| p50(of) > 0.0), "{told}");
    if cfg!(any(target_os = "linux", windows)) {
        let left = &told["left"];
        assert_eq!((&left["processes"]["before"], &left["processes"]["behind"]), (&0.into(), &0.into()));
        // Wine counts no handles.
        assert!(
            cfg!(windows) || left["descriptors"]["most"].as_u64() > left["descriptors"]["behind"].as_u64(),
            "{left}"
        );
    }
    let text = embedded(runtime, &["soak", "--cycles", "8", "--max-growth", "64M"]).held();
    assert!(
        text.starts_with("soak of tenure-demo-server ")
            && text.contains("\ncycles                        8  ")
    );
    assert!(
        text.ends_with("\nnothing leaked, nothing was wrong\n") || !cfg!(any(target_os = "linux", windows)),
        "{text}"
    );
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

/// Of which there is one for each server: it has left the server's group.
#[cfg(unix)]
const LEAVES_ONE: &str = "setsid sleep 20 </dev/null >/dev/null 2>&1 & exec";

#[cfg(unix)]
fn a_process_that_a_server_leaves_behind_is_a_leak(runtime: &str) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let folder = Folder::new();
    let command =
        ["soak", "--cycles", "2", "--sessions", "1", "--settle", "100ms", "--json", "--max-growth", "64M"];
    let script = format!("{LEAVES_ONE} {TENURE} demo-server");
    let ran = run(arguments(runtime, &folder, &[&command[..], &["--no-guardian"]].concat(), &script));
    let told = document(&ran);
    assert_eq!((ran.status, &told["good"]), (1, &false.into()), "{ran:?}");
    assert!(
        told["verdict"].as_str().unwrap().contains("LEAKED") && ran.stderr[0].contains(" processes"),
        "{ran:?}"
    );
    // A guardian leaves none.
    let ran = run(arguments(runtime, &folder, &command, &script));
    assert_eq!((ran.status, &document(&ran)["good"]), (0, &true.into()), "{ran:?}");
}

fn an_error_that_nothing_explains_is_wrong_and_ends_it_early(runtime: &str) {
    let ran = embedded(runtime, &["soak", "--cycles", "100000", "--call", "no-such-tool", "--json"]);
    let told = document(&ran);
    assert_eq!((ran.status, &told["good"]), (1, &false.into()), "{ran:?}");
    assert!(told["wrong"].as_object().unwrap().keys().eq(["server"]), "{told}");
    assert!(
        told["cycles"].as_u64().unwrap() < 1000 && told["told"].as_array().unwrap().len() == 10,
        "{told}"
    );
    assert!(ran.stderr[0].contains("the soak was not good: ended after "), "{ran:?}");
}

fn a_server_that_is_too_slow_is_wrong(runtime: &str) {
    let folder = Folder::new();
    let script = "read -r line\necho '{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"serverInfo\":{\"name\":\"s\",\"version\":\"1\"}}}'\n";
    let command =
        ["soak", "--cycles", "20", "--era", "legacy", "--call-timeout", "50ms", "--json", "--settle", "1s"];
    let ran = run(arguments(runtime, &folder, &command, &format!("{script}{ORDERLY}")));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(document(&ran)["wrong"]["call_deadline"].as_u64().unwrap() > 0, "{ran:?}");
}

fn a_server_that_cannot_be_started_is_no_soak(runtime: &str) {
    run(["soak", "--runtime", runtime, "--", TENURE, "graph"]).failed(3, "could not connect");
    run(["soak", "--runtime", runtime, "--trace", "x", "--", "no-server"]).failed(2, "leave out --trace");
}

#[cfg(unix)]
fn a_signal_ends_it_with_the_report_so_far(runtime: &str) {
    if !is_heard(2) {
        return;
    }
    let command =
        ["soak", "--cycles", "1000000", "-v", "--json", "--runtime", runtime, "--", TENURE, "demo-server"];
    let mut running = start(command);
    running.until("session 3:").signal(Signal::INT);
    let ran = running.wait();
    let told = document(&ran);
    assert_eq!((ran.signal, &told["good"], &told["wrong"]), (Some(2), &false.into(), &serde_json::json!({})));
    assert!(told["verdict"].as_str().unwrap().starts_with("ended after "), "{told}");
    assert_eq!(ran.stderr.last().map(String::as_str), Some("tenure: ended by Ctrl-C (SIGINT)"));
}
