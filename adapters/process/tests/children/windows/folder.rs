//! Files of one test.

use std::fs;
use std::path::PathBuf;

/// A folder of one test on one runtime, gone with it.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new<R>(name: &str) -> Self {
        let runtime = std::any::type_name::<R>().replace(|it: char| !it.is_ascii_alphanumeric(), "");
        let folder = std::env::temp_dir().join(format!("tenure-{}-{runtime}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(super) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
