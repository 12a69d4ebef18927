//! Values at the edges of what the schema of each version allows a server to send: with nothing but what must be there,
//! with all that there is a name for, with each alternative. All are read without a warning, and kept byte for byte.

use serde_json::Value;
use tenure_schemas::{Spec, samples, view};

/// Results and notifications that there is no view of: they come out raw.
const RAW: [&str; 9] = [
    "EmptyResult",
    "Result",
    "JSONRPCErrorResponse",
    // Tasks pass through.
    "CreateTaskResult",
    "GetTaskResult",
    "GetTaskPayloadResult",
    "ListTasksResult",
    "CancelTaskResult",
    "notifications/tasks/status",
];

/// Values of a definition, each of which the schema allows.
fn samples(spec: &Spec, definition: &str) -> Vec<Value> {
    let samples = samples::of(spec, definition);
    assert!(samples.len() > 1, "{} {definition}", spec.version);
    for sample in &samples {
        spec.check(definition, sample).unwrap_or_else(|problem| panic!("{problem}"));
    }
    samples
}

/// The results that servers of a version may answer with.
fn results(spec: &Spec) -> Vec<&str> {
    let mut all: Vec<_> = spec.definition("ServerResult")["anyOf"]
        .as_array()
        .expect("several")
        .iter()
        .filter_map(|member| member["$ref"].as_str()?.rsplit('/').next())
        .collect();
    if spec.has("InputRequiredResult") && !all.contains(&"InputRequiredResult") {
        all.push("InputRequiredResult");
    }
    all
}

#[test]
fn every_result_of_a_server_is_read_without_a_warning() {
    let mut problems = Vec::new();
    for spec in Spec::all() {
        let mut count = 0;
        for definition in results(&spec) {
            for mut sample in samples(&spec, definition) {
                count += 1;
                fit(&spec, definition, &mut sample);
                let read = if RAW.contains(&definition) {
                    view::answered(&spec, "x", &sample).map(drop)
                } else if definition == "InputRequiredResult" {
                    view::input_required(&spec, &sample)
                } else if definition == "SubscriptionsListenResult" {
                    view::subscription_ended(&spec, &sample)
                } else {
                    view::result(&spec, definition, &sample)
                };
                problems.extend(read.err().map(|problem| format!("{} {problem}", spec.version)));
            }
        }
        println!("{}: {count} results", spec.version);
        assert!(count >= 20, "{}: {count}", spec.version);
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

/// Makes of any text, where the schema has no word for it, what the protocol says that stands there.
fn fit(spec: &Spec, definition: &str, sample: &mut Value) {
    if let Some(version) = sample.get_mut("protocolVersion") {
        *version = spec.version.into();
    }
    if let Some(versions) = sample.get_mut("supportedVersions") {
        *versions = vec![spec.version].into();
    }
    if let Some(kind) = sample.get_mut("resultType") {
        let is_input = definition == "InputRequiredResult";
        *kind = if is_input { "input_required" } else { "complete" }.into();
    }
}

#[test]
fn every_notification_of_a_server_is_understood() {
    let mut problems = Vec::new();
    for spec in Spec::all() {
        for (method, definition) in spec.methods("ServerNotification") {
            for sample in samples(&spec, definition.as_str().expect("a name")) {
                let params = sample.get("params");
                let read = match (&*method, params) {
                    (method, _) if RAW.contains(&method) => Ok(()),
                    // It names no request, as that of a task may.
                    ("notifications/cancelled", Some(params)) if params.get("requestId").is_none() => Ok(()),
                    ("notifications/subscriptions/acknowledged", Some(params)) => {
                        view::acknowledged(&spec, params)
                    }
                    ("notifications/progress", Some(params)) => view::progress(&spec, params),
                    _ => view::notification(&spec, &method, params),
                };
                problems.extend(read.err().map(|problem| format!("{} {problem}", spec.version)));
            }
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_request_of_a_server_is_handed_out() {
    let mut problems = Vec::new();
    for spec in Spec::all().filter(Spec::is_legacy) {
        for (method, definition) in spec.methods("ServerRequest") {
            if method == "ping" || method.starts_with("tasks/") {
                continue;
            }
            for sample in samples(&spec, definition.as_str().expect("a name")) {
                let read = view::request(&spec, &method, sample.get("params"));
                problems.extend(read.err().map(|problem| format!("{} {problem}", spec.version)));
            }
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_error_of_a_server_is_told_with_its_code_message_and_data() {
    for spec in Spec::all() {
        for kind in ["JSONRPCErrorResponse", "JSONRPCError"].into_iter().filter(|kind| spec.has(kind)) {
            for sample in samples(&spec, kind) {
                view::error(&spec, &sample["error"]).unwrap_or_else(|problem| panic!("{problem}"));
            }
        }
    }
}
