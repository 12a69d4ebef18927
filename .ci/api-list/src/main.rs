//! `api-list FILE`: one line for each public item of the crate whose rustdoc JSON is in FILE.
//!
//! Of what the compiler and std add by themselves only this is kept, being a promise to users: which traits
//! are derived, and whether a type is `Send`, `Sync` and `Unpin`.

use std::{collections::HashSet, process::ExitCode};

fn main() -> ExitCode {
    let Some(file) = std::env::args_os().nth(1) else {
        eprintln!("usage: api-list FILE");
        return ExitCode::from(2);
    };
    match list(file.as_ref()) {
        Ok(lines) => {
            for line in lines {
                println!("{line}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("api-list: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list(file: &std::path::Path) -> public_api::Result<Vec<String>> {
    let builder = public_api::Builder::from_rustdoc_json(file).omit_blanket_impls(true);
    let lines = |builder: public_api::Builder| -> public_api::Result<Vec<String>> {
        Ok(builder.build()?.into_items().map(|item| item.to_string()).collect())
    };
    let written: HashSet<String> =
        lines(builder.clone().omit_auto_trait_impls(true).omit_auto_derived_impls(true))?
            .into_iter()
            .collect();
    let mut all = lines(builder)?;
    all.retain(|line| written.contains(line) || (line.starts_with("impl") && !is_noise(line)));
    Ok(all)
}

/// Traits that say nothing to users here, or that come and go with the compiler.
fn is_noise(line: &str) -> bool {
    [
        "core::marker::Freeze for ",
        "core::marker::StructuralPartialEq for ",
        "core::marker::UnsafeUnpin for ",
        "core::panic::unwind_safe::RefUnwindSafe for ",
        "core::panic::unwind_safe::UnwindSafe for ",
    ]
    .iter()
    .any(|noise| line.contains(noise))
}
