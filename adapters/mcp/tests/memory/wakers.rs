//! Who waits for progress is woken when there is some, and let go when it waits no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use serde_json::json;

use crate::stage::{Call, Stage};

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn who_waits_for_progress_is_woken_by_it_and_let_go_with_the_call() {
    let mut stage = Stage::new();
    let (lease, server) = stage.live();
    let woken = Arc::new(Woken::default());
    let mut call = lease.request("x/y", ()).with_progress();
    let mut report = Call::new(call.next());
    assert!(report.poll_with(&woken.clone().into()).is_none());
    stage.turn();
    assert_eq!(woken.0.load(Ordering::SeqCst), 0);
    let token = &server.heard_one()["params"]["_meta"]["progressToken"];
    let params = json!({ "progressToken": token, "progress": 1 });
    server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }));
    stage.turn();
    assert!(woken.0.load(Ordering::SeqCst) > 0);
    drop(report);
    drop(call);
    assert_eq!(Arc::strong_count(&woken), 1);
}
