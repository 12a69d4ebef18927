//! The client against a server played by hand, over pipes in memory and a clock that is set: no runtime, no
//! thread, no waiting.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod asking;
mod call;
mod calls;
mod chains;
mod clock;
mod contradictions;
mod deadlines;
mod delivery;
mod desk;
mod ends;
mod eras;
mod eras_doubted;
mod excerpts;
mod exchanges;
mod handlers;
mod handlers_end;
mod handlers_modern;
mod idle_time;
mod instead;
mod listening;
mod modern_answers;
mod one_way;
mod overdue;
mod pids;
mod pipe;
mod progress;
mod retryable;
mod rounds;
#[cfg(feature = "jsonschema")]
mod schemas;
mod setters;
mod settings;
mod sizes;
mod stage;
mod stalls;
mod states;
mod versions;
mod views;
mod wakers;
mod wishes;
mod words;
