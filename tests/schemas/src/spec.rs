//! The specification's schema of one version, and its examples.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// Each version that has a schema, with that and its examples.
const VERSIONS: [(&str, &str, &str); 5] = [
    (
        "2024-11-05",
        include_str!("../data/2024-11-05.schema.json"),
        include_str!("../data/2024-11-05.examples.jsonl"),
    ),
    (
        "2025-03-26",
        include_str!("../data/2025-03-26.schema.json"),
        include_str!("../data/2025-03-26.examples.jsonl"),
    ),
    (
        "2025-06-18",
        include_str!("../data/2025-06-18.schema.json"),
        include_str!("../data/2025-06-18.examples.jsonl"),
    ),
    (
        "2025-11-25",
        include_str!("../data/2025-11-25.schema.json"),
        include_str!("../data/2025-11-25.examples.jsonl"),
    ),
    (
        "2026-07-28",
        include_str!("../data/2026-07-28.schema.json"),
        include_str!("../data/2026-07-28.examples.jsonl"),
    ),
];

/// The schema of one version.
#[derive(Debug)]
pub struct Spec {
    pub version: &'static str,
    whole: Value,
    /// What the definitions stand under.
    definitions: &'static str,
    examples: &'static str,
    /// Those that were made, by definition: making one takes a while.
    validators: RefCell<BTreeMap<String, Rc<Validator>>>,
}

/// An example of the specification.
#[derive(Debug)]
pub struct Example {
    /// Its file or page.
    pub from: String,
    /// What it is one of, by the name of a definition; pages don't say.
    pub kind: Option<String>,
    pub value: Value,
}

impl Spec {
    /// All versions, oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        VERSIONS.into_iter().map(|(version, schema, examples)| {
            let whole: Value = serde_json::from_str(schema).expect("the schema is JSON");
            let definitions = if whole.get("$defs").is_some() { "$defs" } else { "definitions" };
            Self { version, whole, definitions, examples, validators: RefCell::default() }
        })
    }

    /// Returns whether there is a handshake in this version, and all that comes of it.
    pub fn is_legacy(&self) -> bool {
        self.has("InitializeRequest")
    }

    pub fn has(&self, definition: &str) -> bool {
        self.whole[self.definitions].get(definition).is_some()
    }

    /// A definition.
    ///
    /// # Panics
    /// When there is none of this name.
    pub fn definition(&self, name: &str) -> &Value {
        self.whole[self.definitions]
            .get(name)
            .unwrap_or_else(|| panic!("{} has no definition {name}", self.version))
    }

    /// The definition that a `$ref` leads to.
    pub fn referred<'s>(&'s self, schema: &'s Value) -> Option<&'s Value> {
        schema["$ref"].as_str().map(|place| self.definition(name_of(place)))
    }

    /// What is wrong with a value that should be one of a definition.
    ///
    /// # Errors
    /// With each problem in a line.
    ///
    /// # Panics
    /// When there is no such definition, or its schema is none.
    pub fn check(&self, definition: &str, value: &Value) -> Result<(), String> {
        let problems: Vec<String> = self
            .validator(definition)
            .iter_errors(value)
            .map(|error| format!("{} {definition}{}: {error}", self.version, error.instance_path()))
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(format!("{}\n  of {value}", problems.join("\n"))) }
    }

    fn validator(&self, definition: &str) -> Rc<Validator> {
        self.definition(definition);
        let make = || {
            let mut schema = self.whole.clone();
            schema["$ref"] = json!(format!("#/{}/{definition}", self.definitions));
            Rc::new(jsonschema::validator_for(&schema).expect("the schema is one"))
        };
        self.validators.borrow_mut().entry(definition.to_owned()).or_insert_with(make).clone()
    }

    /// The methods of a union of requests or notifications, each with the definition of its message.
    pub fn methods(&self, union: &str) -> Map<String, Value> {
        let whole = self.definition(union);
        let members = match whole["anyOf"].as_array() {
            Some(members) => {
                members.iter().filter_map(|member| member["$ref"].as_str()).map(name_of).collect()
            }
            None => vec![union],
        };
        let method = |name| {
            let member = self.referred(self.definition(name)).unwrap_or_else(|| self.definition(name));
            Some((member["properties"]["method"]["const"].as_str()?.to_owned(), json!(name)))
        };
        members.into_iter().filter_map(method).collect()
    }

    /// The examples, in their order.
    ///
    /// # Panics
    /// When they are no JSON.
    pub fn examples(&self) -> impl Iterator<Item = Example> {
        self.examples.lines().map(|line| {
            let mut line: Map<String, Value> = serde_json::from_str(line).expect("a line is JSON");
            Example {
                from: line["from"].as_str().expect("it is text").to_owned(),
                kind: line.get("type").and_then(Value::as_str).map(ToOwned::to_owned),
                value: line["value"].take(),
            }
        })
    }
}

fn name_of(place: &str) -> &str {
    place.rsplit('/').next().unwrap_or(place)
}
