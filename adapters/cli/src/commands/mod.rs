//! The commands, but for the demo: a file for each.

mod ask;
mod call;
mod completions;
mod content;
mod graph;
mod info;
mod json;
mod man;
mod misfit;
mod ping;
mod progress;
mod prompts;
mod replay;
mod request;
mod resources;
mod soak;
mod table;
mod tools;
mod watch;

pub(crate) use call::call;
pub(crate) use completions::completions;
pub(crate) use graph::graph;
pub(crate) use info::info;
pub(crate) use man::man;
pub(crate) use ping::ping;
pub(crate) use prompts::{complete, prompt, prompts};
pub(crate) use replay::replay;
pub(crate) use request::request;
pub(crate) use resources::{read, resources};
pub(crate) use soak::soak;
pub(crate) use tools::tools;
pub(crate) use watch::{log, watch};
