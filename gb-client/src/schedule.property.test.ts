import fc from 'fast-check';
import type { ServerFrame } from 'gb-protocol';
import { expect, test } from 'vitest';
import { connect, pause, record, scene, until } from './testing/harness.ts';
import type { Fate } from './testing/server.ts';

/**
 * The promise of the whole package, over random schedules: whatever is lost, doubled, delayed, reordered or cut, in the
 * end every client has every entry of the log once, in order, and every message sent is in the log once, each author's in
 * the order they were written.
 */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), who: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('post' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('react' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('network' as const), isOnline: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resync' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain' as const), afterMs: fc.integer({ min: 0, max: 20 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 1, max: 12 }) }) },
);
const fates = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant<Fate>('deliver') },
    { weight: 2, arbitrary: fc.constant<Fate>('drop') },
    { weight: 1, arbitrary: fc.constant<Fate>('twice') },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 40 }).map<Fate>((delayMs) => ({ delayMs })) },
  ),
  { minLength: 7, maxLength: 40 },
);

const mortal = new Set<ServerFrame['type']>(['event', 'ack', 'heartbeat', 'resync']);

test('over any schedule of loss, doubling, reordering and cuts, client and server end with the same log', async () => {
  const { server, ana, bob } = await scene();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 45 }), fates, async (steps, schedule) => {
      const channel = server.world.addChannel('arena', [ana, bob]);
      const clients = [await connect(server, ana), await connect(server, bob)] as const;
      const from = server.world.position(channel).seq;
      const seen = clients.map((client) => record(client, channel));
      const written: [string[], string[]] = [[], []];
      await clients[0].open(channel);
      let turn = 0;
      server.faults.frame = (frame) => (mortal.has(frame.type) ? schedule[turn++ % schedule.length]! : 'deliver');
      server.faults.http = (_method, path) => {
        const fate = path.endsWith('/log') ? schedule[turn++ % schedule.length]! : 'deliver';
        if (fate === 'drop') return { code: 'unavailable' };
        return typeof fate === 'object' ? fate : null;
      };

      for (const [i, what] of steps.entries()) {
        if (what.kind === 'send') {
          const who = what.who ? 1 : 0;
          clients[who].send(channel, `${who}-${i}`);
          written[who].push(`${who}-${i}`);
        } else if (what.kind === 'post') server.world.post(channel, bob, `server-${i}`);
        else if (what.kind === 'react') {
          const target = server.world.room(channel).messages.keys().next().value;
          if (target) server.world.react(channel, ana, target, `${i}`, true);
        } else if (what.kind === 'cut') server.cut();
        else if (what.kind === 'network') clients[0].setNetwork(what.isOnline);
        else if (what.kind === 'resync') server.resync(channel);
        else if (what.kind === 'drain') server.tell({ type: 'drain', reconnectAfterMs: what.afterMs });
        else await pause(what.ms);
      }

      // Bad weather ends; what it did must not stay.
      server.faults = {};
      clients[0].setNetwork(true);
      await until(() => clients.every((client) => client.outbox().waiting === 0), 'all is sent', 10_000);
      await Promise.all(clients.map((client) => client.live()));
      server.heartbeat();
      const head = server.world.position(channel).seq;
      await until(() => clients.every((client) => client.channel(channel)!.head === head), 'all is seen', 10_000);
      await pause(45);

      const log = server.world.room(channel).log.slice(from);
      for (const events of seen) expect(events.map((event) => event.seq)).toEqual(log.map((event) => event.seq));
      const stored = server.world.texts(channel);
      for (const who of [0, 1]) expect(stored.filter((text) => text.startsWith(`${who}-`))).toEqual(written[who]);
      const { messages, outgoing } = clients[0].messages(channel);
      expect(messages.map((message) => message.text)).toEqual(stored.slice(-messages.length));
      expect(outgoing).toEqual([]);
      expect(clients[0].channel(channel)!.count).toBe(stored.length);
      for (const message of messages) {
        expect(message).toEqual(server.world.message(channel, message.seq));
      }
      for (const client of clients) await client.close();
      server.world.leave(channel, ana);
      server.world.leave(channel, bob);
    }),
    { numRuns: Number(process.env['GB_PROPERTY_RUNS'] ?? 40), endOnFailure: true },
  );
}, 120_000);
