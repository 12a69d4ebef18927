//! `tenure request`.

use tenure_mcp::Client;

use super::json;
use super::progress::Bar;
use crate::args::RequestArgs;
use crate::exit::Failed;
use crate::session::{self, Output};
use crate::text;

pub(crate) fn request(args: &RequestArgs) -> Result<(), Failed> {
    let most = args.session.max_message;
    let given = args.params.as_deref();
    let params = given.map(|given| json::object(given, "the params", most)).transpose()?;
    session::with(&args.session, async |client: &Client| {
        let bar = Bar::start(args.session.json);
        let mut request = client.request(&args.method, params.as_deref());
        // Progress puts off the deadline that nobody has chosen, on a terminal or not.
        if bar.is_shown() || args.session.call_timeout.is_none() {
            request = request.progress(|report| bar.tell(report));
        }
        let result = request.await;
        bar.end().await;
        let raw = result?;
        let text = if args.session.json { raw.get().to_owned() } else { text::lines(raw.get()) };
        Ok(Output { text: text + "\n", ..Output::default() })
    })
}
