//! Ctrl-C and SIGTERM.

use smol::channel::Receiver;

use crate::exit::Failed;

/// The signals that ask the program to end, as they come.
pub(crate) struct Signals {
    received: Receiver<i32>,
}

impl Signals {
    /// Listens from here on. Where signals can't be heard, none ever comes.
    pub(crate) fn listen() -> Self {
        let (send, received) = smol::channel::unbounded();
        #[cfg(unix)]
        listen(send);
        #[cfg(not(unix))]
        drop(send);
        Self { received }
    }

    /// The next signal's number.
    pub(crate) async fn next(&self) -> i32 {
        match self.received.recv().await {
            Ok(signal) => signal,
            Err(_) => futures_lite::future::pending().await,
        }
    }

    /// Hears no more: from here on a signal ends the program at once.
    ///
    /// # Errors
    /// A signal came that nobody has taken yet.
    pub(crate) fn close(self) -> Result<(), Failed> {
        self.received.close();
        self.received.try_recv().map_or(Ok(()), |signal| Err(Failed::by_signal(signal)))
    }
}

#[cfg(unix)]
fn listen(send: smol::channel::Sender<i32>) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    if let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) {
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if send.try_send(signal).is_err() {
                    // The session is over; what is left is a result that somebody doesn't read.
                    let failed = Failed::by_signal(signal);
                    crate::text::to_stderr(&format!("tenure: {}", failed.why));
                    std::process::exit(i32::from(failed.status));
                }
            }
        });
    }
}
