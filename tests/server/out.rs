//! What is written.

use std::io::Write as _;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Lines go out whole, whichever thread writes them.
static OUT: Mutex<()> = Mutex::new(());

pub(crate) fn text(id: &Value, text: &str) {
    answer(id, &json!({ "content": [{ "type": "text", "text": text }] }));
}

pub(crate) fn answer(id: &Value, result: &Value) {
    send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
}

pub(crate) fn send(message: &Value) {
    write(format!("{message}\n").as_bytes());
}

pub(crate) fn write(bytes: &[u8]) {
    let _whole = OUT.lock();
    let mut out = std::io::stdout();
    if out.write_all(bytes).and_then(|()| out.flush()).is_err() {
        // Nobody listens any more.
        thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn fail(why: &str) -> ! {
    eprintln!("scripted-server: {why}");
    std::process::exit(64)
}
