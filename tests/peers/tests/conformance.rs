//! The official conformance runner, scenario by scenario, against `conformance-client`: all that need no OAuth. Skipped
//! where `tests/peers/real-servers` has not installed it.
//!
//! What a scenario wants is judged by the runner, and more strictly than it does: there is a success, no failure, no
//! warning, and it ends with 0.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tenure_peers::{ended_within, installed};

use support::{Runtime, on_both};

mod support;

/// Longer than the client takes at most, and the runner gives it.
const LIMIT: Duration = Duration::from_secs(60);

const LEGACY: &str = "2025-11-25";
const MODERN: &str = "2026-07-28";

macro_rules! scenarios {
    ($($name:ident: $scenario:literal at $version:ident),* $(,)?) => {
        on_both!($($name),*);
        $(fn $name<R: Runtime>() { passes::<R>($scenario, $version); })*
    };
}

scenarios! {
    initialize: "initialize" at LEGACY,
    tools_call: "tools_call" at LEGACY,
    elicitation_client_defaults: "elicitation-sep1034-client-defaults" at LEGACY,
    sse_retry: "sse-retry" at LEGACY,
    json_schema_preservation: "json-schema-2020-12-preservation" at LEGACY,
    modern_tools_call: "tools_call" at MODERN,
    modern_request_metadata: "request-metadata" at MODERN,
    modern_request_state: "sep-2322-client-request-state" at MODERN,
    modern_standard_headers: "http-standard-headers" at MODERN,
    modern_custom_headers: "http-custom-headers" at MODERN,
    modern_invalid_tool_headers: "http-invalid-tool-headers" at MODERN,
    modern_json_schema_ref_is_not_fetched: "json-schema-ref-no-deref" at MODERN,
    modern_json_schema_preservation: "json-schema-2020-12-preservation" at MODERN,
}

fn passes<R: Runtime>(scenario: &str, version: &str) {
    let runner = "node_modules/@modelcontextprotocol/conformance/dist/index.js";
    let Some(runner) = installed("conformance", runner) else { return };
    let results = Results::new(&format!("{scenario}-{version}-{}", R::NAME));
    let preload = concat!(env!("CARGO_MANIFEST_DIR"), "/servers/glob.mjs");
    let mut child = Command::new("node")
        .args(["--import", preload])
        .arg(runner)
        // A shell reads it.
        .args(["client", "--command", concat!("'", env!("CARGO_BIN_EXE_conformance-client"), "'")])
        .args(["--scenario", scenario, "--spec-version", version, "--output-dir"])
        .arg(&results.folder)
        .env("TENURE_RUNTIME", R::NAME)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("node runs");
    let mut stderr = child.stderr.take().expect("it is piped");
    let said = std::thread::spawn(move || {
        let mut said = String::new();
        stderr.read_to_string(&mut said).map(|_| said)
    });
    let is_over = ended_within(&child, LIMIT);
    if !is_over {
        child.kill().expect("a child of ours");
    }
    let status = child.wait().expect("a child of ours");
    let said = said.join().expect("a thread of ours").expect("it writes text");
    assert!(is_over, "not over after {LIMIT:?}: {said}");
    let checks = results.checks();
    let count = |status: &str| checks.iter().filter(|check| check["status"] == status).count();
    let counts = (count("SUCCESS"), count("FAILURE"), count("WARNING"));
    assert!(
        status.success() && counts.0 > 0 && counts.1 == 0 && counts.2 == 0,
        "{status}, {counts:?}: {said}"
    );
}

/// Where the runner writes what it saw; gone afterwards.
struct Results {
    folder: PathBuf,
}

impl Results {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("tenure-conformance-{}-{name}", std::process::id()));
        Self { folder }
    }

    /// It makes a folder for each run.
    fn checks(&self) -> Vec<Value> {
        let run =
            std::fs::read_dir(&self.folder).expect("results").next().expect("a run").expect("it is there");
        let text = std::fs::read_to_string(Path::join(&run.path(), "checks.json")).expect("checks");
        serde_json::from_str(&text).expect("they are JSON")
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
