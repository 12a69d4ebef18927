//! A script that was written down and read again is the same, and goes on the same.

use proptest::prelude::*;
use tenure::check::SystemUnderTest;
use tenure::strategy::{Resolver, configs, histories};
use tenure::{Config, Input, Output, Script};

fn through_text<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    let text = serde_json::to_string(value).unwrap_or_else(|error| panic!("can't be written: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("can't be read: {error}\n{text}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// One goes on for ever in memory, the other is restored before every input.
    #[test]
    fn after_every_input_it_is_equal_and_goes_on_equal(config in configs(), history in histories(60)) {
        let mut lasting = Script::new(through_text::<Config>(&config));
        prop_assert_eq!(lasting.session().config(), &config);
        let mut restored = through_text(&lasting);
        let mut resolver = Resolver::new();
        for step in history {
            let (now, input) = resolver.resolve(step, lasting.view().wake);
            let output = lasting.apply(now, input);
            prop_assert_eq!(&restored.apply(now, through_text::<Input>(&input)), &output);
            prop_assert_eq!(&through_text::<Output>(&output), &output);
            restored = through_text(&restored);
            prop_assert_eq!(&restored, &lasting);
            resolver.follow(&input, &output);
        }
    }

    /// Actions that are not polled yet are written down too.
    #[test]
    fn between_an_input_and_its_actions_nothing_is_lost(config in configs(), history in histories(40)) {
        let mut script = Script::new(config);
        let mut resolver = Resolver::new();
        for step in history {
            let (now, input) = resolver.resolve(step, script.view().wake);
            let reply = script.feed(now, input);
            let mut restored = through_text(&script);
            prop_assert_eq!(&restored, &script);
            let mut output = Output::new(reply, Vec::new());
            while let Some(action) = script.poll() {
                let again = restored.poll();
                prop_assert_eq!(again.as_ref(), Some(&action));
                output.actions.push(action);
            }
            prop_assert_eq!(restored.poll(), None);
            resolver.follow(&input, &output);
        }
    }
}
