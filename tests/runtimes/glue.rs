//! What is said of the lines of glue is what stands here.

/// Where a host's own lines end: what follows is for the kit.
const FOR_THE_KIT: &str = "// For the kit: an instance that ends with its body.";

/// Lines of code of the timer, and of what the kit asks for besides.
fn lines(source: &str) -> (usize, usize) {
    let (glue, _) = source.split_once("tenure_kit::conformance!").unwrap();
    let (timer, rest) = glue.split_once(FOR_THE_KIT).unwrap();
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    let count = |part: &str| part.lines().filter(is_code).count();
    (count(timer), count(rest))
}

#[test]
fn the_tables_count_the_lines_that_stand_here() {
    let readme = include_str!("README.md");
    let guide = include_str!("../../guide/src/topic/executors.md");
    for (file, source) in [
        ("futures.rs", include_str!("futures.rs")),
        ("async_executor.rs", include_str!("async_executor.rs")),
        ("embassy.rs", include_str!("embassy.rs")),
        ("compio.rs", include_str!("compio.rs")),
        ("glib/main.rs", include_str!("glib/main.rs")),
        ("editor/mod.rs", include_str!("editor/mod.rs")),
    ] {
        let (timer, rest) = lines(source);
        let row = format!("[{file}]({file}) | {timer} | {rest} |");
        assert!(readme.contains(&row), "README.md has no row with {row}");
        let row = format!("`{file}` | {timer} |");
        assert!(guide.contains(&row), "the guide has no row with {row}");
    }
}
