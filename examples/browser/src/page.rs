//! All that is asked of the page: microtasks, timeouts, a clock, sockets, and two functions that show what happens.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = queueMicrotask)]
    pub(crate) fn queue_microtask(act: &Closure<dyn Fn()>);

    #[wasm_bindgen(js_name = setTimeout)]
    pub(crate) fn set_timeout(act: &Closure<dyn Fn()>, millis: f64) -> f64;

    #[wasm_bindgen(js_name = clearTimeout)]
    pub(crate) fn clear_timeout(timeout: f64);

    /// Milliseconds since the page was opened, with fractions. Never goes back.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(crate) fn performance_now() -> f64;

    /// A `WebSocket`, or what behaves as one.
    pub(crate) type Socket;

    #[wasm_bindgen(method, setter, js_name = onopen)]
    pub(crate) fn set_on_open(this: &Socket, handler: Option<&Closure<dyn Fn(Event)>>);

    #[wasm_bindgen(method, setter, js_name = onmessage)]
    pub(crate) fn set_on_message(this: &Socket, handler: Option<&Closure<dyn Fn(Event)>>);

    #[wasm_bindgen(method, setter, js_name = onclose)]
    pub(crate) fn set_on_close(this: &Socket, handler: Option<&Closure<dyn Fn(Event)>>);

    /// It throws while the socket isn't open yet.
    #[wasm_bindgen(method, catch)]
    pub(crate) fn send(this: &Socket, text: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method)]
    pub(crate) fn close(this: &Socket);

    /// Something that came from a socket.
    pub(crate) type Event;

    #[wasm_bindgen(method, getter, js_name = type)]
    pub(crate) fn kind(this: &Event) -> String;

    /// The text, of a message that is one.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn data(this: &Event) -> JsValue;

    /// What the page's script gives.
    pub type Page;

    /// Begins to open the socket of a new generation. It throws for an address that is none, or that the page may not
    /// use.
    #[wasm_bindgen(method, catch)]
    pub(crate) fn open(this: &Page, generation: f64) -> Result<Socket, JsValue>;

    /// Something can be seen that was different before.
    #[wasm_bindgen(method)]
    pub(crate) fn changed(this: &Page);

    /// A line for the log.
    #[wasm_bindgen(method)]
    pub(crate) fn told(this: &Page, kind: &str, line: &str);
}
