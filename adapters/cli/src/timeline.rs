//! The lines of a session's life, in colours.

use anstyle::Style;
use tenure::timeline::Line;

use crate::colour::{BOLD, CYAN, DIM, GREEN, Paint, YELLOW};

/// As the line's own words, in colours where there are any.
pub(crate) fn painted(line: &Line, paint: Paint) -> String {
    if !paint.is_on() {
        return line.to_string();
    }
    let [time, generation, state, what, why] = line.columns();
    let coloured = [
        paint.paint(DIM, &time),
        paint.paint(BOLD, &generation),
        paint.paint(style(&state), &state),
        what,
        if why.is_empty() { why } else { paint.paint(DIM, &why) },
    ];
    coloured.join(" ").trim_end().to_owned()
}

/// The state's colour, by its first word.
fn style(state: &str) -> Style {
    match state.split(|c: char| !c.is_alphabetic()).next() {
        Some("Live") => GREEN,
        Some("Draining") => YELLOW,
        Some("Connecting") => CYAN,
        _ => Style::new(),
    }
}
