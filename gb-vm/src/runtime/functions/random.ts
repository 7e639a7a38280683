import { header } from '../../compiler/layout.ts';
import type { Heap } from '../heap.ts';

/** The seed spread over the four words of the generator (splitmix32), so that neighbouring seeds give unrelated numbers. */
export function seedRandom(heap: Heap, seed: number): void {
  let state = (Math.trunc(seed) ^ Math.trunc(seed / 4294967296)) >>> 0;
  for (let index = 0; index < 4; index++) {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    heap.setWord(header.random + 4 * index, (mixed ^ (mixed >>> 15)) >>> 0);
  }
}

/** xoshiro128**; its state is in the header and so in the snapshot. */
export function nextRandom(heap: Heap): number {
  const at = header.random >>> 2;
  const s = heap.u32;
  const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
  const result = Math.imul(rotate(Math.imul(s[at + 1]!, 5), 7), 9) >>> 0;
  const t = s[at + 1]! << 9;
  s[at + 2] = s[at + 2]! ^ s[at]!;
  s[at + 3] = s[at + 3]! ^ s[at + 1]!;
  s[at + 1] = s[at + 1]! ^ s[at + 2]!;
  s[at] = s[at]! ^ s[at + 3]!;
  s[at + 2] = s[at + 2]! ^ t;
  s[at + 3] = rotate(s[at + 3]!, 11);
  return result / 4294967296;
}

/** The number drawn last: the state one step back. The step is a bijection, so nothing needs to be kept for this. */
export function lastRandom(heap: Heap): number {
  const at = header.random >>> 2;
  const s = heap.u32;
  const third = (s[at + 3]! >>> 11) | (s[at + 3]! << 21);
  const zeroth = s[at]! ^ third;
  const mixed = s[at + 1]! ^ s[at + 2]!;
  const first = mixed ^ (mixed << 9) ^ (mixed << 18) ^ (mixed << 27);
  const second = s[at + 1]! ^ first ^ zeroth;
  const now = [s[at]!, s[at + 1]!, s[at + 2]!, s[at + 3]!];
  s.set([zeroth, first, second, third ^ first], at);
  const drawn = nextRandom(heap);
  s.set(now, at);
  return drawn;
}
