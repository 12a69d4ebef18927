//! Makes one HTML file of a page, its scripts and its wasm: `bundle WASM FOLDER OUTPUT`. It can be opened without a
//! server.

use std::error::Error;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: bundle WASM FOLDER OUTPUT");
    let (wasm, folder, output) = (next()?, next()?, next()?);

    let mut made = Bindgen::new().input_path(&wasm).no_modules(true)?.typescript(false).generate_output()?;
    let bytes = made.wasm_mut().emit_wasm();
    let read = |name: &str| fs::read_to_string(Path::new(&folder).join(name));
    let mut page = read("index.html")?;
    for name in ["style.css", "peer.js", "app.js", "real.js", "play.js"] {
        page = put(&page, name, &read(name)?)?;
    }
    page = put(&page, "glue.js", made.js())?;
    page = put(&page, "wasm", &BASE64_STANDARD.encode(&bytes))?;
    fs::write(&output, &page)?;
    println!("{output}: {} bytes, {} of them wasm", page.len(), bytes.len());
    Ok(())
}

/// Puts `text` where the page says `/*{name}*/`.
fn put(page: &str, name: &str, text: &str) -> Result<String, String> {
    let place = format!("/*{{{name}}}*/");
    match page.split_once(&place) {
        Some((before, after)) => Ok([before, text, after].concat()),
        None => Err(format!("the page has no {place}")),
    }
}
