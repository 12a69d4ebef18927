//! Requests and how they end.

mod calls;
mod composing;
mod messages;
mod modern;
mod progress;
mod versions;
