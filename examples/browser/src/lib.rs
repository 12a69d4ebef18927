//! A tenure session in a browser's page: the machine on the page's own event loop, without a runtime.
//!
//! The page owns the machine. Whatever happens (a button, a socket's event, a timeout) becomes one input; after each
//! the machine is settled, its actions are noted, and one timeout is kept for its next deadline. They are carried out
//! in a microtask: when the event that led to them is over and nothing is borrowed, since what they do may lead to the
//! next input.

mod host;
mod page;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use std::time::Duration;

use tenure::{Action, Exit, ExitKind, Generation, Lease, Mode, Status, Time, Wake};
use wasm_bindgen::prelude::*;

use crate::host::{Caller, Host, Todo};
use crate::page::{Event, Page, Socket};

/// The transport of one generation, until its end is certain.
struct Connection {
    socket: Socket,
    /// Whether it was told to end.
    told: Cell<bool>,
    /// What the socket calls; it must live as long as the socket may.
    _handler: Closure<dyn Fn(Event)>,
}

struct Shell {
    page: Page,
    host: RefCell<Host>,
    connections: RefCell<BTreeMap<Generation, Rc<Connection>>>,
    act: Closure<dyn Fn()>,
    tick: Closure<dyn Fn()>,
    /// Whether a microtask is on its way.
    scheduled: Cell<bool>,
    /// The timeout that is set, and for when.
    timeout: Cell<Option<(f64, Time)>>,
}

fn now() -> Time {
    Duration::from_secs_f64(page::performance_now().max(0.0) / 1000.0).into()
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Calls `f` with the shell, if the page still has it.
fn on(shell: &Weak<Shell>, f: impl Fn(&Rc<Shell>) + 'static) -> Closure<dyn Fn()> {
    let shell = shell.clone();
    Closure::new(move || shell.upgrade().iter().for_each(&f))
}

impl Shell {
    fn new(page: Page) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            page,
            host: RefCell::new(Host::new()),
            connections: RefCell::default(),
            act: on(this, Shell::act),
            tick: on(this, |shell| {
                shell.timeout.set(None);
                shell.input(|_| {});
            }),
            scheduled: Cell::new(false),
            timeout: Cell::new(None),
        })
    }

    /// One input, and all that the machine wants because of it.
    fn input(&self, feed: impl FnOnce(&mut Host)) {
        let mut host = self.host.borrow_mut();
        feed(&mut host);
        let wake = host.settle(now());
        drop(host);
        self.set_timeout(wake);
        if !self.scheduled.replace(true) {
            page::queue_microtask(&self.act);
        }
    }

    /// Keeps one timeout of the page's, for the machine's next deadline.
    fn set_timeout(&self, wake: Wake) {
        let wanted = match wake {
            Wake::At(at, _) => Some(at),
            Wake::Now(_) => Some(now()),
            Wake::Never => None,
        };
        if self.timeout.get().map(|(_, at)| at) == wanted {
            return;
        }
        if let Some((old, _)) = self.timeout.take() {
            page::clear_timeout(old);
        }
        // In whole milliseconds, and never early.
        let wait = |at: Time| millis(at.saturating_since(now())).ceil();
        self.timeout.set(wanted.map(|at| (page::set_timeout(&self.tick, wait(at)), at)));
    }

    /// Carries out what is to be done. Nothing is borrowed meanwhile: it may lead to more.
    fn act(self: &Rc<Self>) {
        self.scheduled.set(false);
        while let Some(todo) = self.next() {
            match todo {
                Todo::Act(action) => self.carry_out(action),
                Todo::Granted(caller, lease) => self.granted(caller, lease),
                Todo::Forget(generation) => self.forget(generation),
                Todo::Tell(kind, line) => self.page.told(kind, &line),
            }
        }
        self.page.changed();
    }

    fn next(&self) -> Option<Todo> {
        self.host.borrow_mut().todo.pop_front()
    }

    fn carry_out(self: &Rc<Self>, action: Action) {
        let tell = |what: String| self.page.told("action", &what);
        match action {
            Action::Connect { generation } => {
                tell(format!("connect {generation:#}"));
                self.connect(generation);
            }
            Action::Stop { generation } => {
                tell(format!("stop {generation:#}"));
                self.with(generation, |connection| {
                    connection.told.set(true);
                    // One that isn't open yet can't be told anything.
                    if connection.socket.send("bye").is_err() {
                        connection.socket.close();
                    }
                });
            }
            Action::Abort { generation } => {
                tell(format!("abort {generation:#}"));
                self.with(generation, |connection| connection.socket.close());
            }
            Action::Discard { generation } => {
                tell(format!("discard {generation:#}"));
                // It can't touch anything now; its end is still waited for.
                self.with(generation, |connection| {
                    connection.socket.set_on_open(None);
                    connection.socket.set_on_message(None);
                });
            }
            Action::Grant { ticket, lease } => {
                let caller = self.host.borrow_mut().caller(ticket);
                if let Some(caller) = caller {
                    self.granted(caller, lease);
                }
            }
            Action::Reject { ticket, rejection } => {
                let who = match self.host.borrow_mut().caller(ticket) {
                    Some(Caller::Call(number)) => format!("call {number}"),
                    Some(Caller::Holder) | None => "a lease to hold".to_owned(),
                };
                self.page.told("failed", &format!("{who}: {rejection}"));
            }
            Action::Revoke { generation, cause } => {
                tell(format!("revoke the leases of {generation:#}: {cause}"));
                let failed = self.host.borrow_mut().revoke(generation);
                for number in failed {
                    self.page.told("failed", &format!("call {number}: {cause}"));
                }
            }
            // The config asks for none.
            Action::Probe { .. } => {}
            Action::Ended { generation, cause, exit } => {
                tell(format!("{generation:#} is over: {cause} ({exit})"));
            }
        }
    }

    fn granted(&self, caller: Caller, lease: Lease) {
        let generation = lease.generation();
        match caller {
            Caller::Holder => {
                self.page.told("granted", &format!("a lease of {generation:#}, held"));
                self.host.borrow_mut().held.push(lease);
            }
            Caller::Call(number) => {
                self.page.told("granted", &format!("a lease of {generation:#}; call {number} is sent"));
                self.host.borrow_mut().calls.insert(number, lease);
                self.with(generation, |connection| {
                    // If it can't be sent the socket is closing, and says so.
                    let _ = connection.socket.send(&format!("{number}:hello"));
                });
            }
        }
    }

    /// The runner of a generation: a socket and what it says.
    fn connect(self: &Rc<Self>, generation: Generation) {
        #[allow(clippy::cast_precision_loss, reason = "a page lives for fewer generations than that")]
        let Ok(socket) = self.page.open(generation.number() as f64) else {
            // Over before it began: nothing will come from it.
            self.input(|host| host.ended(generation, Exit::new(ExitKind::Failed, true)));
            return;
        };
        let shell = Rc::downgrade(self);
        let handler = Closure::new(move |event: Event| {
            if let Some(shell) = shell.upgrade() {
                shell.heard(generation, &event);
            }
        });
        socket.set_on_open(Some(&handler));
        socket.set_on_message(Some(&handler));
        socket.set_on_close(Some(&handler));
        let connection = Connection { socket, told: Cell::new(false), _handler: handler };
        self.connections.borrow_mut().insert(generation, Rc::new(connection));
    }

    /// Something came from a socket. Whatever it says names its generation, so what is late can't hurt.
    fn heard(&self, generation: Generation, event: &Event) {
        match event.kind().as_str() {
            "open" => self.with(generation, |connection| drop(connection.socket.send("hello"))),
            "message" => {
                let text = event.data().as_string().unwrap_or_default();
                match text.split_once(':') {
                    None if text == "welcome" => self.input(|host| host.ready(generation)),
                    None => self.page.told("runner", &format!("{generation:#} says {text}")),
                    Some((number, answer)) => self.input(|host| {
                        if let Ok(number) = number.parse() {
                            host.answered(number, answer);
                        }
                    }),
                }
            }
            _ => {
                let mut exit = Exit::new(ExitKind::Failed, true);
                self.with(generation, |connection| {
                    if connection.told.get() {
                        exit = Exit::FINISHED;
                    }
                });
                self.input(|host| host.ended(generation, exit));
            }
        }
    }

    fn with(&self, generation: Generation, act: impl FnOnce(&Connection)) {
        let connection = self.connections.borrow().get(&generation).cloned();
        if let Some(connection) = connection {
            act(&connection);
        }
    }

    fn forget(&self, generation: Generation) {
        self.with(generation, |connection| {
            connection.socket.set_on_open(None);
            connection.socket.set_on_message(None);
            connection.socket.set_on_close(None);
        });
        self.connections.borrow_mut().remove(&generation);
    }

    fn status(&self) -> Status {
        self.host.borrow().session.status()
    }
}

/// What the page's script sees: buttons to press, and what to show.
#[wasm_bindgen]
pub struct App(Rc<Shell>);

#[wasm_bindgen]
impl App {
    #[wasm_bindgen(constructor)]
    pub fn new(page: Page) -> Self {
        Self(Shell::new(page))
    }

    /// A lease to hold, which connects.
    pub fn connect(&self) {
        self.0.input(|host| host.acquire(Caller::Holder));
    }

    /// A lease for one call, which connects if need be.
    pub fn call(&self) {
        self.0.input(Host::call);
    }

    pub fn release(&self) {
        self.0.input(Host::release);
    }

    pub fn close(&self) {
        self.0.input(|host| host.close(Mode::Graceful));
    }

    #[wasm_bindgen(js_name = closeByForce)]
    pub fn close_by_force(&self) {
        self.0.input(|host| host.close(Mode::Force));
    }

    /// Closes by force and asks for a lease at once: it will be one of the next generation.
    pub fn reconnect(&self) {
        self.close_by_force();
        self.connect();
    }

    #[wasm_bindgen(getter)]
    pub fn state(&self) -> String {
        self.0.status().name().to_string()
    }

    /// How far a teardown has gone.
    #[wasm_bindgen(getter)]
    pub fn step(&self) -> Option<String> {
        match self.0.status() {
            Status::Draining { step, .. } => Some(step.to_string()),
            _ => None,
        }
    }

    #[wasm_bindgen(getter)]
    pub fn generation(&self) -> Option<f64> {
        #[allow(clippy::cast_precision_loss, reason = "a page lives for fewer generations than that")]
        self.0.status().generation().map(|generation| generation.number() as f64)
    }

    /// Leases held, by calls too.
    #[wasm_bindgen(getter)]
    pub fn held(&self) -> usize {
        let host = self.0.host.borrow();
        host.held.len().saturating_add(host.calls.len())
    }

    #[wasm_bindgen(getter, js_name = inFlight)]
    pub fn in_flight(&self) -> usize {
        self.0.host.borrow().calls.len()
    }

    #[wasm_bindgen(getter)]
    pub fn waiting(&self) -> usize {
        self.0.host.borrow().session.waiting()
    }

    #[wasm_bindgen(getter)]
    pub fn orphans(&self) -> usize {
        self.0.host.borrow().session.orphans().len()
    }

    /// What the machine's next deadline is for.
    #[wasm_bindgen(getter)]
    pub fn deadline(&self) -> Option<String> {
        match self.0.host.borrow().session.poll_timeout() {
            Wake::At(_, kind) | Wake::Now(kind) => Some(kind.to_string()),
            Wake::Never => None,
        }
    }

    /// Milliseconds until then.
    #[wasm_bindgen(getter, js_name = deadlineIn)]
    pub fn deadline_in(&self) -> Option<f64> {
        match self.0.host.borrow().session.poll_timeout() {
            Wake::At(at, _) => Some(millis(at.saturating_since(now()))),
            Wake::Now(_) => Some(0.0),
            Wake::Never => None,
        }
    }
}
