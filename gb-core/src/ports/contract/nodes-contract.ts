import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { NodeFacts, NodeId, Nodes } from '../nodes.ts';
import { newId } from './world.ts';

export interface NodesUnderTest {
  /** One more process. It beats every 50 ms, and others take it for dead after half a minute without. */
  open(self: NodeFacts): Nodes;
  /** As if the node had been silent for long: the others' next look does not find it. */
  silence(id: NodeId): Promise<void>;
  close(): Promise<void>;
}

/** What every engine of Nodes promises. */
export function nodesContract(name: string, start: () => Promise<NodesUnderTest>): void {
  describe(`nodes: ${name}`, () => {
    let engine: NodesUnderTest;
    const opened: Nodes[] = [];
    beforeAll(async () => {
      engine = await start();
    }, 120_000);
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((nodes) => nodes.leave()));
    });
    afterAll(async () => {
      await engine?.close();
    }, 60_000);

    const open = (more: Partial<NodeFacts> = {}): Nodes => {
      const facts: NodeFacts = { id: newId<NodeId>(), hostId: 'here', address: null, roles: ['api'], version: '1', ...more };
      const nodes = engine.open(facts);
      opened.push(nodes);
      return nodes;
    };
    const join = async (more?: Partial<NodeFacts>): Promise<Nodes> => {
      const nodes = open(more);
      await nodes.join();
      return nodes;
    };
    const idsAt = (nodes: Nodes) => nodes.list().map(({ id }) => id);
    const waits = { timeout: 30_000 };

    test('who joins sees itself and those who were there, and is seen by them as what it says it is', async () => {
      const one = open({ address: '/run/one.sock', roles: ['gateway', 'writer'], version: '6.0.0-alpha.1' });
      expect(one.list()).toEqual([]);
      await one.join();
      expect(one.list()).toEqual([{ ...one.self, startedAt: expect.any(Number), isDraining: false }]);
      const two = await join({ hostId: 'there' });
      expect(idsAt(two)).toEqual([one.self.id, two.self.id]);
      expect(two.list()[0]).toEqual(one.list()[0]);
      await expect.poll(() => idsAt(one), waits).toEqual([one.self.id, two.self.id]);
      expect(one.list()[1]).toMatchObject(two.self);
    });

    test('who leaves is gone at once for those who look; leaving twice, or without having come, does no harm', async () => {
      const [one, two] = [await join(), await join()];
      await expect.poll(() => idsAt(one), waits).toEqual([one.self.id, two.self.id]);
      await two.leave();
      await two.leave();
      const three = await join();
      expect(idsAt(three)).toEqual([one.self.id, three.self.id]);
      await open().leave();
    });

    test('who drains says so and is still there', async () => {
      const [one, two] = [await join(), await join()];
      await two.drain();
      await expect.poll(() => one.list().map(({ isDraining }) => isDraining), waits).toEqual([false, true]);
    });

    test('changes are told, and nothing else; a listener that fails hurts nobody', async () => {
      const one = await join();
      let told = 0;
      one.onChange(() => {
        throw new RangeError('on purpose');
      });
      const stop = one.onChange(() => {
        told += 1;
      });
      const two = await join();
      await expect.poll(() => told, waits).toBe(1);
      await two.drain();
      await expect.poll(() => told, waits).toBe(2);
      await two.leave();
      await expect.poll(() => told, waits).toBe(3);
      expect(idsAt(one)).toEqual([one.self.id]);
      stop();
      stop();
    });

    test('who was taken for dead while it lived joins again, as the same node', async () => {
      const [one, two] = [await join(), await join()];
      await expect.poll(() => idsAt(one), waits).toEqual([one.self.id, two.self.id]);
      let wasMissing = false;
      one.onChange(() => {
        wasMissing ||= !idsAt(one).includes(two.self.id);
      });
      // Its own beats bring it back, so it is silenced until somebody has noticed.
      for (let n = 0; n < 200 && !wasMissing; n++) {
        await engine.silence(two.self.id);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(wasMissing).toBe(true);
      await expect.poll(() => idsAt(one), waits).toContain(two.self.id);
    });

    test('all have one key, and it is no word', async () => {
      const [one, two] = [open(), open()];
      const key = await one.key();
      expect(key.byteLength).toBe(32);
      expect(new Set(key).size).toBeGreaterThan(8);
      expect(await two.key()).toEqual(key);
    });

    test('processes that join at once all find each other', async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => join()));
      const ids = all.map(({ self }) => self.id).sort();
      await expect.poll(() => all.every((one) => `${[...idsAt(one)].sort()}` === `${ids}`), waits).toBe(true);
    });
  });
}
