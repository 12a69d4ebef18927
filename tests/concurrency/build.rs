//! Sets `cfg(loom)` or `cfg(shuttle)` for this package alone: no dependency ever sees it.

use std::env::var_os;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(loom)");
    println!("cargo::rustc-check-cfg=cfg(shuttle)");
    let [loom, shuttle] = ["LOOM", "SHUTTLE"].map(|name| var_os(format!("CARGO_FEATURE_{name}")).is_some());
    match (loom, shuttle) {
        (true, true) => {
            println!("cargo::error=one scheduler at a time: --features loom or --features shuttle");
        }
        (true, false) => println!("cargo::rustc-cfg=loom"),
        (false, true) => println!("cargo::rustc-cfg=shuttle"),
        (false, false) => {}
    }
}
