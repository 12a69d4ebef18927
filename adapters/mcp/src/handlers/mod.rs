//! What a server asks for: sampling, elicitation, roots, or a method of its own.
//!
//! [`handler`] is the trait that a program implements; a handler is given a [`context`], and answers or
//! [refuses](refusal). [`offer`] is what the generations of a session share of it: whom a request is for, and how its
//! params are read. [`open`] are the requests of one generation that wait for their answers, and [`unhandled`] says
//! which of them no handler answered.

pub(crate) mod context;
pub(crate) mod handler;
pub(crate) mod offer;
pub(crate) mod open;
pub(crate) mod refusal;
pub(crate) mod unhandled;
