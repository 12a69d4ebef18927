//! Settings are changed one by one: what isn't named stays.

use std::time::Duration;

use tenure::KeepAlive;
use tenure_mcp::Options;

/// What the settings are, in words.
fn words(options: &Options) -> String {
    format!("{options:?}")
}

#[test]
fn a_setting_of_the_session_leaves_the_keep_alive_as_it_is() {
    let five_minutes = format!("{:?}", KeepAlive::For(Duration::from_secs(300)));
    assert!(words(&Options::new()).contains(&five_minutes));
    let second = Duration::from_secs(1);
    let options = Options::new()
        .connect_timeout(second)
        .acquire_timeout(Some(second))
        .session(|config| config.stop_timeout(second));
    let words = words(&options);
    assert!(words.contains(&five_minutes), "{words}");
    for changed in ["connect_timeout: 1s", "acquire_timeout: Some(1s)", "stop_timeout: 1s"] {
        assert!(words.contains(changed), "{words}");
    }
}

#[test]
fn a_setting_of_the_protocol_leaves_the_others_as_they_are() {
    let options =
        Options::new().protocol(|protocol| protocol.client("host", "2")).protocol(|it| it.max_events(7));
    let words = words(&options);
    assert!(words.contains("host") && words.contains("max_events: 7"), "{words}");
}
