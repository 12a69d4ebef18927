//! Two machines that are told the same, one of them by way of copies and snapshots.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tenure::{Input, Script, Time};

use crate::bytes::Bytes;
use crate::machine::{self, HistoryClock};
use crate::text;

/// Ten bytes of config, then inputs, each followed by what is done to the second machine before it.
pub fn twins(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let config = machine::config(&mut bytes);
    let mut lasting = Script::new(config.clone());
    let mut other = Script::new(through_text(&config));
    let mut clock = HistoryClock::default();
    while let Some((now, input)) = clock.step(&mut bytes, &lasting) {
        let mut told = input;
        match bytes.byte() & 7 {
            0 | 1 => other = through_text(&other),
            2 => told = through_text(&input),
            3 => other = lasting.clone(),
            4 => keeps_its_actions(&lasting, &other, now, input),
            5 => canonical(&lasting, now, input),
            6 => forged(&lasting, &mut bytes),
            _ => {
                let output = lasting.clone().apply(now, input);
                assert_eq!(through_text(&output), output, "an output is not what was written");
            }
        }
        assert_eq!(other.apply(now, told), lasting.apply(now, input), "{input:?} at {now:?}");
        assert_eq!(other, lasting, "after {input:?} at {now:?}");
    }
    assert_eq!(through_text(&lasting), lasting, "a snapshot is not what was written");
}

fn through_text<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let text = serde_json::to_string(value).expect("it can be written");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("can't be read: {error}\n{text}"))
}

/// A snapshot between an input and its actions loses none of them.
fn keeps_its_actions(one: &Script, other: &Script, now: Time, input: Input) {
    let (mut one, mut other) = (one.clone(), other.clone());
    assert_eq!(one.feed(now, input), other.feed(now, input), "{input:?}");
    let mut other: Script = through_text(&other);
    loop {
        let action = one.poll();
        assert_eq!(other.poll(), action, "an action after {input:?}");
        if action.is_none() {
            return;
        }
    }
}

/// A canonical form is its own, and does the same from there on.
fn canonical(script: &Script, now: Time, input: Input) {
    let mut form = script.canonical();
    assert_eq!(form.canonical(), form, "the canonical form of a canonical form");
    // What names somebody names somebody else there, and chance hangs on the generation's number. At the
    // end of time deadlines are cut short, which the form knows nothing of.
    let config = script.session().config();
    let chance = config.retry.is_some_and(|retry| retry.jitter != 0);
    let early = now <= Time::from_nanos(u64::MAX / 2) && machine::is_short(config);
    if chance || !early || now < script.clock() || !is_nameless(&input) {
        return;
    }
    let since = Time::from(now.saturating_since(script.clock()));
    let mut script = script.clone();
    let (one, other) = (script.apply(now, input), form.apply(since, input));
    assert_eq!(one.reply.is_change(), other.reply.is_change(), "{input:?}");
    assert_eq!(one.actions.len(), other.actions.len(), "{input:?}");
    assert_eq!(script.canonical(), form.canonical(), "after {input:?}");
}

const fn is_nameless(input: &Input) -> bool {
    matches!(
        input,
        Input::Acquire | Input::TryAcquire | Input::Close { .. } | Input::Shutdown { .. } | Input::Timeout
    )
}

/// A snapshot that somebody has edited is refused, or is a machine that takes any input.
fn forged(script: &Script, bytes: &mut Bytes<'_>) {
    let mut snapshot = serde_json::to_vec(script).expect("it can be written");
    for _ in 0..=bytes.byte() & 3 {
        text::edit(&mut snapshot, bytes);
    }
    let Ok(mut forged) = serde_json::from_slice::<Script>(&snapshot) else {
        return;
    };
    if !machine::is_quick(forged.session().config()) {
        return;
    }
    assert_eq!(through_text(&forged), forged, "a forged snapshot is not what was written");
    // The bytes that follow are also what the twins are told next.
    let mut bytes = bytes.clone();
    let mut clock = HistoryClock::default();
    for _ in 0..16 {
        let Some((now, input)) = clock.step(&mut bytes, &forged) else {
            return;
        };
        forged.apply(now, input);
        let form = forged.canonical();
        assert_eq!(form.session().config(), forged.session().config(), "its config");
    }
}
