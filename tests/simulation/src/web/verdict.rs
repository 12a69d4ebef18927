//! What must hold of a world of HTTP beside all else.

use std::collections::BTreeSet;

use tenure::Action;
use tenure_driver::TraceEvent;

use crate::failure::Kind;
use crate::ground::Ground;
use crate::tally::Seen;
use crate::web::Site;

/// What the far side knows is held against what callers were told, and no session is left there.
pub(crate) fn judge(ground: &Ground, site: &Site, events: &[TraceEvent]) {
    let (undone, done) = ground.books.with(|books| (books.undone.clone(), books.done.clone()));
    for (call, error) in undone {
        ground.saw(Seen::Undone);
        if done.get(&call).is_some_and(|done| *done > 0) {
            ground.fail(Kind::Done, || format!("call {call} was done, and its caller was told: {error}"));
        }
    }
    let (mut stopped, mut cut) = (BTreeSet::new(), BTreeSet::new());
    for action in events.iter().flat_map(|event| &event.output.actions) {
        match action {
            Action::Stop { generation } => stopped.insert(generation.number()),
            Action::Abort { generation } | Action::Discard { generation } => cut.insert(generation.number()),
            _ => continue,
        };
    }
    // What panicked has said nothing any more, and what retired had nothing to say.
    let over = ground
        .marks
        .with(|marks| marks.retired.iter().chain(marks.panics.keys()).copied().collect::<BTreeSet<_>>());
    for generation in site.left() {
        let had_time = stopped.contains(&generation) && !cut.contains(&generation);
        if had_time && !over.contains(&generation) && !ground.driver_dropped.is_set() {
            ground.fail(Kind::Leak, || format!("the session of g{generation} is left at the server"));
        }
    }
}
