//! The kit's check of connectors, with some that are well: scripted ones, and one whose peer is a child process.

use std::process::{Command, Stdio};

use futures_lite::io::BufReader;
use futures_lite::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, future};
use smol::channel::{Receiver, Sender, bounded, unbounded};
use tenure_bounds::mark;
use tenure_driver::{Connector, Failure, Life, Serving, from_fn};
use tenure_kit::{ConnectorCheck, Deaf, Gate, Handle, Peer, Plan, Runtime, Scripted};
use tenure_process::Reactor;

/// Checks the connector that the rows are played with.
pub(crate) fn scripted<R: Runtime>() {
    let planned = |plan: Plan| {
        let peer = Peer::default();
        peer.plan(std::iter::repeat_n(plan, 3));
        Scripted::new(&peer)
    };
    let call = async |handle: &Handle| {
        future::yield_now().await;
        if handle.echo(5) == 5 { Ok(()) } else { Err(Failure::new("another number")) }
    };
    let never = Gate::new();
    let check = ConnectorCheck::new(|| planned(Plan::new()), call)
        .silent(|| planned(Plan::new().opening(&never)))
        .stubborn(|| planned(Plan::new().deaf(Deaf::ToStop)))
        .retiring(|| {
            let peer = Peer::default();
            peer.retire(1, "goodbye");
            Scripted::new(&peer)
        });
    R::block_on(check.run()).assert();
}

/// Checks a connector whose peer is a process that says again what it is told.
pub(crate) fn child<R: Runtime, X: Reactor>(reactor: fn() -> X) {
    let peer = |option: &'static str| move || echoing(option, reactor);
    let call = async |asks: &Asks| {
        let said = asks.say("hello again").await?;
        if said == "hello again" { Ok(()) } else { Err(Failure::new(format!("it said {said:?}"))) }
    };
    let check =
        ConnectorCheck::new(peer("--echo"), call).silent(peer("--sleep")).stubborn(peer("--echo-and-stay"));
    R::block_on(check.run()).assert();
}

/// What is to be said, and where the answer goes.
type Ask = (&'static str, Sender<String>);

#[derive(Debug)]
struct Asks(Sender<Ask>);

impl Asks {
    async fn say(&self, line: &'static str) -> Result<String, Failure> {
        let (answer, answered) = bounded(1);
        self.0.send((line, answer)).await?;
        Ok(answered.recv().await?)
    }
}

fn echoing<X: Reactor>(option: &'static str, reactor: fn() -> X) -> impl Connector<Handle = Asks> {
    from_fn(move |life: Life<Asks>| async move {
        let open = async {
            let mut command = Command::new(env!("CARGO_BIN_EXE_scripted-server"));
            mark(command.arg(option).stderr(Stdio::null()));
            let child = tenure_process::spawn(&reactor(), &mut command, life.linger())?;
            let (stdin, stdout, process) = child.split();
            let mut wire = (stdin, BufReader::new(stdout));
            say(&mut wire, "hello").await?;
            Ok::<_, Failure>((wire, process))
        };
        let (wire, mut process) = life.or_stopped(open).await??;

        let (asks, asked) = unbounded();
        let serving = life.ready(Asks(asks));
        serve(&serving, wire, asked).await?;

        // Its input is closed; most let go by that.
        let aborted = async {
            serving.aborted().await;
            false
        };
        let ended = async { process.wait().await.is_ok() };
        if !future::or(ended, aborted).await {
            // Where it can't be asked, it is ended.
            process.terminate().or_else(|_| process.kill())?;
            process.wait().await?;
        }
        Ok(())
    })
}

/// Answers in order, until it is told to stop.
async fn serve<I, O>(
    serving: &Serving<Asks>,
    mut wire: (I, BufReader<O>),
    asked: Receiver<Ask>,
) -> Result<(), Failure>
where
    I: AsyncWrite + Unpin,
    O: AsyncRead + Unpin,
{
    let answers = async {
        while let Ok((line, answer)) = asked.recv().await {
            let said = say(&mut wire, line).await?;
            // Whoever asked may have given up.
            let _ = answer.try_send(said);
        }
        Ok(())
    };
    let stopped = async {
        serving.stopped().await;
        Ok(())
    };
    future::or(stopped, answers).await
}

/// One line there, one back.
async fn say<I, O>((input, output): &mut (I, BufReader<O>), line: &str) -> Result<String, Failure>
where
    I: AsyncWrite + Unpin,
    O: AsyncRead + Unpin,
{
    input.write_all(format!("{line}\n").as_bytes()).await?;
    let mut said = String::new();
    if output.read_line(&mut said).await? == 0 {
        return Err(Failure::new("the process has closed its output"));
    }
    Ok(said.trim_end().to_owned())
}
