//! The races of hand-written clients: the designs that this project replaces, behind the checker.
//!
//! For each the checker finds the known failure; the shortest way to it is a timeline, beside what the real
//! machine does under the same inputs. `cargo run -p tenure-races` prints them all;
//! `cargo run -p tenure-races -- --bless` writes the page of the crate's documentation that shows them.

use std::process::ExitCode;

mod design;
mod failures;
mod page;
mod search;
#[cfg(test)]
mod tests;
mod timeline;
mod words;

fn main() -> ExitCode {
    let page = match page::page() {
        Ok(page) => page,
        Err(missing) => {
            eprintln!("{missing}");
            return ExitCode::FAILURE;
        }
    };
    if std::env::args().nth(1).as_deref() != Some("--bless") {
        print!("{page}");
        return ExitCode::SUCCESS;
    }
    match std::fs::write(page::PATH, page) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", page::PATH);
            ExitCode::FAILURE
        }
    }
}
