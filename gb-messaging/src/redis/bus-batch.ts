import type { Published, Signal } from 'gb-core';

/**
 * What travels between processes: everything one of them published in a turn of its loop. A line says whose batch it is
 * and which one, so that a receiver skips its own without reading it and knows when one is missing; then comes a JSON
 * array of events `{"e":...}` and signals `{"s":...}`, in the order of publishing.
 *
 *     gb1 <node> <counter> <marks>\n[...]
 */
export interface BatchHead {
  /** A process' own name, made when it starts: one that comes back is another. */
  readonly node: string;
  /** 1, 2, 3 ... A number that never comes stands for something that was lost. */
  readonly counter: number;
  /** Something of this node may have been lost a moment ago. */
  readonly isInDoubt: boolean;
  /** It will not be heard again. */
  readonly isLast: boolean;
}

export type BatchItem = { readonly e: Published } | { readonly s: Signal };

/** What is `foreign` is not ours to read: from another version of the program, or from somebody who has no business on this topic. */
export type ReadHead =
  | { readonly kind: 'head'; readonly head: BatchHead; readonly bodyAt: number }
  | { readonly kind: 'foreign' };

const version = 'gb1';
const headBytesMax = 80;
const line = /^gb1 ([0-9a-f-]{36}) (\d{1,15}) (-|d|l|dl)$/;

export function writeBatch(head: BatchHead, items: readonly string[]): string {
  const marks = `${head.isInDoubt ? 'd' : ''}${head.isLast ? 'l' : ''}` || '-';
  return `${version} ${head.node} ${head.counter} ${marks}\n[${items.join(',')}]`;
}

export const writeEvent = (published: Published): string => `{"e":${JSON.stringify(published)}}`;
export const writeSignal = (signal: Signal): string => `{"s":${JSON.stringify(signal)}}`;

export function readHead(bytes: Buffer): ReadHead {
  const end = bytes.subarray(0, headBytesMax).indexOf(10);
  const [, node, counter, marks] = line.exec(end < 0 ? '' : bytes.toString('latin1', 0, end)) ?? [];
  if (node === undefined || marks === undefined) return { kind: 'foreign' };
  const head = { node, counter: Number(counter), isInDoubt: marks.includes('d'), isLast: marks.includes('l') };
  return { kind: 'head', head, bodyAt: end + 1 };
}

/** null when any of it cannot be what one of us wrote: half of a batch is not worth guessing at. */
export function readItems(bytes: Buffer, bodyAt: number): readonly BatchItem[] | null {
  let items: unknown;
  try {
    items = JSON.parse(bytes.toString('utf8', bodyAt));
  } catch {
    return null; // Corrupted on its way, or never ours: the caller counts it.
  }
  return Array.isArray(items) && items.every(isItem) ? (items as BatchItem[]) : null;
}

type Loose = Readonly<Record<string, unknown>>;
const isLoose = (value: unknown): value is Loose => typeof value === 'object' && value !== null;

function isItem(item: unknown): boolean {
  if (!isLoose(item)) return false;
  const { e: published, s: signal } = item;
  if (isLoose(published)) return typeof published['customerId'] === 'string' && isEvent(published['event']);
  return isLoose(signal) && typeof signal['type'] === 'string' && typeof signal['customerId'] === 'string';
}

function isEvent(event: unknown): boolean {
  return (
    isLoose(event) &&
    typeof event['kind'] === 'string' &&
    typeof event['channelId'] === 'string' &&
    Number.isSafeInteger(event['epoch']) &&
    Number.isSafeInteger(event['seq'])
  );
}
