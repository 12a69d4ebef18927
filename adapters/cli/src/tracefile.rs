//! A trace on its way to a file.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tenure::Config;
use tenure::trace::Recorder;
use tenure_driver::TraceEvent;

use crate::args::TraceArgs;
use crate::exit::{Failed, USAGE};

/// Records to a file, from the driver's task, and ends the trace when the driver has ended.
#[derive(Clone)]
pub(crate) struct TraceFile {
    shared: Arc<Mutex<Recording>>,
    path: PathBuf,
}

struct Recording {
    recorder: Recorder,
    file: BufWriter<File>,
    failed: Option<std::io::Error>,
}

impl TraceFile {
    /// Begins the trace, if one is wanted.
    pub(crate) fn create(args: &TraceArgs, config: &Config) -> Result<Option<Self>, Failed> {
        let Some(path) = &args.path else { return Ok(None) };
        let file = open(path, args.force).map_err(|error| {
            let hint = if error.kind() == ErrorKind::AlreadyExists { "; --force overwrites it" } else { "" };
            Failed::new(USAGE, format!("can't write the trace {}: {error}{hint}", path.display()))
        })?;
        let recorder = Recorder::new(config);
        let mut recording = Recording { recorder, file: BufWriter::new(file), failed: None };
        let header = recording.recorder.header();
        recording.write(&header);
        Ok(Some(Self { shared: Arc::new(Mutex::new(recording)), path: path.clone() }))
    }

    pub(crate) fn write(&self, event: &TraceEvent) {
        let mut recording = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let line = recording.recorder.line(event.time, event.input, event.output.clone());
        recording.write(&line);
    }

    /// The last line. A trace that could not be written whole is a failure of its own.
    pub(crate) fn end(&self) -> Result<(), Failed> {
        let mut recording = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let footer = recording.recorder.footer();
        recording.write(&footer);
        if let Err(error) = recording.file.flush() {
            recording.failed.get_or_insert(error);
        }
        match recording.failed.take() {
            None => Ok(()),
            Some(error) => {
                let path = self.path.display();
                Err(Failed::new(USAGE, format!("the trace {path} is incomplete: {error}")))
            }
        }
    }
}

/// A file of the past is not overwritten without being asked to; a device or a pipe has nothing to lose.
fn open(path: &Path, force: bool) -> std::io::Result<File> {
    if force {
        return File::create(path);
    }
    match File::create_new(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && !path.is_file() => {
            File::options().write(true).open(path)
        }
        opened => opened,
    }
}

impl Recording {
    fn write(&mut self, line: &str) {
        if self.failed.is_none()
            && let Err(error) = self.file.write_all(line.as_bytes())
        {
            self.failed = Some(error);
        }
    }
}
