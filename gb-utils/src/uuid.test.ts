import { expect, test } from 'vitest';
import { isUuid, uuidFromText, uuidv7 } from './uuid.ts';

test('ids made later sort later, also within one millisecond and when the clock goes back', () => {
  const start = Date.now() + 1_000_000;
  const ids = [...Array.from({ length: 5_000 }, () => uuidv7(start)), uuidv7(start - 60_000), uuidv7(start + 10_000)];
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
});

test('an id is a version 7 UUID that carries its time', () => {
  const id = uuidv7(Date.now() + 5_000_000);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(isUuid(id)).toBe(true);
  for (const wrong of ['', id.toUpperCase(), `${id} `, id.slice(1), 7, null]) expect(isUuid(wrong)).toBe(false);
});

test('the same text always gives the same id, another text another', async () => {
  expect(await uuidFromText('a:1:0')).toBe(await uuidFromText('a:1:0'));
  expect(await uuidFromText('a:1:0')).not.toBe(await uuidFromText('a:1:1'));
  expect(isUuid(await uuidFromText(''))).toBe(true);
});
