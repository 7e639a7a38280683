import { expect, test } from 'vitest';
import { compile } from '../index.ts';

const source = `FUNCTION spin(n)
  WHILE n > 0
    n = n - 1
  WEND
  RETURN SQR(n) / n MOD 3
END FUNCTION
DIM a(10)
FOR i = 1 TO 10
  a(i) = spin(i) \\ i
NEXT
SUB deep(n)
  HEAR x
  deep(n + 1)
END SUB
deep(1)
`;

/** The number that the import of this name has among the functions. */
function importIndex(module: WebAssembly.Module, name: string): number {
  return WebAssembly.Module.imports(module)
    .filter((one) => one.kind === 'function')
    .findIndex((one) => one.name === name);
}

test('what raises an error never falls through: V8 then keeps loops in registers', () => {
  const { program } = compile([{ name: 'start.bas', text: source }]);
  const bytes = program!.wasm;
  const err = importIndex(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>), 'err');
  const call = [0x10, (err & 127) | 128, err >> 7];
  let count = 0;
  for (let at = 0; at + 3 < bytes.length; at++) {
    if (call.some((byte, index) => bytes[at + index] !== byte)) continue;
    expect(bytes[at + 3]).toBe(0x00);
    count++;
  }
  expect(count).toBeGreaterThanOrEqual(8);
});

test('compiling is a function of its input', () => {
  const once = () => compile([{ name: 'start.bas', text: source }]).program;
  expect(once()).toEqual(once());
});

test('a program of a hundred lines is small', () => {
  const text = Array.from(
    { length: 12 },
    (_, n) =>
      `TALK "Question ${n}?"\nHEAR a${n} AS INTEGER\nIF a${n} > ${n} THEN\n  t = t + a${n}\nELSE\n  t = t - 1\nEND IF\nTALK "So far " + t`,
  ).join('\n');
  expect(compile([{ name: 'start.bas', text: `t = 0\n${text}` }]).program!.wasm.length).toBeLessThan(8000);
});

test('procedures that cannot wait are plain functions; only the others have frames', () => {
  const { program } = compile([
    {
      name: 'start.bas',
      text: 'FUNCTION a()\nRETURN 1\nEND FUNCTION\nSUB b()\nHEAR x\nEND SUB\nSUB c()\nb()\nEND SUB\nTALK a()\nc()',
    },
  ]);
  expect(JSON.parse(program!.debugMap).procedures.map((one: { name: string }) => one.name)).toEqual(['', 'b', 'c']);
});
