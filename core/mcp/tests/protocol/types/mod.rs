//! The types: views of messages, odd ones too, and params.

mod asked_views;
mod cache;
mod forms;
mod header_lists;
mod odd_forms;
mod odd_lists;
mod odd_results;
mod params;
mod prompts;
mod resources;
mod surrogates;
mod typed;
mod views;
