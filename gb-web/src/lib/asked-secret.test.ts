import type { OutgoingMessage } from 'gb-client';
import type { Message, UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { isSecretAsked } from './asked-secret.ts';

const [me, bot, bo] = ['me', 'bot', 'bo'] as UserId[];

type Said = Partial<Pick<Message, 'asksSecret' | 'deletedAt'>>;

/** Messages by their authors, oldest first. */
function isAsked(
  said: readonly (readonly [UserId | undefined, Said?])[],
  outgoing: OutgoingMessage['state'][] = [],
  hasNewer = false,
) {
  const messages = said.map(([authorId, more]) => ({ authorId, deletedAt: null, ...more }) as Message);
  return isSecretAsked({ messages, outgoing: outgoing.map((state) => ({ state }) as OutgoingMessage), hasNewer }, me!);
}

const question = [bot, { asksSecret: me! }] as const;

test('a bot that waits for a password of mine asks for it until I wrote', () => {
  expect(isAsked([[me], question])).toBe(true);
  expect(isAsked([question, [me]])).toBe(false);
  expect(isAsked([question], ['sending'])).toBe(false);
  // A refusal leaves the question open.
  expect(isAsked([question], ['failed'])).toBe(true);
});

test('what the bot says later takes the question back, and what others say does not', () => {
  expect(isAsked([question, [bot]])).toBe(false);
  expect(isAsked([question, [bo], [bo]])).toBe(true);
  expect(isAsked([question, [bot, { deletedAt: 5 }]])).toBe(true);
  expect(isAsked([[bot, { asksSecret: me!, deletedAt: 5 }]])).toBe(false);
});

test('the password of somebody else is not mine to write, and the past asks nothing', () => {
  expect(isAsked([[bot, { asksSecret: bo! }]])).toBe(false);
  expect(isAsked([question], [], true)).toBe(false);
  expect(isAsked([])).toBe(false);
});
