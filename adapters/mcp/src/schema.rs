//! What is said and done between a client and a tool, checked against the tool's schemas.

use std::fmt;

use jsonschema::{ValidationError, Validator};
use serde_json::Value;
use serde_json::value::RawValue;
use tenure_mcp_proto::types::{CallToolResult, ResultType, Tool};

/// A larger schema is not used.
const MOST_SCHEMA_BYTES: usize = 256 * 1024;

/// So many faults are told, and so many bytes of each.
const MOST_VIOLATIONS: usize = 16;
const MOST_BYTES: usize = 300;

/// Why a call of a tool, or its result, is not as the tool's schemas say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaError {
    /// The schema can't be used: it is none, or too large (256 KiB), its dialect is unknown, or it refers to what is
    /// not in it. Nothing is fetched, neither from a network nor from files, and a schema with a part that is missing
    /// is not taken for one that permits all (MCP 2026-07-28, basic, "`$ref` Resolution").
    Unusable {
        /// Which one.
        schema: ToolSchema,
        /// Why not.
        problem: String,
    },
    /// What was checked is not as the schema says.
    Violated {
        /// Which one.
        schema: ToolSchema,
        /// What is wrong, the first 16 faults of it.
        violations: Vec<Violation>,
    },
}

/// One of a tool's schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ToolSchema {
    /// `inputSchema`, that of the arguments.
    Input,
    /// `outputSchema`, that of the structured content.
    Output,
}

/// What is not as a schema says. It repeats no value of what was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Where, as a JSON Pointer such as `/items/0/name`; empty for the whole.
    pub at: String,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for ToolSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Input => "inputSchema",
            Self::Output => "outputSchema",
        })
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable { schema, problem } => write!(f, "the tool's {schema} can't be used: {problem}"),
            Self::Violated { schema, violations } => {
                write!(f, "not as the tool's {schema} says")?;
                for (place, Violation { at, problem }) in violations.iter().enumerate() {
                    f.write_str(if place == 0 { ": " } else { "; " })?;
                    if !at.is_empty() {
                        write!(f, "{at}: ")?;
                    }
                    f.write_str(problem)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for SchemaError {}

/// The schemas of one tool, ready for use.
#[derive(Debug)]
pub(crate) struct Schemas {
    input: Schema,
    output: Option<Schema>,
}

#[derive(Debug)]
struct Schema {
    which: ToolSchema,
    validator: Validator,
}

impl Schemas {
    pub(crate) fn of(tool: &Tool) -> Result<Self, SchemaError> {
        let output =
            tool.output_schema.as_deref().map(|raw| Schema::new(ToolSchema::Output, raw)).transpose()?;
        Ok(Self { input: Schema::new(ToolSchema::Input, &tool.input_schema)?, output })
    }

    /// Checks what is sent as arguments; none are `{}`.
    pub(crate) fn check_arguments(&self, arguments: Option<&RawValue>) -> Result<(), SchemaError> {
        self.input.check(arguments.map_or("{}", RawValue::get))
    }

    /// Checks the structured content of a result that has to have one: not that of a tool that failed, or that asks for
    /// input first (MCP 2026-07-28, server/tools, "Output Schema").
    pub(crate) fn check_result(&self, result: &CallToolResult) -> Result<(), SchemaError> {
        let Some(output) = &self.output else {
            return Ok(());
        };
        if result.is_error || result.result_type != ResultType::Complete {
            return Ok(());
        }
        match &result.structured_content {
            Some(content) => output.check(content.get()),
            None => Err(output.violated(vec![Violation::of_whole("structuredContent is missing")])),
        }
    }
}

impl Schema {
    fn new(which: ToolSchema, raw: &RawValue) -> Result<Self, SchemaError> {
        let unusable = |problem: &str| SchemaError::Unusable { schema: which, problem: cut(problem) };
        if raw.get().len() > MOST_SCHEMA_BYTES {
            return Err(unusable(&format!("it is larger than {MOST_SCHEMA_BYTES} bytes")));
        }
        let schema: Value = serde_json::from_str(raw.get()).map_err(|error| unusable(&error.to_string()))?;
        // The default dialect is 2020-12, another one is told by `$schema`
        // (MCP 2026-07-28, basic, "JSON Schema Usage").
        let validator = jsonschema::options().offline().build(&schema);
        Ok(Self { which, validator: validator.map_err(|error| unusable(&error.to_string()))? })
    }

    fn check(&self, text: &str) -> Result<(), SchemaError> {
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            // JSON that is nested too deep, or a number beyond all bounds.
            Err(error) => {
                return Err(
                    self.violated(vec![Violation::of_whole(&format!("it can't be checked: {error}"))])
                );
            }
        };
        let violations: Vec<_> = self
            .validator
            .iter_errors(&value)
            .take(MOST_VIOLATIONS)
            .map(|error| Violation::of(&error))
            .collect();
        if violations.is_empty() { Ok(()) } else { Err(self.violated(violations)) }
    }

    fn violated(&self, violations: Vec<Violation>) -> SchemaError {
        SchemaError::Violated { schema: self.which, violations }
    }
}

impl Violation {
    fn of(error: &ValidationError<'_>) -> Self {
        Self { at: cut(&error.instance_path().to_string()), problem: cut(&error.masked().to_string()) }
    }

    fn of_whole(problem: &str) -> Self {
        Self { at: String::new(), problem: cut(problem) }
    }
}

/// The schema's words are the server's, who may write as much as it likes.
fn cut(text: &str) -> String {
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let kept = text.get(..end).unwrap_or_default();
    if end < text.len() { format!("{kept}…") } else { kept.to_owned() }
}
