import { expect, test } from 'vitest';
import { ByteWriter, unsignedLength } from './bytes.ts';

const written = (write: (out: ByteWriter) => void): number[] => {
  const out = new ByteWriter();
  write(out);
  return [...out.view()];
};

test.each([
  [0, [0]],
  [127, [0x7f]],
  [128, [0x80, 1]],
  [16_383, [0xff, 0x7f]],
  [16_384, [0x80, 0x80, 1]],
  [624_485, [0xe5, 0x8e, 0x26]],
  [0xffffffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
])('%d unsigned', (value, bytes) => {
  expect(written((out) => out.unsigned(value))).toEqual(bytes);
  expect(unsignedLength(value)).toBe(bytes.length);
});

test.each([
  [0, [0]],
  [63, [0x3f]],
  [64, [0xc0, 0]],
  [-64, [0x40]],
  [-65, [0xbf, 0x7f]],
  [-123_456, [0xc0, 0xbb, 0x78]],
  [0x7fffffff, [0xff, 0xff, 0xff, 0xff, 0x07]],
  [-0x80000000, [0x80, 0x80, 0x80, 0x80, 0x78]],
])('%d signed, in 32 and in 64 bits', (value, bytes) => {
  expect(written((out) => out.signed(value))).toEqual(bytes);
  expect(written((out) => out.signed64(BigInt(value)))).toEqual(bytes);
});

test('64 bits keep their sign', () => {
  expect(written((out) => out.signed64(-(2n ** 63n)))).toEqual([...Array<number>(9).fill(0x80), 0x7f]);
  expect(written((out) => out.signed64(2n ** 63n - 1n))).toEqual([...Array<number>(9).fill(0xff), 0]);
});

test('nothing is lost when the bytes outgrow their place', () => {
  const bytes = written((out) => {
    for (let value = 0; value < 10_000; value++) out.byte(value & 255);
    out.append(new Uint8Array(100_000).fill(7));
    out.f64(-0.5);
    out.name('ção');
  });
  expect(bytes.slice(0, 10_000).every((byte, index) => byte === (index & 255))).toBe(true);
  expect(bytes.slice(10_000, 110_000).every((byte) => byte === 7)).toBe(true);
  expect(bytes.slice(110_000)).toEqual([0, 0, 0, 0, 0, 0, 0xe0, 0xbf, 5, 0xc3, 0xa7, 0xc3, 0xa3, 0x6f]);
});
