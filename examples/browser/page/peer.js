'use strict';
// A peer that is played: what a WebSocket offers, as far as it is used here, with a server behind it that does as the switches
// say. `?ws=URL` in the page's address puts a real one in its place.

const peer = { silent: false, deaf: false, mute: false, sockets: new Set() };

class PlayedSocket {
  #state = 'opening';

  constructor() {
    peer.sockets.add(this);
    setTimeout(() => this.#opened(), 400);
  }

  send(text) {
    if (this.#state === 'opening') throw new Error('it is not open yet');
    if (text === 'hello') {
      if (!peer.mute) this.#says('welcome', 300);
    } else if (text === 'bye') {
      if (!peer.deaf) this.cut(250);
    } else if (!peer.silent) {
      const [number, what] = text.split(':');
      this.#says(`${number}:${what} to you`, 500);
    }
  }

  close() {
    if (!peer.deaf) this.cut(50);
  }

  // The connection ends, whoever wanted it to.
  cut(after) {
    setTimeout(() => {
      if (this.#state === 'closed') return;
      this.#state = 'closed';
      peer.sockets.delete(this);
      this.onclose?.({ type: 'close' });
    }, after);
  }

  #opened() {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    this.onopen?.({ type: 'open' });
  }

  #says(data, after) {
    setTimeout(() => {
      if (this.#state === 'open') this.onmessage?.({ type: 'message', data });
    }, after);
  }
}
