//! The command line of programs that run cases.

use crate::Case;

/// Does what the arguments say: `--list`, or `--case NAME --times N`.
pub fn run(cases: &[&[Case]]) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let all = || cases.iter().copied().flatten();
    match *arguments {
        ["--list"] => {
            for Case { name, times: (few, many), .. } in all() {
                println!("{name}\t{few}\t{many}");
            }
        }
        ["--case", name, "--times", times] => {
            let Some(case) = all().find(|case| case.name == name) else { fail("no such case") };
            (case.run)(times.parse().unwrap_or_else(|_| fail("--times takes a number")));
        }
        _ => fail("--list, or --case NAME --times N"),
    }
}

fn fail(what: &str) -> ! {
    eprintln!("{what}");
    std::process::exit(2)
}
