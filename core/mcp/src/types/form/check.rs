//! Whether a form is filled in as its schema demands.

use std::fmt;

use serde_json::value::RawValue;

use crate::types::form::schema::FormSchema;
use crate::types::form::value::{entries, value};

/// What is wrong with the content of a form. It doesn't show what was filled in, which may be private.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormProblem {
    /// The field's name; empty if it is the content as a whole.
    pub field: String,
    /// What is wrong, to be said behind the name.
    pub problem: &'static str,
}

impl fmt::Display for FormProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = if self.field.is_empty() { "the content" } else { &self.field };
        write!(f, "{field} {}", self.problem)
    }
}

impl FormSchema {
    /// What is wrong with this content, field by field; nothing, if it may be sent (MCP 2025-11-25, client/elicitation,
    /// "Form Mode Security": clients should validate).
    ///
    /// Required fields, types, choices and bounds are looked at. Formats and patterns are not, nor fields that the form
    /// doesn't have.
    pub fn check(&self, content: &RawValue) -> Vec<FormProblem> {
        let Some(there) = entries(content) else {
            return vec![FormProblem { field: String::new(), problem: "is no JSON object" }];
        };
        let mut problems = Vec::new();
        for field in &self.fields {
            // Of a repeated one the last counts.
            let found = there.iter().rev().find(|(name, _)| *name == field.name);
            let problem = match found {
                Some((_, found)) => value(&field.kind, found),
                None => field.is_required.then_some("is missing"),
            };
            problems.extend(problem.map(|problem| FormProblem { field: field.name.clone(), problem }));
        }
        problems
    }
}
