//! What the server answers: prepared texts, found by the few bytes of a request that matter.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// What the server says of a session of the legacy era.
const INITIALIZED: &str = r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"canned","version":"1.0.0"}}"#;
const SUM: &str = r#"{"content":[{"type":"text","text":"The sum of 1 and 2 is 3."}],"isError":false}"#;

/// What is looked for, prepared once: the server is to cost as little as can be, as it is part of all that is measured.
static METHOD: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""method":""#));
static NAME: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""name":"text-"#));
static ID: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""id":"#));

/// Results with a text, and how long they are about, in bytes.
static TEXTS: LazyLock<Vec<(usize, String)>> = LazyLock::new(|| {
    (2..=7).map(|digits| 10_usize.pow(digits)).map(|bytes| (bytes, text_result(bytes))).collect()
});
static TOOLS: LazyLock<String> = LazyLock::new(|| tools(1_000));

/// A result with one text, of about so many bytes in JSON: lines of 80 characters.
pub fn text_result(bytes: usize) -> String {
    const LINE: &str = r"All work and no play makes Jack a dull boy; all play and no work, a mere toy..\n";
    let text = LINE.repeat((bytes / LINE.len()).max(1));
    format!(r#"{{"content":[{{"type":"text","text":"{text}"}}],"isError":false}}"#)
}

/// A page of so many tools.
pub fn tools(count: usize) -> String {
    let tools: Vec<String> = (0..count)
        .map(|n| {
            format!(
                r#"{{"name":"tool-{n}","description":"Looks for what number {n} is about, and says what it found of it in a few words.","inputSchema":{{"type":"object","properties":{{"query":{{"type":"string","description":"What is looked for"}},"limit":{{"type":"integer","minimum":1}}}},"required":["query"]}}}}"#
            )
        })
        .collect();
    format!(r#"{{"tools":[{}]}}"#, tools.join(","))
}

/// The result for a request, or `None` for what a server of the legacy era doesn't know.
pub fn result(line: &[u8]) -> Option<&'static str> {
    let method = text_behind(line, &METHOD)?;
    if method.starts_with(b"tools/call") {
        return match text_behind(line, &NAME) {
            None => Some(SUM),
            Some(bytes) => {
                let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let text = TEXTS.iter().find(|(bytes, _)| bytes.ilog10() as usize + 1 == digits)?;
                Some(&text.1)
            }
        };
    }
    match method.split(|byte| *byte == b'"').next()? {
        b"initialize" => Some(INITIALIZED),
        b"tools/list" => Some(&TOOLS),
        b"ping" => Some("{}"),
        _ => None,
    }
}

/// The id of a request as it stands there; a notification has none.
pub fn id(line: &[u8]) -> Option<&[u8]> {
    let id = text_behind(line, &ID)?;
    id.split(|byte| matches!(byte, b',' | b'}')).next()
}

fn text_behind<'a>(line: &'a [u8], mark: &Finder<'_>) -> Option<&'a [u8]> {
    mark.find(line).and_then(|at| line.get(at + mark.needle().len()..))
}

/// Adds the answer to `line`, if it wants one, as a line.
pub fn answer(line: &[u8], output: &mut Vec<u8>) {
    let Some(id) = id(line) else { return };
    output.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    output.extend_from_slice(id);
    match result(line) {
        Some(result) => {
            output.extend_from_slice(br#","result":"#);
            output.extend_from_slice(result.as_bytes());
        }
        None => output.extend_from_slice(br#","error":{"code":-32601,"message":"Method not found"}"#),
    }
    output.extend_from_slice(b"}\n");
}

/// Answers all lines that `input` has whole, and takes them out of it.
pub fn answer_all(input: &mut Vec<u8>, output: &mut Vec<u8>) {
    let mut begun = 0;
    while let Some(length) = input.get(begun..).and_then(|rest| memchr::memchr(b'\n', rest)) {
        answer(&input[begun..begun + length], output);
        begun += length + 1;
    }
    input.drain(..begun);
}
