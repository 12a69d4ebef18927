//! What must not compile does not, and for the reason that is meant: each such program has a twin that
//! compiles and differs from it in one token.
#![allow(clippy::panic, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[cfg_attr(windows, ignore = "it starts cargo, which can't be where Windows is Wine")]
#[test]
fn what_must_not_compile_does_not() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile_fail/*.rs");
}

/// The twins: files of the folder `twins`, which are compiled as parts of this test. As programs of their own, as those
/// that must not compile are, they would take longer to link than all else here.
macro_rules! twins {
    ($($name:ident)+) => {
        #[allow(dead_code, unused_assignments, clippy::pedantic, reason = "they are there to be compiled")]
        mod twins {
            $(mod $name;)+
        }

        const TWINS: &[&str] = &[$(stringify!($name)),+];
    };
}

twins! {
    clone_a_lease clone_a_session clone_a_state closed_by_its_fields closed_to_closed
    closed_to_connecting closed_to_draining closed_to_idle closed_to_live copy_a_lease
    draining_to_connecting draining_to_draining draining_to_live idle_past_its_backoff idle_to_live
    lease_by_its_fields live_by_its_fields live_to_connecting live_to_live new_lease release_twice
    state_used_twice
}

#[test]
fn each_program_and_its_twin_differ_in_one_token() {
    let (fails, passes) = (programs("compile_fail"), programs("twins"));
    assert!(passes.keys().eq(TWINS), "each is compiled: {:?}", passes.keys());
    assert!(fails.keys().eq(passes.keys()), "each has a twin: {:?}, {:?}", fails.keys(), passes.keys());
    for (name, fail) in &fails {
        let (fail, pass) = (tokens(fail), tokens(&passes[name]));
        let different: Vec<_> = fail.iter().zip(&pass).filter(|(one, other)| one != other).collect();
        let one = fail.len() == pass.len() && different.len() == 1;
        assert!(one, "{name} and its twin differ in {different:?}");
    }
}

#[test]
fn two_texts_are_compared_token_by_token() {
    assert_eq!(tokens("a.b_1(&c) // d"), ["a", ".", "b_1", "(", "&", "c", ")", "/", "/", "d"]);
}

/// The programs of a kind, by name.
fn programs(kind: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(kind);
    let files = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    files
        .filter_map(|file| {
            let path = file.ok()?.path();
            let name = path.file_name()?.to_str()?.strip_suffix(".rs")?.to_owned();
            Some((name, fs::read_to_string(path).ok()?))
        })
        .collect()
}

/// Words and single signs, in order.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    for sign in text.chars() {
        let of_word = sign.is_alphanumeric() || sign == '_';
        match tokens.last_mut() {
            Some(word) if of_word && in_word => word.push(sign),
            _ if sign.is_whitespace() => {}
            _ => tokens.push(sign.into()),
        }
        in_word = of_word;
    }
    tokens
}
