import { describe, expect, test } from 'vitest';
import { type InputKind, readInput, retryText } from './input.ts';

const kinds = (text: string) => [...text] as InputKind[];

describe('minimal', () => {
  const read = (wanted: string, line: string) => readInput('minimal', kinds(wanted), line, false);

  test('numbers and texts are read in their order', () => {
    expect(read('nnn', ' 1, -.5 ,2.E+1')).toEqual({ values: [1, -0.5, 20] });
    expect(read('sn', '  HELLO WORLD  , 3')).toEqual({ values: ['HELLO WORLD', 3] });
    expect(read('s', '"A, ""B"')).toEqual({ problem: 'malformed' });
    expect(read('ss', '" A, B ",12')).toEqual({ values: [' A, B ', '12'] });
    expect(read('s', '""')).toEqual({ values: [''] });
  });

  test('a reply must have as many data as variables', () => {
    expect(read('nn', '1')).toEqual({ problem: 'too_few' });
    expect(read('n', '')).toEqual({ problem: 'too_few' });
    expect(read('s', '   ')).toEqual({ problem: 'too_few' });
    expect(read('n', '1,2')).toEqual({ problem: 'too_many' });
    expect(read('nn', '1,2,')).toEqual({ problem: 'too_many' });
    expect(read('nn', '1,')).toEqual({ problem: 'malformed' });
    expect(read('nnn', '1,,2')).toEqual({ problem: 'malformed' });
  });

  test('what is no number, no plain text or too large is refused', () => {
    expect(read('n', 'ABC')).toEqual({ problem: 'not_a_number' });
    expect(read('n', '"5"')).toEqual({ problem: 'not_a_number' });
    expect(read('n', '1 2')).toEqual({ problem: 'not_a_number' });
    expect(read('n', '1E')).toEqual({ problem: 'not_a_number' });
    expect(read('n', '1E999')).toEqual({ problem: 'too_large' });
    expect(read('n', '1E-999')).toEqual({ values: [0] });
    expect(read('s', 'A*B')).toEqual({ problem: 'malformed' });
    expect(read('s', '"OPEN')).toEqual({ problem: 'unclosed_quote' });
  });
});

describe('classic', () => {
  const read = (wanted: string, line: string) => readInput('classic', kinds(wanted), line, false);

  test('an item left out is zero or an empty text', () => {
    expect(read('n', '')).toEqual({ values: [0] });
    expect(read('s', '')).toEqual({ values: [''] });
    expect(read('nsn', '1,,')).toEqual({ values: [1, '', 0] });
  });

  test('too few ask again; too many are ignored', () => {
    expect(read('nn', '1')).toEqual({ problem: 'too_few' });
    expect(read('n', '1,2,3')).toEqual({ values: [1], notice: '?Extra ignored' });
    expect(read('s', 'Smith, John')).toEqual({ values: ['Smith'], notice: '?Extra ignored' });
    expect(read('s', '"Smith, John"')).toEqual({ values: ['Smith, John'] });
  });

  test('numbers are read with blanks, other bases, D exponents and type marks', () => {
    expect(read('nnnnn', '1 000, &HFF, &O17, 1D3, 5%')).toEqual({ values: [1000, 255, 15, 1000, 5] });
    expect(read('nn', '&HFFFF,&o100000')).toEqual({ values: [-1, -32768] });
    expect(read('n', 'five')).toEqual({ problem: 'not_a_number' });
    expect(read('n', '5x')).toEqual({ problem: 'not_a_number' });
    expect(read('n', '1E400')).toEqual({ problem: 'too_large' });
  });

  test('LINE INPUT takes the line as it is', () => {
    expect(readInput('classic', ['s'], '  a, "b"  ', true)).toEqual({ values: ['  a, "b"  '] });
  });
});

describe('bot', () => {
  test('numbers are read as people of the language write them', () => {
    expect(readInput('bot', ['n'], '1.234,5', false, 'pt-BR')).toEqual({ values: [1234.5] });
    expect(readInput('bot', ['n'], '1,234.5', false, 'en')).toEqual({ values: [1234.5] });
    expect(readInput('bot', kinds('nn'), '1,5; 2', false, 'pt-BR')).toEqual({ values: [1.5, 2] });
    expect(readInput('bot', kinds('nn'), '1.5, 1e3', false)).toEqual({ values: [1.5, 1000] });
    expect(readInput('bot', ['n'], 'five', false)).toEqual({ problem: 'not_a_number' });
  });

  test('a single text is the whole line; several are parted', () => {
    expect(readInput('bot', ['s'], ' Hello, you ', false)).toEqual({ values: ['Hello, you'] });
    expect(readInput('bot', kinds('ss'), 'a, "b, c"', false)).toEqual({ values: ['a', 'b, c'] });
    expect(readInput('bot', kinds('ss'), 'a', false)).toEqual({ problem: 'too_few' });
    expect(readInput('bot', kinds('ss'), 'a,b,c', false)).toEqual({ problem: 'too_many' });
    expect(readInput('bot', kinds('ss'), 'a;b;c', false)).toEqual({ problem: 'too_many' });
  });
});

test('the words of asking again fit the profile and the language', () => {
  expect(retryText('classic', 'pt-BR', 'too_few')).toBe('?Redo from start');
  expect(retryText('minimal', 'en', 'too_few')).toContain('More values');
  expect(retryText('bot', 'pt-BR', 'not_a_number')).toContain('número');
});

test('a megabyte of noise is read in one pass', () => {
  for (const noise of [',', '" "', ' ', '"', 'a,', '1', ';', '" ,'])
    for (const profile of ['minimal', 'classic', 'bot'] as const) {
      const begun = performance.now();
      readInput(profile, kinds('nsn'), noise.repeat(400_000), false);
      expect(performance.now() - begun, `${profile} ${noise}`).toBeLessThan(2000);
    }
});
