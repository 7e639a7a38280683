import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/index.ts';
import type { Profile } from '../../compiler/profile.ts';

const many = (count: number, line: (index: number) => string, separator = '\n'): string =>
  Array.from({ length: count }, (_, index) => line(index)).join(separator);

/** What is wrong, in less time than a person would wait; null when it compiles to what engines take. */
function refusal(text: string, profile: Profile = 'bot'): string | null {
  const start = performance.now();
  const { program, diagnostics } = compile([{ name: 'start.bas', text }], { profile });
  expect(performance.now() - start).toBeLessThan(10_000);
  if (program) {
    expect(WebAssembly.validate(program.wasm as Uint8Array<ArrayBuffer>)).toBe(true);
    return null;
  }
  const error = diagnostics.find(({ severity }) => severity === 'error')!;
  expect(error.line).toBeGreaterThan(0);
  return error.code;
}

describe('what engines would not take is refused with a sentence', () => {
  const large: [string, string, string][] = [
    ['50,001 variables of a SUB', `SUB f()\n${many(50_001, (n) => `x${n} = 1`)}\nEND SUB\nf()`, 'procedure_too_large'],
    ['200,000 parameters', `SUB f(${many(200_000, (n) => `p${n}`, ', ')})\nEND SUB\nf(1)`, 'procedure_too_large'],
    ['1,001 parameters', `SUB f(${many(1001, (n) => `p${n}`, ', ')})\nEND SUB\nf(1)`, 'procedure_too_large'],
    ['70,000 labels', `${many(70_000, (n) => `l${n}:`)}\nGOTO l5`, 'procedure_too_large'],
    ['a list of half a million', `x = [${'1,'.repeat(500_000)}1]`, 'procedure_too_large'],
  ];
  test.each(large)('%s', (_, text, code) => {
    expect(refusal(text)).toBe(code);
  });
});

describe('what is only large compiles', () => {
  test.each<[string, string, Profile?]>([
    ['5,000 SUBs', `${many(5000, (n) => `SUB s${n}()\nTALK ${n}\nEND SUB`)}\n${many(5000, (n) => `s${n}()`)}`],
    ['130 parameters', `FUNCTION f(${many(130, (n) => `p${n}`, ', ')})\nRETURN p129\nEND FUNCTION\nTALK f(1)`],
    ['200 parameters', `FUNCTION f(${many(200, (n) => `p${n}`, ', ')})\nRETURN p199\nEND FUNCTION\nTALK f(1)`],
    ['900,000 items of DATA', `DATA ${'1,'.repeat(900_000)}1\nREAD x`],
    ['a text of 1.9 million letters', `TALK "${'é'.repeat(1_900_000)}"`],
    ['8,000 cases', `SELECT CASE x\n${many(8000, (n) => `CASE ${n}\ny = ${n}`)}\nEND SELECT`],
    ['an ON with 20,000 lines', `ON x GOTO ${many(20_000, () => 'a', ', ')}\na:\nTALK 1`],
    ['5,000 nested WHILEs', `${many(5000, (n) => `${n + 1} WHILE A`)}\n${many(5000, (n) => `${n + 6000} WEND`)}`, 'classic'],
    [
      'functions of functions',
      `${many(2000, (n) => `${n + 1} DEF FNA${n}(X)=FNA${n + 1}(X)+FNA${n + 1}(X)`)}\n2001 DEF FNA2000(X)=X\n2002 PRINT FNA0(1)`,
      'classic',
    ],
  ])('%s', (_, text, profile) => {
    expect(refusal(text, profile)).toBeNull();
  });
});

describe('a suggestion is looked for only where somebody reads it', () => {
  test.each([
    ['on one line', `x = [${many(100_000, (n) => `fnction${n}(1)`, ', ')}]`, 'unknown_procedure'],
    ['on many lines', many(60_000, (n) => `fnction${n} 1`), 'unknown_procedure'],
    ['among many labels', `${many(40_000, (n) => `place${n}:`)}\n${many(30_000, (n) => `GOTO plcae${n}`)}`, 'unknown_label'],
    ['as words alone', many(150_000, () => 'TLAK', ' : '), 'unknown_procedure'],
  ])('%s', (_, text, code) => {
    expect(refusal(text)).toBe(code);
  });
});
