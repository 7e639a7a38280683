import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isUuid } from 'gb-utils';

/**
 * How two processes find out that they belong to one installation. Each gives the other a number to be signed with the
 * installation's key, so neither shows the key, and what was heard once is of no use again.
 *
 *     hello      {v, node, address, nonce}          who calls
 *     challenge  {node, nonce, mac}                 who was called, with its signature
 *     proof      {mac}                              the caller's signature
 */
export interface Hello {
  readonly v: number;
  readonly node: string;
  readonly address: string;
  readonly nonce: string;
}

export interface Challenge {
  readonly node: string;
  readonly nonce: string;
  readonly mac: string;
}

const version = 1;
const nonceBytes = 24;
const nonceForm = /^[0-9a-f]{48}$/;
const macForm = /^[0-9a-f]{64}$/;
const addressCharsMax = 103;

export function newHello(node: string, address: string): Hello {
  return { v: version, node, address, nonce: newNonce() };
}

export function newNonce(): string {
  return randomBytes(nonceBytes).toString('hex');
}

export function sign(
  key: Uint8Array,
  side: 'caller' | 'called',
  { node, nonce }: Pick<Hello, 'node' | 'nonce'>,
  other: Pick<Challenge, 'node' | 'nonce'>,
): string {
  return createHmac('sha256', key)
    .update(`gb-link ${version} ${side} ${node} ${nonce} ${other.node} ${other.nonce}`)
    .digest('hex');
}

export function isSignature(given: unknown, wanted: string): boolean {
  return typeof given === 'string' && macForm.test(given) && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));
}

/** null when it is no hello of this version. */
export function readHello(body: Buffer): Hello | null {
  const one = readObject(body);
  if (one?.['v'] !== version || !isName(one['node']) || !isNonce(one['nonce'])) return null;
  const { address } = one;
  if (typeof address !== 'string' || address.length > addressCharsMax || !address.startsWith('/')) return null;
  return one as unknown as Hello;
}

export function readChallenge(body: Buffer): Challenge | null {
  const one = readObject(body);
  return one && isName(one['node']) && isNonce(one['nonce']) ? (one as unknown as Challenge) : null;
}

export function readProof(body: Buffer): unknown {
  return readObject(body)?.['mac'];
}

const isName = (value: unknown): boolean => typeof value === 'string' && isUuid(value);
const isNonce = (value: unknown): boolean => typeof value === 'string' && nonceForm.test(value);

function readObject(body: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null; // Whoever this is does not speak our language; the caller hangs up.
  }
}
