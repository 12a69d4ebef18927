//! `tenure ping`.

use std::io;
use std::time::{Duration, Instant};

use serde_json::json;
use tenure_mcp::Client;

use crate::args::PingArgs;
use crate::exit::Failed;
use crate::out;
use crate::print;
use crate::session::{self, Output};

pub(crate) fn ping(args: &PingArgs) -> Result<(), Failed> {
    let json = args.session.json;
    session::with(&args.session, async |client: &Client| {
        let lease = client.acquire().await?;
        let mut answers = Vec::new();
        for number in 1..=args.count {
            if number > 1 && !args.interval.is_zero() {
                args.session.runtime.sleep(args.interval).await;
            }
            let begin = Instant::now();
            lease.ping().await?;
            let took = begin.elapsed();
            if json {
                answers.push(millis(took));
                continue;
            }
            let line = format!("ping {number}: {:.3} ms\n", millis(took));
            // A reader that is slow must not keep a signal from being heard.
            match smol::unblock(move || out::write(&line)).await {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
                written => print::printed(written)?,
            }
        }
        let notes = match (args.count, args.interval.is_zero()) {
            (1, false) => vec!["--interval is the time between two pings, and --count says one".to_owned()],
            _ => Vec::new(),
        };
        let document = || format!("{}\n", json!({ "milliseconds": answers }));
        Ok(Output { text: if json { document() } else { String::new() }, notes, failed: None })
    })
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
