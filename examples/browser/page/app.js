'use strict';
// The buttons, and what is shown.

const byId = (id) => document.getElementById(id);
let server = new URLSearchParams(location.search).get('ws');
const watchers = new Set(); // called after each change
let app = null;
let longest = 1; // what the present deadline began with

const page = {
  open() {
    try {
      return server ? new WebSocket(server) : new PlayedSocket();
    } catch (error) {
      page.told('runner', `no socket: ${error.name}`);
      throw error;
    }
  },
  changed() {
    show();
    for (const watcher of [...watchers]) watcher();
  },
  told(kind, line) {
    const item = document.createElement('li');
    item.dataset.kind = kind;
    item.textContent = line;
    byId('log').append(item);
    item.scrollIntoView({ block: 'nearest' });
  },
};

function show() {
  const is = (name, value) => (item) => item.classList.toggle('now', item.dataset[name] === value);
  document.querySelectorAll('[data-state]').forEach(is('state', app.state));
  document.querySelectorAll('[data-step]').forEach(is('step', app.step));
  for (const name of ['held', 'waiting', 'inFlight', 'orphans']) byId(name).textContent = app[name];
  byId('generation').textContent = app.generation ?? '–';
  longest = app.deadlineIn ?? 1;
  count();
}

function count() {
  const left = app.deadlineIn;
  byId('deadline-left').hidden = left === undefined;
  byId('deadline-left').value = (left ?? 0) / longest;
  byId('deadline-text').textContent =
    left === undefined ? 'no deadline' : `${app.deadline} deadline in ${(left / 1000).toFixed(1)} s`;
}

wasm_bindgen.initSync({ module: Uint8Array.from(atob(WASM), (char) => char.charCodeAt(0)) });
app = new wasm_bindgen.App(page);
for (const button of document.querySelectorAll('[data-do]')) {
  button.addEventListener('click', () => app[button.dataset.do]());
}
for (const name of ['silent', 'deaf', 'mute']) {
  byId(name).addEventListener('change', (event) => (peer[name] = event.target.checked));
}
byId('lose').addEventListener('click', () => peer.sockets.forEach((socket) => socket.cut(0)));
byId('peer').hidden = server !== null;
byId('where').textContent = server ? `The peer is ${server}.` : 'The peer is played by a script.';
setInterval(count, 100);
show();
