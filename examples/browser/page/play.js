'use strict';
// `#play` in the page's address plays this by itself: the buttons are pressed as a person would press them, and what happens is
// the same each time. `#play=4` stops after so many scenes.

function until(isSo) {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo()) return;
      watchers.delete(look);
      resolve();
    };
    watchers.add(look);
    look();
  });
}

const press = (name) => document.querySelector(`[data-do=${name}]`).click();
const set = (name, on) => byId(name).checked !== on && byId(name).click();
const logged = (line) => () => [...byId('log').children].some((item) => item.textContent === line);
const live = (generation) => until(() => app.state === 'Live' && app.generation === generation);
const atStep = (step) => until(() => app.step === step);

const scenes = [
  ['The first caller connects; the others join it', async () => {
    press('connect');
    press('call');
    press('connect');
    await until(logged('call 1: hello to you'));
  }],
  ['Close by force: calls in flight fail at once, who comes meanwhile gets the next generation', async () => {
    set('silent', true);
    press('call');
    press('call');
    await until(() => app.inFlight === 2);
    press('closeByForce');
    press('connect');
    await live(2);
  }],
  ['The connection is lost under a call; the next call connects again', async () => {
    press('call');
    await until(() => app.inFlight === 1);
    byId('lose').click();
    await until(() => app.state === 'Idle');
    set('silent', false);
    press('call');
    await until(logged('call 5: hello to you'));
  }],
  ['A deaf peer: stop, abort, discard, each in its time; it is an orphan, and the next generation comes', async () => {
    set('deaf', true);
    press('reconnect');
    for (const step of ['stop', 'abort', 'discard']) await atStep(step);
    set('deaf', false);
    await live(4);
    byId('lose').click(); // the orphan, and the live one with it
    await until(() => app.state === 'Idle' && app.orphans === 0);
  }],
  ['A peer that never says welcome: its callers are told at the connect deadline', async () => {
    set('mute', true);
    press('connect');
    await until(() => app.state === 'Connecting');
    await until(() => app.state === 'Idle');
    set('mute', false);
  }],
  ['A graceful close waits for the lease that is held', async () => {
    press('connect');
    await live(6);
    press('close');
    press('connect');
    await atStep('finish');
    press('release');
    await live(7);
    press('release');
    await until(() => app.state === 'Idle'); // nobody needs it for its keep-alive time
  }],
];

async function play(scenes) {
  for (const [title, scene] of scenes) {
    page.told('play', title);
    await scene();
  }
  document.documentElement.dataset.played = String(scenes.length);
}

// Headless Chromium looks at a page once it is loaded. It isn't before the play is over: a frame in it is still written.
async function playWhileLoading(scenes) {
  const frame = document.body.appendChild(document.createElement('iframe'));
  frame.hidden = true;
  frame.contentDocument.open();
  try {
    await play(scenes);
  } catch (error) {
    page.told('play', String(error));
  }
  frame.contentDocument.close();
}

const [, wanted] = /^#play(?:=(\d+))?$/.exec(location.hash) ? location.hash.split('=').concat(Infinity) : [];
if (wanted && server) playWhileLoading(realScenes.slice(0, Number(wanted)));
else if (wanted) play(scenes.slice(0, Number(wanted)));
