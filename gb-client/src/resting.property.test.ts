import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connect, pause, record, scene, until } from './testing/harness.ts';
import type { Fate } from './testing/server.ts';

/**
 * Whatever a channel goes through - looked at or not, told by heads or by entries, some of them lost, cut in between - the
 * person who looks in the end sees all of it once and in order, and unread counts and mentions are the server's.
 */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('post' as const), calls: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('head' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resync' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 1, max: 15 }) }) },
);

test('over any schedule of resting, looking, loss and cuts, nothing is missing in the end and the counts are right', async () => {
  const { server, ana, bob } = await scene();
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.array(fc.boolean(), { minLength: 5 }),
      async (steps, losses) => {
        const channel = server.world.addChannel('arena', [ana, bob]);
        const client = await connect(server, ana, { hasScreen: true, tuning: { logPageSize: 10 } });
        const events = record(client, channel);
        const skips: number[] = [];
        client.on('skipped', ({ seq }) => skips.push(seq));
        let stopLooking: (() => void) | null = null;
        const from = server.world.position(channel).seq;
        let toldTo = from;
        let turn = 0;
        const fate = (): Fate => (losses[turn++ % losses.length] ? 'drop' : 'deliver');
        server.faults.frame = (frame) => (frame.type === 'event' && frame.channelId === channel ? fate() : 'deliver');

        for (const [i, what] of steps.entries()) {
          if (what.kind === 'post') server.world.post(channel, bob, what.calls ? `@ana ${i}` : `m${i}`);
          else if (what.kind === 'delete') {
            const target = [...server.world.room(channel).messages.values()].findLast((one) => one.deletedAt === null);
            if (target) server.world.delete(channel, bob, target.seq);
          } else if (what.kind === 'head') {
            const { log, epoch, count } = server.world.room(channel);
            const entries = log.filter(
              (event) =>
                event.seq > toldTo &&
                (event.kind === 'message.deleted' ||
                  (event.kind === 'message.posted' && event.message.mentions.includes(ana.user.id))),
            );
            toldTo = log.length;
            server.tell({ type: 'head', channelId: channel, epoch, head: log.length, count, entries });
          } else if (what.kind === 'look') {
            if (stopLooking) {
              stopLooking();
              stopLooking = null;
            } else {
              stopLooking = client.subscribe(`messages:${channel}`, () => {});
              void client.open(channel);
            }
          } else if (what.kind === 'cut') server.cut();
          else if (what.kind === 'resync') server.resync(channel);
          else await pause(what.ms);
        }

        server.faults = {};
        await client.live();
        stopLooking ??= client.subscribe(`messages:${channel}`, () => {});
        await client.open(channel);
        server.heartbeat();
        server.resync(channel);
        const stored = [...server.world.room(channel).messages.values()].map(({ seq, text }) => `${seq} ${text}`);
        const shown = () => client.messages(channel).messages.map(({ seq, text }) => `${seq} ${text}`);
        await until(
          () => shown().join() === stored.slice(-shown().length).join() && (shown().length > 0 || stored.length === 0),
          'all is shown',
          60_000,
        );
        const truth = server.world.stateOf(channel, ana.user.id);
        await until(() => client.channel(channel)!.head === truth.head, 'the head', 60_000);
        await until(
          () => (events.at(-1)?.seq ?? from) === truth.head || (skips.at(-1) ?? 0) >= truth.head,
          'the log is read',
          60_000,
        );
        const { unread, mentions, count } = client.channel(channel)!;
        expect({ unread, mentions, count }).toEqual({
          unread: truth.count - truth.membership.readCount,
          mentions: truth.mentions,
          count: truth.count,
        });
        // In order and once, with jumps only where the client said so.
        for (const [i, event] of events.entries()) {
          const before = events[i - 1];
          if (!before) continue;
          expect(event.seq).toBeGreaterThan(before.seq);
          if (event.seq !== before.seq + 1) expect(skips.some((seq) => seq >= before.seq && seq < event.seq)).toBe(true);
        }
        stopLooking();
        await client.close();
        server.world.leave(channel, ana);
        server.world.leave(channel, bob);
      },
    ),
    { numRuns: Number(process.env['GB_PROPERTY_RUNS'] ?? 40), endOnFailure: true },
  );
}, 240_000);
