//! What the children do: this program again, told by its environment which part to play.

use std::env;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::net::TcpListener;
use std::os::windows::process::CommandExt as _;
use std::process::{Child, exit};

use super::hosts;
use super::playing::{AS_A_PART, PART, part, say, sleep};

const CREATE_BREAKAWAY_FROM_JOB: u32 = 0x0100_0000;
const DETACHED_PROCESS: u32 = 0x0000_0008;
const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;

/// Does nothing unless started by one of the tests.
#[test]
fn as_a_part() {
    let Ok(played) = env::var(PART) else { return };
    let (name, told) = played.rsplit_once(' ').unwrap_or((&played, ""));
    match name {
        "cat" => {
            say("@ready");
            io::copy(&mut io::stdin(), &mut io::stdout()).unwrap();
            exit(0);
        }
        "exit" => exit(told.parse().unwrap()),
        "sleep" => {
            say("@ready");
            sleep();
        }
        "quiet" => sleep(),
        "family" => {
            let _family = [sleeper(0).unwrap(), sleeper(0).unwrap()];
            say("@ready");
            sleep();
        }
        "leave" => {
            let _left = [sleeper(0).unwrap(), sleeper(DETACHED_PROCESS).unwrap()];
            exit(told.parse().unwrap());
        }
        "break-away" => break_away(),
        "say" => {
            println!("out {}", env::var("GREETING").unwrap_or_default());
            eprintln!("err");
            exit(0);
        }
        "environment" => {
            let set = env::vars().filter(|(name, _)| name.eq_ignore_ascii_case("tenure_merged"));
            say(&format!("@{:?}", set.map(|(_, value)| value).collect::<Vec<_>>()));
            exit(0);
        }
        "arguments" => {
            let own: Vec<_> = env::args().skip_while(|it| it != AS_A_PART).skip(1).collect();
            say(&format!("@{own:?}"));
            exit(0);
        }
        "pour" => {
            say("@ready");
            let piece = vec![b'y'; 1 << 16];
            for _ in 0..told.parse().unwrap() {
                io::stdout().write_all(&piece).unwrap();
            }
            exit(0);
        }
        "console" => {
            let console = File::options().read(true).write(true).open("CONOUT$");
            say(if console.is_ok_and(|it| it.is_terminal()) { "@drawn nowhere" } else { "@none to be had" });
            exit(0);
        }
        "count" => count(),
        "deaf" => deaf(),
        "asked" => asked(),
        _ if told == "tokio" => hosts::play_host::<crate::tokio::Tokio>(name),
        _ => hosts::play_host::<crate::smol::Smol>(name),
    }
}

fn sleeper(flags: u32) -> io::Result<Child> {
    part("quiet").creation_flags(flags).spawn()
}

/// Starts children in all the ways in which they might get away.
fn break_away() -> ! {
    let refused = sleeper(CREATE_BREAKAWAY_FROM_JOB).is_err();
    let _left = [sleeper(DETACHED_PROCESS).unwrap(), sleeper(CREATE_NEW_PROCESS_GROUP).unwrap()];
    say(if refused { "@refused" } else { "@away" });
    sleep()
}

fn count() -> ! {
    say("@ready");
    let mut all = 0;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match io::stdin().read(&mut buffer).unwrap() {
            0 => break,
            length => all += length,
        }
    }
    say(&format!("@{all}"));
    exit(0)
}

/// Reads nothing before it is asked to, by a connection.
fn deaf() -> ! {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    say(&format!("@{}", door.local_addr().unwrap().port()));
    drop(door.accept().unwrap());
    count()
}

/// Ends in order when it is asked to.
fn asked() -> ! {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut asked = tokio::signal::windows::ctrl_break().unwrap();
        say("@ready");
        asked.recv().await;
    });
    say("@asked");
    exit(5)
}
