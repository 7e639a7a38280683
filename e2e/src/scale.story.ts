import { once } from 'node:events';
import { createNodeClient } from 'gb-client/node';
import { type ChannelId, type ClientId, protocolVersion, type ServerFrame } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { composer, expectNoFaults, goTo, loggedInAs, message, openBrowser, openScreen, type Screen, shoot } from './browser.ts';
import { type Person, type World, world } from './world.ts';

/** A channel with a hundred thousand messages, and a day of going from channel to channel. Sizes are held to; times are told. */
const messagesMax = 100_000;
/** Filling stops here, however many there are by then. */
const fillMsMax = 18_000;
const inFlight = 250;
const nodesMax = 1_500;
const heapGrowthMaxMb = 3;

let w: World;
let browser: Browser;
let ana: Person;
let bo: Person;
let screen: Screen;
let page: Page;
let cdp: CDPSession;
let big: ChannelId;
let head = 0;

beforeAll(async () => {
  [w, browser] = await Promise.all([world({ env: { GB_RATE_FACTOR: '1000000' } }), openBrowser()]);
  ana = await w.signUp('Ana Prado');
  bo = await w.invite(ana, 'Bo Lind');
  const { state } = await ana.rest.createChannel({ kind: 'public', name: 'big', topic: '', memberIds: [bo.userId] });
  big = state.channel.id;
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
});

/** Of one line, of many, of code: heights that cannot be guessed well. */
function textOf(n: number): string {
  if (n % 11 === 0) return `${n} has code\n\`\`\`\n${'line\n'.repeat(n % 7)}\`\`\``;
  if (n % 5 === 0) return `${n} ${'goes on and on '.repeat(5 + (n % 40))}`;
  return `${n} is short`;
}

/** Many messages on the way at a time, over a few sockets: the server writes what arrives together in one batch. */
async function fill(channelId: ChannelId, count: number, msMax: number): Promise<number> {
  const deadlineMs = performance.now() + msMax;
  let sent = 0;
  let stored = 0;
  let waiting = 0;
  await Promise.all(
    [ana, bo, ana, bo].map(async ({ token }) => {
      const ws = new WebSocket(`${w.server.url.replace('http', 'ws')}/ws`, { perMessageDeflate: false });
      await once(ws, 'open');
      ws.send(JSON.stringify({ type: 'hello', version: protocolVersion, token, channels: [] }));
      await new Promise<void>((resolve, reject) => {
        let own = 0;
        const sendNext = (): void => {
          if (stored + waiting >= count || performance.now() > deadlineMs) {
            if (own === 0) resolve();
            return;
          }
          own += 1;
          waiting += 1;
          ws.send(JSON.stringify({ type: 'send', id: ++sent, channelId, clientId: uuidv7(), text: textOf(sent) }));
        };
        ws.on('message', (data) => {
          const frame = JSON.parse(data.toString()) as ServerFrame;
          if (frame.type === 'welcome') for (let n = 0; n < inFlight; n++) sendNext();
          if (frame.type !== 'ack' && frame.type !== 'error') return;
          own -= 1;
          waiting -= 1;
          // Too much at once is refused, to be tried again; anything else is not.
          if (frame.type === 'error') {
            if (frame.retryable) setTimeout(sendNext, 100);
            else reject(new Error(`${frame.code}: ${frame.message}`));
            return;
          }
          stored += 1;
          head = Math.max(head, frame.seq);
          sendNext();
        });
      });
      ws.close();
    }),
  );
  return stored;
}

async function heapMb(): Promise<number> {
  for (let n = 0; n < 3; n++) await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return usedSize / 1_048_576;
}

const nodes = () => page.evaluate(() => document.querySelectorAll('*').length);

test('a channel of a hundred thousand messages opens at its end', async () => {
  const startMs = performance.now();
  const count = await fill(big, messagesMax, fillMsMax);
  process.stdout.write(`Filled: ${count} messages in ${((performance.now() - startMs) / 1_000).toFixed(1)} s\n`);
  expect(count).toBeGreaterThan(20_000);
  screen = await openScreen(browser, `${w.server.url}/c/${big}`, loggedInAs(ana));
  page = screen.page;
  cdp = await screen.context.newCDPSession(page);
  await page.locator(`article[data-seq="${head}"]`).waitFor();
  expect(await nodes()).toBeLessThan(nodesMax);
  await shoot(page, 'scale');
});

/** The row in the middle of the screen and where it stands. */
const middleRow = () =>
  page.evaluate(() => {
    const list = document.querySelector('.messages')!.getBoundingClientRect();
    const rows = [...document.querySelectorAll<HTMLElement>('.messages article[data-seq]')];
    const row = rows.find((one) => one.getBoundingClientRect().bottom > list.top + list.height / 2);
    return row ? { seq: Number(row.dataset['seq']), top: row.getBoundingClientRect().top } : null;
  });

/** Resolves when the wheel has had its effect: the list stood still for three frames. */
const scrolled = async (): Promise<void> => {
  const list = document.querySelector('.messages')!;
  for (let still = 0, last = -1; still < 3; ) {
    await new Promise(requestAnimationFrame);
    still = list.scrollTop === last ? still + 1 : 0;
    last = list.scrollTop;
  }
};

/** How far a row strays from where it is, frame by frame, while nobody touches anything. */
const strays = (seq: number, frames: number) =>
  page.evaluate(
    async ([wanted, count]) => {
      const row = () => document.querySelector(`.messages article[data-seq="${wanted}"]`)?.getBoundingClientRect().top;
      const start = row();
      let worst = 0;
      for (let n = 0; n < count!; n++) {
        await new Promise(requestAnimationFrame);
        const now = row();
        worst = start === undefined || now === undefined ? Number.POSITIVE_INFINITY : Math.max(worst, Math.abs(now - start));
      }
      return worst;
    },
    [seq, frames],
  );

test('many pages up: the page stays small and what one reads stays where it is while older messages come', async () => {
  // Older pages take a moment, so that they come when nobody scrolls.
  let pages = 0;
  await page.route(/\/messages\?.*before=/, async (route) => {
    pages += 1;
    await new Promise((resolve) => setTimeout(resolve, 200));
    await route.continue();
  });
  await page.mouse.move(800, 400);
  let worstStray = 0;
  let mostNodes = 0;
  for (let step = 0; step < 40; step++) {
    await page.mouse.wheel(0, -2_400);
    await page.evaluate(scrolled);
    const row = await middleRow();
    expect(row, `step ${step}`).not.toBeNull();
    worstStray = Math.max(worstStray, await strays(row!.seq, 20));
    mostNodes = Math.max(mostNodes, await nodes());
  }
  await page.unrouteAll({ behavior: 'wait' });
  const row = await middleRow();
  process.stdout.write(
    `Scrolled up ${head - row!.seq} messages, ${pages} pages: strayed ${worstStray.toFixed(1)} px at most, ${mostNodes} nodes at most\n`,
  );
  expect(pages).toBeGreaterThan(10);
  expect(worstStray).toBeLessThanOrEqual(2);
  expect(mostNodes).toBeLessThan(nodesMax);
});

test('frames while scrolling', async () => {
  const frames = await page.evaluate(async () => {
    const list = document.querySelector('.messages')!;
    const times: number[] = [];
    let last = performance.now();
    for (let n = 0; n < 180; n++) {
      list.dispatchEvent(new WheelEvent('wheel', { deltaY: -120, bubbles: true }));
      list.scrollTop -= 120;
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((a, b) => a - b);
  });
  const at = (share: number) => frames[Math.floor(frames.length * share)]!.toFixed(1);
  process.stdout.write(
    `Frames while scrolling: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, worst ${frames.at(-1)!.toFixed(1)} ms\n`,
  );
  expect(frames.length).toBe(180);
});

test('jumps to anywhere land where they should and leave nothing behind', async () => {
  let mostNodes = 0;
  for (let n = 1; n <= 12; n++) {
    const seq = 1 + Math.floor((head - 1) * ((n * 0.618) % 1));
    await goTo(page, `/c/${big}/${seq}`);
    const row = page.locator(`article[data-seq="${seq}"]`);
    await page.locator(`article[data-seq="${seq}"].is-highlighted, .toast`).first().waitFor();
    // An entry that is no message has no row; its neighbours do.
    if ((await row.count()) > 0) {
      await expect
        .poll(async () => (await row.boundingBox())?.y ?? -1, { message: `where ${seq} is` })
        .toSatisfy((y: number) => y > 56 && y < 780);
      expect(await strays(seq, 20), `${seq} strays`).toBeLessThanOrEqual(2);
    }
    mostNodes = Math.max(mostNodes, await nodes());
  }
  expect(mostNodes).toBeLessThan(nodesMax);
  await page.getByRole('button', { name: /Jump to latest|new message/ }).click();
  await page.locator(`article[data-seq="${head}"]`).waitFor();
});

test('typing while a hundred messages a second arrive', async () => {
  const flood = createNodeClient({ baseUrl: w.server.url, token: bo.token, follows: () => false });
  await flood.start();
  await flood.live();
  let isOver = false;
  const flooding = (async () => {
    for (let n = 0; !isOver; n++) {
      flood.send(big, `flood ${n}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(window, { typed: seen });
    document.querySelector('.composer textarea')!.addEventListener('keydown', () => {
      const at = performance.now();
      requestAnimationFrame(() => requestAnimationFrame(() => seen.push(performance.now() - at)));
    });
  });
  await composer(page).click();
  await page.keyboard.type('what I write shows while the others talk and talk and talk', { delay: 40 });
  isOver = true;
  await flooding;
  expect(await composer(page).inputValue()).toBe('what I write shows while the others talk and talk and talk');
  await composer(page).fill('');
  const typed = (await page.evaluate(() => (window as unknown as { typed: number[] }).typed)).sort((a, b) => a - b);
  process.stdout.write(
    `A key to the frame after its own, in a flood: median ${typed[typed.length >> 1]!.toFixed(0)} ms, worst ${typed.at(-1)!.toFixed(0)} ms\n`,
  );
  await flood.close();
  expect(await nodes()).toBeLessThan(nodesMax);
});

test('two hundred channel switches leave the memory as it was', async () => {
  const ids: ChannelId[] = [];
  for (let n = 0; n < 20; n++) {
    const { state } = await bo.rest.createChannel({ kind: 'public', name: `place-${n}`, topic: '', memberIds: [ana.userId] });
    ids.push(state.channel.id);
    await Promise.all(
      Array.from({ length: 60 }, (_, m) =>
        bo.rest.postMessage(state.channel.id, { clientId: uuidv7() as ClientId, text: textOf(m + n) }),
      ),
    );
  }
  await page.getByRole('link', { name: /place-19/ }).waitFor();
  const visit = async (count: number) => {
    for (let n = 0; n < count; n++) {
      await goTo(page, `/c/${ids[n % ids.length]}`);
      await page.locator('.messages article').first().waitFor();
    }
  };
  // Twice round: everything the client keeps is kept by then.
  await visit(40);
  const before = { heap: await heapMb(), nodes: await nodes() };
  const startMs = performance.now();
  await visit(200);
  const eachMs = (performance.now() - startMs) / 200;
  const after = { heap: await heapMb(), nodes: await nodes() };
  const { metrics } = await cdp.send('Performance.enable').then(() => cdp.send('Performance.getMetrics'));
  const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? 0;
  process.stdout.write(
    `200 switches, ${eachMs.toFixed(0)} ms each: heap ${before.heap.toFixed(1)} -> ${after.heap.toFixed(1)} MB, all nodes ${metric('Nodes')}, listeners ${metric('JSEventListeners')}\n`,
  );
  expect(after.heap - before.heap).toBeLessThan(heapGrowthMaxMb);
  expect(after.nodes).toBeLessThan(nodesMax);
  // Nodes of channels left behind would still be counted here.
  expect(metric('Nodes')).toBeLessThan(nodesMax * 4);
  await message(page, /./).waitFor();
  expectNoFaults(screen);
});
