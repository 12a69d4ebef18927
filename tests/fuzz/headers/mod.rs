//! What goes into headers and comes out of them: addresses, challenges, names, arguments of tools.

mod address;
mod challenges;
mod schema;
mod tools;
mod value;

use tenure_mcp_proto::Eras;

use value::read;

use crate::bytes::Bytes;
use crate::http::Session;
use crate::text;

/// A byte says which of them it is about.
pub fn headers(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    match bytes.byte() & 3 {
        0 => address::check(&String::from_utf8_lossy(&text::addresses(bytes))),
        1 => challenges::check(&text::challenges(bytes)),
        2 => name(&String::from_utf8_lossy(&data[1.min(data.len())..])),
        _ => tools::check(bytes),
    }
}

/// Any name of a tool reaches a server that reads as the specification says.
fn name(text: &str) {
    let params = serde_json::value::to_raw_value(&serde_json::json!({ "name": text })).expect("it is JSON");
    let mut session = Session::open(Eras::Modern);
    let (_, request) = session.request("tools/call", Some(&params)).expect("it is sent");
    let header = request.headers().get("mcp-name").expect("it has a name");
    assert_eq!(read(header), text);
}
