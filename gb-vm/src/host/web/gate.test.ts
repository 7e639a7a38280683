import { expect, test } from 'vitest';
import { Gate } from './gate.ts';

const never = new AbortController().signal;
const limits = { customerSlotsMax: 2, slotsMax: 3, customerWaitingMax: 2, waitingMax: 3 };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Enters and notes it when it is in. */
function enter(gate: Gate, log: string[], customer: string, name: string, slots = 1): Promise<() => void> {
  return gate.enter(customer, slots, never).then((leave) => {
    log.push(name);
    return leave;
  });
}

test('one customer waits for its own requests while another goes in', async () => {
  const gate = new Gate(limits);
  const log: string[] = [];
  const first = await enter(gate, log, 'a', 'a1');
  await enter(gate, log, 'a', 'a2');
  void enter(gate, log, 'a', 'a3');
  await enter(gate, log, 'b', 'b1');
  expect(log).toEqual(['a1', 'a2', 'b1']);
  first();
  await settled();
  expect(log).toEqual(['a1', 'a2', 'b1', 'a3']);
});

test('leaving twice gives back one place', async () => {
  const gate = new Gate({ ...limits, slotsMax: 1 });
  const log: string[] = [];
  const leave = await enter(gate, log, 'a', 'a1');
  void enter(gate, log, 'a', 'a2');
  void enter(gate, log, 'b', 'b1');
  leave();
  leave();
  await settled();
  expect(log).toEqual(['a1', 'a2']);
});

test('a large request waits for all its slots and is not overtaken by its own customer', async () => {
  const gate = new Gate({ ...limits, customerSlotsMax: 3, customerWaitingMax: 5, waitingMax: 5 });
  const log: string[] = [];
  const leave = await enter(gate, log, 'a', 'small');
  void enter(gate, log, 'a', 'large', 3);
  void enter(gate, log, 'a', 'after', 1);
  await settled();
  expect(log).toEqual(['small']);
  leave();
  await settled();
  expect(log).toEqual(['small', 'large']);
});

test('a full queue refuses at once, one customer’s before everybody’s', async () => {
  const gate = new Gate(limits);
  for (let n = 0; n < 2; n++) await gate.enter('a', 1, never);
  for (let n = 0; n < 2; n++) void gate.enter('a', 1, never);
  await expect(gate.enter('a', 1, never)).rejects.toMatchObject({ code: 'limit_reached' });
  await gate.enter('b', 1, never);
  void gate.enter('b', 1, never);
  await expect(gate.enter('c', 1, never)).rejects.toMatchObject({ code: 'limit_reached' });
});

test('who stops waiting leaves the queue', async () => {
  const gate = new Gate({ ...limits, customerSlotsMax: 1, customerWaitingMax: 1 });
  const leave = await gate.enter('a', 1, never);
  const stopping = new AbortController();
  const waiting = gate.enter('a', 1, stopping.signal);
  stopping.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  const next = gate.enter('a', 1, never);
  leave();
  expect(await next).toBeTypeOf('function');
});

test('several customers with much under way leave room for the next one', async () => {
  const gate = new Gate({ customerSlotsMax: 2, slotsMax: 8, slotsForNewcomers: 2, customerWaitingMax: 5, waitingMax: 50 });
  const log: string[] = [];
  for (const customer of ['a', 'b', 'c', 'd']) for (let n = 0; n < 3; n++) void enter(gate, log, customer, customer);
  await settled();
  expect(log).toEqual(['a', 'a', 'b', 'b', 'c', 'c', 'd']);
  const leave = await enter(gate, log, 'small', 'small');
  expect(log.at(-1)).toBe('small');
  leave();
});
