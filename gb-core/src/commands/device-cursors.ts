import type { ChannelId, Cursor, DeviceCursors } from 'gb-protocol';
import { limits } from 'gb-protocol';
import type { Actor, Context } from '../context.ts';
import { fail } from '../fail.ts';
import { customerKey } from '../ports/key-value-store.ts';

/** Devices of one person. */
const devicesMax = 50;
const attemptsMax = 20;

/** As stored: channel, epoch, seq. */
interface Stored {
  readonly atMs: number;
  readonly cursors: readonly (readonly [ChannelId, number, number])[];
}

/**
 * Where a device of somebody's stands in each channel, for programs that keep nothing of their own: an archive, a bridge
 * to another network, a telephone whose memory was wiped. It begins again where it was, whichever server it reaches.
 * Cursors only move forward, so that a device which says an old place late takes nothing back.
 */
export async function saveDeviceCursors(
  ctx: Context,
  actor: Actor,
  device: string,
  cursors: readonly Cursor[],
): Promise<DeviceCursors> {
  const key = keyOf(actor, device);
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = await ctx.keyValues.get(key);
    if (!before && (await devicesOf(ctx, actor, devicesMax)) >= devicesMax)
      throw fail('quota_exceeded', `A person has the places of at most ${devicesMax} devices kept.`);
    const after = merged(before ? decode(before) : null, cursors, ctx.clock.nowMs());
    if (await ctx.keyValues.compareAndPut(key, before, encode(after))) return shown(after);
  }
  throw fail('overloaded', 'Too many places of this device were told at once.', { retryAfterMs: 1_000 });
}

/** Fails with `not_found` for a device that never told. */
export async function readDeviceCursors(ctx: Context, actor: Actor, device: string): Promise<DeviceCursors> {
  const found = await ctx.keyValues.get(keyOf(actor, device));
  if (!found) throw fail('not_found', 'Nothing is kept of this device.');
  return shown(decode(found));
}

export async function forgetDevice(ctx: Context, actor: Actor, device: string): Promise<void> {
  await ctx.keyValues.delete([keyOf(actor, device)]);
}

function merged(before: Stored | null, cursors: readonly Cursor[], atMs: number): Stored {
  const places = new Map(before?.cursors.map((place) => [place[0], place]));
  for (const { channelId, epoch, seq } of cursors) {
    const known = places.get(channelId);
    if (known && (known[1] > epoch || (known[1] === epoch && known[2] >= seq))) continue;
    places.set(channelId, [channelId, epoch, seq]);
  }
  if (places.size > limits.subscriptionsMax)
    throw fail('quota_exceeded', `A device has places in at most ${limits.subscriptionsMax} channels.`);
  return { atMs: Math.max(atMs, before?.atMs ?? 0), cursors: [...places.values()] };
}

function shown({ atMs, cursors }: Stored): DeviceCursors {
  return { at: atMs, cursors: cursors.map(([channelId, epoch, seq]) => ({ channelId, epoch, seq })) };
}

async function devicesOf(ctx: Context, actor: Actor, limit: number): Promise<number> {
  return (await ctx.keyValues.scan(keyFor(actor, ''), keyFor(actor, '\uffff'), limit)).length;
}

function keyOf(actor: Actor, device: string): Uint8Array {
  if (!/^[\w.-]{1,64}$/.test(device)) throw fail('malformed', 'A device is named with 1 to 64 letters, digits, dots and dashes.');
  return keyFor(actor, device);
}

function keyFor({ customerId, userId }: Actor, device: string): Uint8Array {
  return customerKey(customerId, new TextEncoder().encode(`device:${userId}:${device}`));
}

function encode(stored: Stored): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(stored));
}

function decode(value: Uint8Array): Stored {
  return JSON.parse(new TextDecoder().decode(value)) as Stored;
}
