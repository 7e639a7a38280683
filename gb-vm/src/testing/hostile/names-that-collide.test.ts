import { expect, test } from 'vitest';
import { play } from '../play.ts';

const indexBits = 20;

/** FNV-1a over a part of a text, from where another part left it. */
function hashFrom(state: number, text: string): number {
  let hash = state;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 16777619) >>> 0;
  return hash;
}

/**
 * 2 to the power of `blocks` names with the same low bits of their hash (Joux 2004): for each block two pieces that lead
 * to the same state, and then every choice of pieces ends alike.
 */
function colliding(blocks: number): string[] {
  const mask = (1 << indexBits) - 1;
  let state = 2166136261;
  let names = [''];
  for (let block = 0; block < blocks; block++) {
    const seen = new Map<number, string>();
    for (let number = 0; ; number++) {
      const piece = number.toString(36).padStart(4, '0');
      const next = hashFrom(state, piece) & mask;
      const other = seen.get(next);
      seen.set(next, piece);
      if (other === undefined) continue;
      state = hashFrom(state, piece);
      names = names.flatMap((name) => [name + other, name + piece]);
      break;
    }
  }
  return names;
}

const names = colliding(12);
const few = names.slice(0, 2048);

test('names made to collide are as many as were asked for', () => {
  expect(new Set(names).size).toBe(4096);
  expect(new Set(names.map((name) => hashFrom(2166136261, name) & 0xfffff)).size).toBe(1);
});

test('making an object of them costs fuel for every step', async () => {
  const value = JSON.stringify(Object.fromEntries(few.map((name) => [name, 1])));
  const { last } = await play('x = GET "a"\ny = PARSE(x)\nTALK LEN(y)', {
    input: { operations: () => ({ value }) },
  });
  expect(last.fuelUsed).toBeGreaterThan(few.length ** 2 / 2);
});

test('so does finding one that is there, in another case, or not at all', async () => {
  const object = Object.fromEntries(few.map((name) => [name, 1]));
  for (const key of [few.at(-1)!, few.at(-1)!.toUpperCase(), names.at(-1)!]) {
    const fuel = async (rounds: number) =>
      (
        await play(`x = GET "object"\nk = GET "key"\nFOR i = 1 TO ${rounds}\nv = x[k]\nNEXT`, {
          input: { operations: (_, { address }) => ({ value: address === 'object' ? object : key }) },
        })
      ).last.fuelUsed;
    expect((await fuel(200)) - (await fuel(0))).toBeGreaterThan(200 * 2000);
  }
});
