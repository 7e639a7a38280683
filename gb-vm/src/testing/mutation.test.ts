import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from '../compiler/index.ts';
import { profiles } from '../compiler/profile.ts';
import { random } from '../compiler/testing/random.ts';
import { mutate } from './mutate.ts';

/** Scripts of every profile to damage. */
function scripts(): string[] {
  const roots = [new URL('../../programs/', import.meta.url), new URL('../../../bots/', import.meta.url)];
  return roots.flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.bas'))
      .sort()
      .map((name) => readFileSync(new URL(name, root), 'utf8')),
  );
}

test('a damaged script is compiled or refused with a place, never more', { timeout: 24 * 3_600_000 }, () => {
  const originals = scripts();
  expect(originals.length).toBeGreaterThan(10);
  const end = performance.now() + Number(process.env['GB_FUZZ_MS'] ?? 6000);
  let count = 0;
  for (let seed = 1; performance.now() < end; seed++, count++) {
    const next = random(seed);
    const text = mutate(originals[Math.floor(next() * originals.length)]!, next);
    for (const profile of profiles) {
      const label = `seed ${seed}, ${profile}\n${text}`;
      const start = performance.now();
      const { program, diagnostics } = compile([{ name: 'start.bas', text }], { profile });
      // Not a matter of speed: what takes this long has gone round in a circle.
      expect(performance.now() - start, label).toBeLessThan(20_000);
      expect(
        diagnostics.filter(({ code }) => code === 'internal'),
        label,
      ).toEqual([]);
      if (program) expect(WebAssembly.validate(program.wasm as Uint8Array<ArrayBuffer>), label).toBe(true);
      else
        expect(
          diagnostics.some(({ severity, line, column }) => severity === 'error' && line >= 1 && column >= 1),
          label,
        ).toBe(true);
    }
  }
  expect(count).toBeGreaterThan(10);
});
