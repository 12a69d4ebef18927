//! `tenure replay`.

use std::fs::File;
use std::io::Read as _;

use serde_json::json;
use tenure::trace;

use crate::args::ReplayArgs;
use crate::exit::{ANSWERED, Failed, USAGE};
use crate::{print, text};

/// What is larger is something else, such as /dev/zero.
const LARGEST_TRACE: u64 = 256 << 20;

pub(crate) fn replay(args: &ReplayArgs) -> Result<(), Failed> {
    let bytes = read(args)?;
    // A damaged trace need not be text; what can't be read is a difference in its line.
    let lines = String::from_utf8_lossy(&bytes);
    match trace::replay(lines.lines()) {
        Ok(replayed) if args.json => {
            let trace::Replayed { events, generations, state, .. } = replayed;
            let document =
                json!({ "same": true, "events": events, "generations": generations, "state": state });
            print::print(&format!("{document}\n"))
        }
        Ok(replayed) => print::print(&format!(
            "{}, {}, ends {}: the machine does the same again, all invariants hold\n",
            text::counted(replayed.events, "input"),
            text::counted(replayed.generations, "generation"),
            replayed.state
        )),
        Err(difference) => {
            if args.json {
                print::print(&format!(
                    "{}\n",
                    json!({ "same": false, "difference": difference.to_string() })
                ))?;
            }
            Err(Failed::new(ANSWERED, difference).printed())
        }
    }
}

fn read(args: &ReplayArgs) -> Result<Vec<u8>, Failed> {
    let path = args.trace.display();
    let mut bytes = Vec::new();
    File::open(&args.trace)
        .and_then(|file| file.take(LARGEST_TRACE + 1).read_to_end(&mut bytes))
        .map_err(|error| Failed::new(USAGE, format!("can't read the trace {path}: {error}")))?;
    if bytes.len() as u64 > LARGEST_TRACE {
        let why = format!("{path} is larger than a trace may be: {LARGEST_TRACE} bytes");
        return Err(Failed::new(USAGE, why));
    }
    Ok(bytes)
}
