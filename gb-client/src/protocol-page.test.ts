import { readFileSync } from 'node:fs';
import { closeCodes, type ErrorCode, type EventKind, errorCodes, limits, type ServerFrame } from 'gb-protocol';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

test('the protocol page lists every error code as the source has it', () => {
  for (const [code, { status, retryable, meaning }] of Object.entries(errorCodes) as [
    ErrorCode,
    (typeof errorCodes)[ErrorCode],
  ][]) {
    expect(page).toContain(`| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${meaning} |`);
  }
});

test('the protocol page lists every limit and close code', () => {
  for (const [name, value] of Object.entries(limits)) expect(page).toContain(`| \`${name}\` | ${value.toLocaleString('en')} |`);
  for (const code of Object.values(closeCodes)) expect(page).toContain(`\n| ${code} | `);
});

test('the protocol page tells of every frame of the server and every kind of entry', () => {
  // Typed as records, so that a new one in the protocol does not compile here before it is in the list.
  const frames: Record<ServerFrame['type'], true> = {
    welcome: true,
    subscribed: true,
    ack: true,
    event: true,
    heartbeat: true,
    resync: true,
    unsubscribed: true,
    typing: true,
    streaming: true,
    presence: true,
    head: true,
    pong: true,
    drain: true,
    error: true,
  };
  const kinds: Record<EventKind, true> = {
    'message.posted': true,
    'message.edited': true,
    'message.deleted': true,
    'reaction.added': true,
    'reaction.removed': true,
    'member.joined': true,
    'member.left': true,
    'channel.updated': true,
    'channel.added': true,
    'channel.removed': true,
    'read.marked': true,
    'notifications.set': true,
    'draft.saved': true,
    'user.updated': true,
    'bot.updated': true,
    'bot.removed': true,
  };
  for (const name of [...Object.keys(frames), ...Object.keys(kinds)]) expect(page).toContain(`\`${name}\``);
});
