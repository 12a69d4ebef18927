//! JSON that is given on the command line, in a file, or on standard input.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::value::RawValue;

use crate::exit::{Failed, USAGE};
use crate::out;

/// The object that `given` is or names; `what` says what for. What is longer than `most` bytes could not be sent.
pub(super) fn object(given: &OsStr, what: &str, most: usize) -> Result<Box<RawValue>, Failed> {
    let text = text(given, what, u64::try_from(most).unwrap_or(u64::MAX))?;
    let raw = serde_json::from_str::<&RawValue>(&text).map_err(|error| {
        let given = given.to_string_lossy();
        // Whoever forgot `--` has the server's program here.
        let hint =
            if given.starts_with(['{', '@', '-']) { "" } else { "; a server's command comes after --" };
        Failed::new(USAGE, format!("{what} are no JSON: {error}{hint}"))
    })?;
    if !raw.get().starts_with('{') {
        return Err(Failed::new(USAGE, format!("{what} must be a JSON object, such as '{{\"a\": 1}}'")));
    }
    Ok(raw.to_owned())
}

fn text(given: &OsStr, what: &str, most: u64) -> Result<String, Failed> {
    let not_text = || Failed::new(USAGE, format!("{what} are not UTF-8"));
    let (from, read) = if given == "-" {
        ("standard input".to_owned(), out::read_stdin(most))
    } else if let Some(path) = file(given) {
        (path.display().to_string(), read(path, most))
    } else {
        return given.to_str().map(str::to_owned).ok_or_else(not_text);
    };
    let bytes =
        read.map_err(|error| Failed::new(USAGE, format!("can't read {what} from {from}: {error}")))?;
    if bytes.len() as u64 > most {
        return Err(Failed::new(
            USAGE,
            format!("{what} in {from} are longer than --max-message, {most} bytes"),
        ));
    }
    String::from_utf8(bytes).map_err(|_| not_text())
}

/// `@FILE`, whose name need not be text.
#[cfg(unix)]
fn file(given: &OsStr) -> Option<&Path> {
    use std::os::unix::ffi::OsStrExt as _;
    given.as_bytes().strip_prefix(b"@").map(|path| Path::new(OsStr::from_bytes(path)))
}

#[cfg(not(unix))]
fn file(given: &OsStr) -> Option<&Path> {
    given.to_str()?.strip_prefix('@').map(Path::new)
}

fn read(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}
