use proptest::prelude::*;

use super::*;

/// What texts are made of, sound and not.
const PIECES: [&str; 44] = [
    "{",
    "}",
    "{",
    "}",
    "[",
    "]",
    ",",
    ",",
    ":",
    ":",
    " ",
    "\n",
    "\t",
    "\u{b}",
    "\u{a0}",
    "\"a\"",
    "\"b\"",
    "\"a\":",
    "\"b\":",
    "\"\\u0061\":",
    "\"\\ud800\":",
    "\"\\uD83D\\uDE00\"",
    "\"\\u00g0\"",
    "\"\\x\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\t\"",
    "\"",
    "\\",
    "much longer than sixteen bytes",
    "ä",
    "\"ä\"",
    "0",
    "-0",
    "01",
    "1.",
    "-1.50",
    ".5",
    "0.5e+3",
    "1E-1",
    "1e",
    "-",
    "true",
    "false",
    "null",
];

fn read(found: Option<[Option<&RawValue>; 2]>) -> Option<[Option<&str>; 2]> {
    Some(found?.map(|value| value.map(RawValue::get)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_what_serde_json_reads(
        places in prop::collection::vec(0..PIECES.len(), 0..14),
        whole in any::<bool>(),
    ) {
        let text: String = places.into_iter().map(|place| PIECES[place]).collect();
        let text = if whole { format!("{{\"a\":{text}}}") } else { text };
        let names = ["a", "b"];
        // With more than the names, it takes control characters in keys.
        let is_json = serde_json::from_str::<&RawValue>(&text).is_ok();
        let expected = read(fields_at_any_depth(&text, names).ok().filter(|_| is_json));
        prop_assert_eq!(read(Reader::new(&text).fields(names)), expected, "{}", text);
        if expected.is_some() {
            prop_assert_eq!(read(fields_of(known(text.trim()), names)), expected, "{}", text);
        }
    }
}

#[test]
fn the_last_of_repeated_keys_counts() {
    let [a, b] = fields(r#"{"a":1,"x":[{}],"a":2.50}"#, ["a", "b"]).unwrap();
    assert_eq!(a.unwrap().get(), "2.50");
    assert!(b.is_none());
}

#[test]
fn null_is_not_absent() {
    let [a] = fields(r#"{"a":null}"#, ["a"]).unwrap();
    assert!(is_null(a.unwrap()));
}

#[test]
fn escaped_keys_are_understood_and_broken_ones_skipped() {
    let [id] = fields(r#"{"\ud800":0,"\u0069d":7}"#, ["id"]).unwrap();
    assert_eq!(id.unwrap().get(), "7");
}

#[test]
fn deep_nesting_is_no_problem() {
    let depth = 300_000;
    let text = format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let [a] = fields(&text, ["a"]).unwrap();
    assert_eq!(a.unwrap().get().len(), 2 * depth);
}

#[test]
fn other_values_than_objects_are_refused() {
    for text in ["[]", "1", "\"a\"", "null", "", "{} {}", "{"] {
        assert!(fields(text, ["a"]).is_err(), "{text}");
    }
}

#[test]
fn entries_come_raw_and_in_order() {
    let mut seen = Vec::new();
    entries(r#"{"a\u0062" : 1.0,"":{"b" :2}, "\ud800":null}"#, &mut |key, value| {
        seen.push((key.get(), value.get()));
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, [(r#""a\u0062""#, "1.0"), (r#""""#, "{\"b\" :2}"), (r#""\ud800""#, "null")]);
    assert!(entries("[]", &mut |_, _| Ok(())).is_err());
}

#[test]
fn elements_come_raw_and_in_order() {
    let mut seen = Vec::new();
    elements("[1.0, {\"b\" :2} ,null]", &mut |raw| {
        seen.push(raw.get());
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, ["1.0", "{\"b\" :2}", "null"]);
    assert!(elements("{}", &mut |_| Ok(())).is_err());
}

#[test]
fn what_needs_no_escape_is_written_as_it_is() {
    for plain in ["", "tools/call", " !#[]~\u{7f}ä\u{1f600}"] {
        assert!(matches!(escaped(plain), Cow::Borrowed(text) if text == plain), "{plain}");
    }
    for text in ["\"", "\\", "\u{1f}", "a\0b\nc\"d\\e\u{1f600}"] {
        assert!(matches!(escaped(text), Cow::Owned(_)), "{text:?}");
        assert_eq!(serde_json::from_str::<String>(&quoted(text)).unwrap(), text);
    }
}

#[test]
fn excerpts_are_bounded_and_survive_cut_characters() {
    let long = "ä".repeat(1000);
    assert!(excerpt(&long.as_bytes()[1..]).len() < 400);
    assert_eq!(excerpt(b"short"), "short");
}
