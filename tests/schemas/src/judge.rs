//! What is wrong with a message that a client sent.

use serde_json::Value;

use crate::Spec;

/// Judges a message. `asked` is the method of the server's request, if the message answers one.
///
/// # Errors
/// With what is wrong, in words.
pub fn judge(spec: &Spec, message: &Value, asked: Option<&str>) -> Result<(), String> {
    spec.check("JSONRPCMessage", message)?;
    let of_method = |union: &str| {
        let method = message["method"].as_str().unwrap_or_default();
        let found = spec.methods(union).get(method).and_then(Value::as_str).map(ToOwned::to_owned);
        found.ok_or_else(|| format!("{} has no {method:?} in {union}", spec.version))
    };
    let (general, special, value) = if message.get("error").is_some() {
        let names = ["JSONRPCErrorResponse", "JSONRPCError"];
        (names.into_iter().find(|name| spec.has(name)), None, message)
    } else if let Some(result) = message.get("result") {
        let names = ["JSONRPCResultResponse", "JSONRPCResponse"];
        let asked = asked.ok_or_else(|| format!("nobody asked for {message}"))?;
        spec.check("ClientResult", result)?;
        (names.into_iter().find(|name| spec.has(name)), Some(result_of(asked).to_owned()), result)
    } else if message.get("id").is_some() {
        (Some("JSONRPCRequest"), Some(of_method("ClientRequest")?), message)
    } else {
        (Some("JSONRPCNotification"), Some(of_method("ClientNotification")?), message)
    };
    spec.check(general.unwrap_or_default(), message)?;
    let Some(special) = special else {
        return Ok(());
    };
    spec.check(&special, value)?;
    let mut unknown = Vec::new();
    find_unknown(spec, &[spec.definition(&special)], value, &special, &mut unknown);
    unknown.retain(|place| !is_of_any_version(place));
    if unknown.is_empty() { Ok(()) } else { Err(format!("{} does not know {unknown:?}", spec.version)) }
}

/// The definition of the result of what a server asks for.
fn result_of(method: &str) -> &'static str {
    match method {
        "ping" => "EmptyResult",
        "roots/list" => "ListRootsResult",
        "sampling/createMessage" => "CreateMessageResult",
        "elicitation/create" => "ElicitResult",
        other => panic!("a server does not ask for {other}"),
    }
}

/// What older schemas leave to another definition; what `initialize` says of the client, which is the same whatever
/// the version, since nobody knows yet which one it will be; and names in `_meta` that are not the protocol's.
fn is_of_any_version(place: &str) -> bool {
    let ends = [".jsonrpc", ".id", ".params._meta", ".params.capabilities.elicitation"];
    let of_others =
        place.split_once("._meta.").is_some_and(|(_, name)| !name.contains("modelcontextprotocol"));
    let of_client = place.contains(".params.clientInfo.");
    of_client
        || ends.iter().any(|end| place.ends_with(end))
        || (of_others && !place.ends_with("._meta.progressToken"))
}

/// Fields that none of the definitions, which all describe the value, has a name for.
fn find_unknown(spec: &Spec, schemas: &[&Value], value: &Value, place: &str, unknown: &mut Vec<String>) {
    let schemas = unfolded(spec, schemas);
    match value {
        Value::Object(fields) => {
            // A map, whose names are anybody's.
            if schemas
                .iter()
                .any(|schema| schema.get("additionalProperties").is_some_and(|rest| *rest != false))
            {
                return;
            }
            for (name, value) in fields {
                let known: Vec<_> =
                    schemas.iter().filter_map(|schema| schema["properties"].get(name)).collect();
                let place = format!("{place}.{name}");
                if known.is_empty() {
                    unknown.push(place);
                } else {
                    find_unknown(spec, &known, value, &place, unknown);
                }
            }
        }
        Value::Array(elements) => {
            let items: Vec<_> = schemas.iter().filter_map(|schema| schema.get("items")).collect();
            for element in elements {
                find_unknown(spec, &items, element, &format!("{place}[]"), unknown);
            }
        }
        _ => {}
    }
}

/// The schemas with those that they refer to or are made of.
fn unfolded<'s>(spec: &'s Spec, schemas: &[&'s Value]) -> Vec<&'s Value> {
    let mut all = schemas.to_vec();
    let mut at = 0;
    while let Some(schema) = all.get(at).copied() {
        all.extend(spec.referred(schema));
        for name in ["anyOf", "allOf"] {
            all.extend(schema[name].as_array().into_iter().flatten());
        }
        at += 1;
    }
    all
}
