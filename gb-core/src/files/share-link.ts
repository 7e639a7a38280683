import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CustomerId, FileId } from 'gb-protocol';
import { LruMap } from 'gb-utils';
import type { Context } from '../context.ts';
import { notFound } from '../fail.ts';
import type { FileRow } from '../ports/index.ts';

const secretName = 'file-links';
const secrets = new LruMap<CustomerId, Uint8Array>(10_000);
const tokenBytes = 16 + 16 + 6 + 32;
/** Ten years: whoever wants more wants a page of their own. */
const stayMsMax = 3_653 * 86_400_000;

/**
 * A link to one file for whoever has it, without an account, until a time. It is `/api/shared/<token>`: the token names
 * the customer, the file and the time, signed with a key only this customer's rows hold. Fails with `not_found`.
 */
export async function createShareLink(
  ctx: Context,
  { customerId, fileId, untilMs }: { customerId: CustomerId; fileId: FileId; untilMs: number },
): Promise<{ readonly path: string; readonly untilMs: number }> {
  const file = await ctx.store.read(customerId, (tx) => tx.files.get(fileId));
  if (!file) throw notFound('file');
  const seconds = Math.floor(Math.min(untilMs, ctx.clock.nowMs() + stayMsMax) / 1000);
  const facts = Buffer.alloc(38);
  facts.set(bytesOf(customerId), 0);
  facts.set(bytesOf(fileId), 16);
  facts.writeUIntBE(Math.max(0, seconds), 32, 6);
  const token = Buffer.concat([facts, sign(facts, await secretOf(ctx, customerId))]).toString('base64url');
  return { path: `/api/shared/${token}`, untilMs: seconds * 1000 };
}

/** The file a link leads to. A link that is not ours, or whose time is over, leads nowhere: `not_found`. */
export async function openShareLink(ctx: Context, token: string): Promise<{ customerId: CustomerId; file: FileRow }> {
  const bytes = Buffer.from(token, 'base64url');
  // Written in the one way we write it: no two addresses are the same link.
  if (bytes.length !== tokenBytes || bytes.toString('base64url') !== token) throw notFound('file');
  const facts = bytes.subarray(0, 38);
  const customerId = uuidOf(facts.subarray(0, 16)) as CustomerId;
  const fileId = uuidOf(facts.subarray(16, 32)) as FileId;
  if (facts.readUIntBE(32, 6) * 1000 <= ctx.clock.nowMs()) throw notFound('file');
  // Only customers that are there have keys: the answer for any other is the same as for a bad signature.
  const secret = await ctx.store.read(customerId, (tx) => tx.secrets.get(secretName));
  if (!secret || !timingSafeEqual(sign(facts, secret), bytes.subarray(38))) throw notFound('file');
  const file = await ctx.store.read(customerId, (tx) => tx.files.get(fileId));
  if (!file) throw notFound('file');
  return { customerId, file };
}

async function secretOf(ctx: Context, customerId: CustomerId): Promise<Uint8Array> {
  const known = secrets.get(customerId);
  if (known) return known;
  const fresh = new Uint8Array(randomBytes(32));
  const secret = await ctx.store.transaction(customerId, (tx) => tx.secrets.getOrSet(secretName, fresh));
  secrets.set(customerId, secret);
  return secret;
}

function sign(facts: Uint8Array, secret: Uint8Array): Buffer {
  return createHmac('sha256', secret).update('share\0').update(facts).digest();
}

function bytesOf(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
