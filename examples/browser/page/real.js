'use strict';
// What `#play` plays when `?ws=` says where the peer is: the program in the folder peer, told how to behave on a socket of
// the play's own. It is in real time: each scene waits for what it is about, and none for one of the machine's deadlines.

let switches = null;

function opened(address) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    socket.onopen = () => resolve(socket);
    socket.onclose = () => reject(new Error(`${address} does not open`));
  });
}

// Until the peer says that it is so.
async function tell(what) {
  switches ??= await opened(server);
  await new Promise((resolve, reject) => {
    switches.onmessage = ({ data }) => data === what && resolve();
    switches.onclose = () => reject(new Error(`the peer didn't take ${what}`));
    switches.send(what);
  });
}

const idle = () => until(() => app.state === 'Idle');
const answered = (call) => until(logged(`call ${call}: hello to you`));

const realScenes = [
  ['The first caller connects; the others join it', async () => {
    if (byId('peer').checkVisibility()) throw new Error('the switches of the played peer are shown');
    press('connect');
    press('call');
    press('connect');
    await answered(1);
  }],
  ['Close in order: the call in flight is answered, the leases are given back, the peer closes after bye', async () => {
    press('call');
    press('close');
    press('release');
    press('release');
    await idle();
  }],
  ['Close by force in the middle of calls: they fail at once, answers that come late are for nobody', async () => {
    await tell('silent');
    press('connect');
    press('call');
    press('call');
    await tell('heard 4');
    press('closeByForce');
    press('connect');
    await live(3);
  }],
  ['The peer drops the connection under a held lease and a call; the next call connects again', async () => {
    press('call');
    await tell('heard 5');
    await tell('cut');
    await idle();
    await tell('talk');
    press('call');
    await answered(6);
  }],
  ['Reconnect', async () => {
    press('connect');
    press('reconnect');
    await live(5);
    press('call');
    await answered(7);
    press('closeByForce');
    await idle();
  }],
  ['Close by force while the socket opens', async () => {
    press('connect');
    press('closeByForce');
    await idle();
  }],
  ['Nobody listens: who waits is told; the same address works once somebody does', async () => {
    await tell('leave');
    press('connect');
    press('call');
    await idle();
    await tell('return');
    press('call');
    await answered(9);
    press('close');
    await idle();
  }],
  ['An address that is none: who waits is told, and not at the connect deadline', async () => {
    const right = server;
    server = 'nonsense:';
    press('connect');
    await idle();
    server = right;
  }],
];
