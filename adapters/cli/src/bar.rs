//! How far something is, as a bar on the terminal.

use std::io::IsTerminal as _;

/// How wide a bar is.
const CELLS: u8 = 24;
/// No wider than this, on any terminal.
const WIDEST: usize = 80;

/// Returns whether somebody sees what is drawn.
pub(crate) fn is_seen() -> bool {
    std::io::stderr().is_terminal()
}

/// The bar of a part of the whole, from 0 to 1.
pub(crate) fn cells(part: f64) -> String {
    let full = part * f64::from(CELLS);
    (1..=CELLS).map(|cell| if f64::from(cell) <= full { '█' } else { '░' }).collect()
}

/// How many columns a line may take that is drawn over and over: one that the terminal breaks could not be removed.
pub(crate) fn columns() -> usize {
    #[cfg(unix)]
    let wide = rustix::termios::tcgetwinsize(std::io::stderr()).map_or(0, |size| usize::from(size.ws_col));
    #[cfg(not(unix))]
    let wide = 0;
    let wide = if wide == 0 { WIDEST } else { wide.min(WIDEST) };
    wide.saturating_sub(1)
}
