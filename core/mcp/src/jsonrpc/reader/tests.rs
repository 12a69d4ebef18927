use std::collections::BTreeMap;

use super::*;
use crate::jsonrpc::ends::near_end;
use crate::jsonrpc::json::raw;

/// All texts of up to so many of these pieces.
fn texts(pieces: &[&str], most: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..most {
        let longest = all.split_off(from);
        let longer: Vec<_> = longest
            .iter()
            .flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}")))
            .collect();
        all.extend(longest);
        from = all.len();
        all.extend(longer);
    }
    all
}

/// It reads what `serde_json` reads, nothing else, and finds the same, with blanks between the parts or without.
fn agrees_with_serde_json(value: &str) {
    for text in [
        format!(r#"{{"a":{value}}}"#),
        format!(r#"{{"a":{value},"behind the value":["sixteen bytes"]}}"#),
        format!("\n{{ \"a\"\t:\r{value} , \"behind the value\" : [ \"sixteen bytes\" , 2 ] }}\n"),
    ] {
        let expected: Option<BTreeMap<String, &RawValue>> = serde_json::from_str(&text).ok();
        let expected = expected.map(|fields| fields.get("a").map(|value| value.get().to_owned()));
        let owned = |found: [Option<&RawValue>; 1]| found[0].map(|value| value.get().to_owned());
        assert_eq!(Reader::new(&text).fields(["a"]).map(owned), expected, "{text:?}");
        if expected.is_some() {
            assert_eq!(Reader::of(&raw(text.trim())).fields(["a"]).map(owned), expected, "{text:?}");
        }
    }
}

#[test]
fn strings_are_what_serde_json_takes_for_one() {
    for inside in texts(&["\\", "\"", "n", "u", "00e9", "g", "\u{1f}", " ", "a long piece of text"], 4) {
        agrees_with_serde_json(&format!("\"{inside}\""));
    }
    for escape in
        ["\"", "\\", "/", "b", "f", "n", "r", "t", "a", "'", "u00AF", "u00g0", "u000G", "u-000", "x00"]
    {
        agrees_with_serde_json(&format!("\"\\{escape}\""));
    }
}

#[test]
fn numbers_are_what_serde_json_takes_for_one() {
    for number in texts(&["-", "+", "0", "1", ".", "e"], 5) {
        agrees_with_serde_json(&number);
    }
    for number in ["9", "1E2", "1E+2", "1E-2", "-0.10e-12", "-12.340E+567", "1EE2", "1e1E1", "1e+", "1E-"] {
        agrees_with_serde_json(number);
    }
}

#[test]
fn what_is_nested_is_what_serde_json_takes_for_it() {
    for value in texts(&["{", "}", "[", "]", ",", ":", "\"}]\"", "1", "true", "\n"], 4) {
        agrees_with_serde_json(&value);
    }
    for word in ["true", "false", "null", "tru", "falsy", "nul", "True", "NaN", "Infinity", "truefalse"] {
        agrees_with_serde_json(word);
    }
}

#[test]
fn what_was_read_before_is_read_however_deep_and_else_it_is_left_to_others() {
    let nested = |levels: usize| format!(r#"{{"a":{}1{}}}"#, "[".repeat(levels), "]".repeat(levels));
    for (levels, is_read) in [(128, true), (129, false), (1000, false)] {
        let text = nested(levels);
        assert_eq!(Reader::new(&text).fields(["a"]).is_some(), is_read, "{levels}");
        assert_eq!(
            Reader::new(&text.replace('[', "{\"\":").replace(']', "}")).fields(["a"]).is_some(),
            is_read
        );
        assert!(Reader { known: Known::JSON, ..Reader::new(&text) }.fields(["a"]).is_some(), "{levels}");
    }
}

fn read(text: &str) -> Option<&str> {
    let [value] = Reader::new(text).fields(["a"])?;
    Some(value?.get())
}

#[test]
fn a_short_string_ends_at_its_first_quote() {
    for length in 0..20 {
        for char in ["x", "ä", "\u{2022}"] {
            let plain = char.repeat(length);
            let text = format!("{plain}\"behind, and more of it");
            let expected = (plain.len() <= 16).then_some(&text.as_bytes()[plain.len() + 1..]);
            assert_eq!(near_end(text.as_bytes()), expected, "{text}");
        }
        let escaped = format!(r#"{}\" and much more""#, "x".repeat(length));
        assert_eq!(near_end(escaped.as_bytes()), None, "{escaped}");
    }
    assert_eq!(near_end(b"a\""), None, "too short to be looked at together");
}

#[test]
fn control_characters_stand_between_values_only() {
    for space in ["\t", "\n", "\r", " ", ""] {
        let text =
            format!(r#"{space}{{{space}"a"{space}:{space}["b b",{space}"much, much longer"]}}{space}"#);
        assert_eq!(read(&text), Some(&*format!(r#"["b b",{space}"much, much longer"]"#)), "{text:?}");
    }
    for control in ["\0", "\t", "\n", "\u{1f}"] {
        for string in [control.to_owned(), format!("much, much longer{control} than that")] {
            assert_eq!(read(&format!(r#"{{"a":"{string}"}}"#)), None, "{string:?}");
            assert_eq!(read(&format!(r#"{{"a":1,"{string}":1}}"#)), None, "{string:?}");
        }
    }
    assert_eq!(read("{\"a\":\u{b}1}"), None);
}

#[test]
fn what_nobody_has_read_yet_is_read_128_deep_and_what_is_known_to_any_depth() {
    for (depth, is_read) in [(128, true), (129, false)] {
        for (open, close) in [("[", "]"), (r#"{"b":"#, "}")] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let text = format!(r#"{{"a":{deep}}}"#);
            assert_eq!(read(&text), is_read.then_some(&*deep));
            let known = raw(&text);
            let [value] = Reader::of(&known).fields(["a"]).unwrap();
            assert_eq!(value.unwrap().get(), deep);
        }
    }
}

#[test]
fn a_field_that_is_read_on_the_way_is_found_as_one_that_is_not() {
    let text = raw(r#"{"a":[1,"]"],"b":2,"a":[{}] ,"c":"x"}"#);
    let (mut seen, mut elements) = (Vec::new(), 0);
    let found = Reader::of(&text).fields_with(["c", "a"], |place, value| {
        seen.push(place);
        let _array = value.array(|element| {
            elements += 1;
            element.next_value().map(drop)
        });
    });
    let found = found.unwrap().map(|value| value.unwrap().get());
    assert_eq!((found, seen, elements), ([r#""x""#, "[{}]"], vec![1, 1, 0], 3));
}

#[test]
fn a_reader_stays_where_no_array_or_object_begins() {
    let text = raw("17");
    let mut reader = Reader::of(&text);
    assert!(reader.array(|_| None).is_none() && reader.next_fields(["a"]).is_none());
    assert_eq!((reader.place(), reader.next_value().unwrap().get()), (0, "17"));
}

#[test]
fn a_key_is_known_whatever_stands_before_and_behind_its_colon() {
    for before in ["", " ", "\t\t\t", " \n\r\t"] {
        for behind in ["", " ", "\n\t"] {
            let text = format!("{{\"a\"{before}:{behind}1,\"b\":2}}");
            let [a, b] = Reader::new(&text).fields(["a", "b"]).unwrap();
            assert_eq!((a.map(RawValue::get), b.map(RawValue::get)), (Some("1"), Some("2")), "{text:?}");
        }
    }
}
