import type { CustomerId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { BytesInFlight, type BytesLimits } from './bytes-in-flight.ts';

const [a, b, c] = ['a', 'b', 'c'] as unknown as readonly [CustomerId, CustomerId, CustomerId];
const limits: BytesLimits = {
  bytesMax: 100,
  customerBytesMax: 60,
  bytesForSmall: 0,
  smallBytesMax: 10,
  waitMsMax: 60_000,
  holderWaitMsMax: 20,
  customerWaitingMax: 2,
};

/** Takes, and says in `order` when it has it. */
function begin(account: BytesInFlight, customerId: CustomerId, bytes: number, order: string[], name: string) {
  const held = account.hold(customerId);
  const done = held.take(bytes).then(() => void order.push(name));
  return { held, done };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a customer waits for their own room and delays nobody else', async () => {
  const account = new BytesInFlight(limits);
  const order: string[] = [];
  const first = begin(account, a, 40, order, 'a1');
  begin(account, a, 40, order, 'a2');
  begin(account, b, 50, order, 'b1');
  await settled();
  expect(order).toEqual(['a1', 'b1']);
  first.held.release();
  first.held.release();
  await settled();
  expect(order).toEqual(['a1', 'b1', 'a2']);
});

test('customers take turns, and what is small does not overtake what its own customer asked for before', async () => {
  const account = new BytesInFlight(limits);
  const order: string[] = [];
  const [one, two] = [begin(account, a, 60, order, 'a'), begin(account, b, 40, order, 'b')];
  const later = begin(account, c, 60, order, 'c big');
  begin(account, c, 1, order, 'c small');
  await settled();
  two.held.release();
  await settled();
  expect(order).toEqual(['a', 'b']);
  one.held.release();
  await settled();
  expect(order).toEqual(['a', 'b', 'c big']);
  later.held.release();
  await settled();
  expect(order).toEqual(['a', 'b', 'c big', 'c small']);
});

test('two that hold some and want more do not wait for each other for ever', async () => {
  const account = new BytesInFlight(limits);
  const [one, two] = [account.hold(a), account.hold(a)];
  await one.take(30);
  await two.take(30);
  await expect(Promise.race([one.take(30), two.take(30)])).rejects.toMatchObject({ code: 'overloaded', retryable: true });
});

test('customers who hold all they may leave something for those who want little', async () => {
  const account = new BytesInFlight({ ...limits, customerBytesMax: 45, bytesForSmall: 10 });
  const order: string[] = [];
  begin(account, a, 45, order, 'a');
  begin(account, b, 45, order, 'b');
  begin(account, b, 1, order, 'b more');
  begin(account, c, 8, order, 'c');
  await settled();
  expect(order).toEqual(['a', 'b', 'c']);
});

test('too many that wait are refused, and so is more than there ever is', async () => {
  const account = new BytesInFlight(limits);
  await account.hold(a).take(60);
  const waiting = [account.hold(a), account.hold(a)].map((held) => held.take(1));
  expect(waiting).toHaveLength(2);
  await expect(account.hold(a).take(1)).rejects.toMatchObject({ code: 'overloaded' });
  await expect(account.hold(b).take(61)).rejects.toMatchObject({ code: 'limit_reached' });
  await expect(account.hold(b).take(10)).resolves.toBeUndefined();
});

test('what is given up while it waits leaves nothing held', async () => {
  const account = new BytesInFlight(limits);
  const first = account.hold(a);
  await first.take(60);
  const givenUp = account.hold(a);
  const taken = givenUp.take(60);
  givenUp.release();
  first.release();
  await taken;
  await expect(account.hold(a).take(60)).resolves.toBeUndefined();
});
