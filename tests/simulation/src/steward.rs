//! Who ends the session, one way or another, so that each world comes to an end.

use std::sync::Arc;
use std::time::Duration;

use tenure::Mode;
use tenure_mcp::{Client, McpDriver};

use crate::acts::{Patience, mode};
use crate::callers::close;
use crate::choices::Choices;
use crate::clock::VirtualTimer;
use crate::ground::Ground;
use crate::mood::Mood;
use crate::operation::Operation;
use crate::tally::Seen;
use crate::timeline::Who;

/// How and when a session ends, unless a caller ends it before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    after: Duration,
    way: Way,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Shutdown(Mode),
    /// The steward's client goes; with the last caller's the session shuts down by itself. It is seen to
    /// later, since a caller may wait for a server that never answers.
    Leave,
    DropDriver,
}

impl Ending {
    pub(crate) fn draw(choices: &mut Choices, mood: Mood) -> Self {
        let after = Duration::from_millis(u64::from(choices.below(100)) * 300);
        let way = if mood.drops_driver {
            Way::DropDriver
        } else if choices.chance(35) {
            Way::Leave
        } else {
            Way::Shutdown(mode(choices))
        };
        Self { after, way }
    }
}

pub(crate) async fn steward(ground: Arc<Ground>, client: Client, ending: Ending) {
    let (who, patience) = (Who::Steward, Patience::Endless);
    ground.sleep(ending.after).await;
    match ending.way {
        Way::Shutdown(mode) => close(&ground, who, &client, mode, patience, true).await,
        Way::Leave => {
            ground.say(who, || "drops its client".to_owned());
            let weak = client.downgrade();
            drop(client);
            ground.sleep(Duration::from_secs(60)).await;
            match weak.upgrade() {
                Some(client) => close(&ground, who, &client, Mode::Force, patience, true).await,
                None => ground.saw(Seen::LastClient),
            }
        }
        Way::DropDriver => {
            ground.say(who, || "drops the driver".to_owned());
            ground.driver_dropped.set();
            ground.sleep(Duration::from_millis(1)).await;
            close(&ground, who, &client, Mode::Graceful, patience, true).await;
        }
    }
}

/// Carries the session, unless it is dropped.
pub(crate) async fn drive(ground: Arc<Ground>, driver: McpDriver<VirtualTimer>) {
    let operation = Operation::begin(&ground, Who::Driver, "carry the session", None);
    let dropped = async {
        ground.driver_dropped.wait().await;
        note_drop(&ground);
    };
    futures_lite::future::or(driver, dropped).await;
    operation.end(|| "over".to_owned());
}

fn note_drop(ground: &Ground) {
    ground.saw(Seen::DriverDropped);
    let now = ground.clock.awake();
    let waiting = ground.marks.with(|marks| {
        marks.driver_dropped = Some(now);
        marks.open.values().filter(|(_, what)| *what == "acquire").count()
    });
    (0..waiting).for_each(|_| ground.saw(Seen::DroppedWaiting));
}
