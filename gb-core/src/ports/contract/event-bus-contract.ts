import type { ChannelId, CustomerId, LogEvent, UserId } from 'gb-protocol';
import { afterEach, describe, expect, test } from 'vitest';
import type { EventBus, Published, Signal } from '../event-bus.ts';
import { newId } from './world.ts';

/** What every engine of the EventBus promises. */
export function eventBusContract(name: string, open: () => EventBus | Promise<EventBus>): void {
  describe(`event bus: ${name}`, () => {
    const opened: EventBus[] = [];
    const bus = async () => {
      const one = await open();
      opened.push(one);
      return one;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((one) => one.close()));
    });
    const settled = () => new Promise((resolve) => setTimeout(resolve, 50));
    const customerId = newId<CustomerId>();
    const event = (channelId: ChannelId, seq: number): Published => ({
      customerId,
      event: { kind: 'message.deleted', target: 1, channelId, epoch: 1, seq, actorId: newId<UserId>(), at: 0 } satisfies LogEvent,
    });

    test('every listener gets every event, in the order of publishing', async () => {
      const one = await bus();
      const seen: number[][] = [[], []];
      for (const list of seen) one.onEvent(({ event: { seq } }) => list.push(seq));
      const channelId = newId<ChannelId>();
      for (let seq = 1; seq <= 200; seq++) one.publish(event(channelId, seq));
      await settled();
      for (const list of seen) expect(list).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    });

    test('what a listener publishes comes after what it is listening to, for everybody', async () => {
      const one = await bus();
      const channelId = newId<ChannelId>();
      one.onEvent(({ event: { seq } }) => {
        if (seq === 1) one.publish(event(channelId, 2));
      });
      const seen: number[] = [];
      one.onEvent(({ event: { seq } }) => seen.push(seq));
      one.publish(event(channelId, 1));
      await settled();
      expect(seen).toEqual([1, 2]);
    });

    test('a listener that fails hurts neither the publisher nor the others', async () => {
      const one = await bus();
      one.onEvent(() => {
        throw new RangeError('on purpose');
      });
      const seen: number[] = [];
      one.onEvent(({ event: { seq } }) => seen.push(seq));
      expect(() => one.publish(event(newId<ChannelId>(), 1))).not.toThrow();
      await settled();
      expect(seen).toEqual([1]);
    });

    test('signals and events are two things', async () => {
      const one = await bus();
      const events: Published[] = [];
      const signals: Signal[] = [];
      one.onEvent((published) => events.push(published));
      one.onSignal((signal) => signals.push(signal));
      const ended: Signal = { type: 'session.ended', customerId, sessionId: 's' };
      one.signal(ended);
      await settled();
      expect(signals).toEqual([ended]);
      expect(events).toEqual([]);
    });

    test('who stops listening hears no more; the same function may listen twice', async () => {
      const one = await bus();
      let heard = 0;
      const listener = () => {
        heard += 1;
      };
      const stop = one.onEvent(listener);
      one.onEvent(listener);
      one.publish(event(newId<ChannelId>(), 1));
      await settled();
      expect(heard).toBe(2);
      stop();
      stop();
      one.publish(event(newId<ChannelId>(), 1));
      await settled();
      expect(heard).toBe(3);
    });

    test('nothing is called a gap while everything arrives', async () => {
      const one = await bus();
      await settled();
      let gaps = 0;
      const stop = one.onGap(() => {
        gaps += 1;
      });
      const channelId = newId<ChannelId>();
      for (let seq = 1; seq <= 20; seq++) one.publish(event(channelId, seq));
      await settled();
      expect(gaps).toBe(0);
      stop();
      stop();
    });

    test('a closed bus is silent and does not complain', async () => {
      const one = await bus();
      let heard = 0;
      one.onEvent(() => {
        heard += 1;
      });
      await one.close();
      await one.close();
      one.publish(event(newId<ChannelId>(), 1));
      one.signal({ type: 'session.ended', customerId, sessionId: 's' });
      one.onEvent(() => {
        heard += 1;
      })();
      await settled();
      expect(heard).toBe(0);
    });
  });
}
