//! Forms (MCP 2025-11-25, client/elicitation, "Requested Schema"). [`schema`] reads their fields and [`kind`] what may
//! stand in them; [`value`] holds a value against that. [`check`] does so with what was filled in, and [`fill`] fills
//! in the defaults.

mod check;
mod fill;
mod kind;
mod schema;
mod value;

pub use check::FormProblem;
pub use kind::{Choice, FieldKind};
pub use schema::{FormField, FormSchema};
