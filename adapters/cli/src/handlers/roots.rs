//! Where servers may work.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tenure_mcp::proto::types::Root;

use crate::exit::{Failed, USAGE};

/// The folders as a server is told of them: where they are, whatever the way there was, with the last name of each.
pub(super) fn roots(folders: &[PathBuf]) -> Result<Vec<Root>, Failed> {
    folders.iter().map(|folder| root(folder)).collect()
}

fn root(folder: &Path) -> Result<Root, Failed> {
    let failed = |why: &str| Failed::new(USAGE, format!("--roots {}: {why}", folder.display()));
    let path = folder.canonicalize().map_err(|error| failed(&error.to_string()))?;
    if !path.is_dir() {
        return Err(failed("it is no folder"));
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(Root::new(uri(&path)).name(name))
}

/// What is neither a letter nor a digit nor harmless is written as its bytes (RFC 3986, section 2). On Windows, where a
/// folder that is looked for is `\\?\C:\a` or `\\?\UNC\server\share\a`, the URI is `file:///C:/a` or
/// `file://server/share/a` (RFC 8089, appendix E).
fn uri(path: &Path) -> String {
    let path = path.as_os_str().as_encoded_bytes();
    let (start, path) = if !cfg!(windows) {
        ("file://", path)
    } else if let Some(path) = path.strip_prefix(br"\\?\UNC\") {
        ("file://", path)
    } else if let Some(path) = path.strip_prefix(br"\\?\") {
        ("file:///", path)
    } else {
        ("file://", path)
    };
    let mut uri = start.to_owned();
    for byte in path {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            // That of the drive: no name has one there.
            b':' if cfg!(windows) => uri.push(':'),
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_path_has_in_it_is_one_uri() {
        assert_eq!(uri(Path::new("/a b/ü#?%/c.d-e_f~")), "file:///a%20b/%C3%BC%23%3F%25/c.d-e_f~");
        assert_eq!(uri(Path::new("/")), "file:///");
    }

    #[cfg(windows)]
    #[test]
    fn a_folder_of_a_drive_or_of_another_machine_is_a_uri_that_others_read() {
        assert_eq!(uri(Path::new(r"\\?\C:\a b\ü")), "file:///C:/a%20b/%C3%BC");
        assert_eq!(uri(Path::new(r"\\?\UNC\server\share\a")), "file://server/share/a");
    }
}
