import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gb, inFolder } from './testing.ts';

test('each script of a folder is checked, with its neighbours at hand, and what is wrong shown in its place', async () => {
  const cwd = inFolder({
    'shop/start.bas': 'INCLUDE "prices.bas"\nTALK price(2)',
    'shop/prices.bas': 'FUNCTION price(n)\n  RETURN n * 10\nEND FUNCTION',
    'shop/more/broken.bas': 'x = 1\n\tIF x = 1\nEND IF',
    'node_modules/there.bas': 'NEXT',
  });
  const ended = await gb(['basic', 'check', '.'], { cwd });
  expect(ended).toMatchObject({ code: 2, out: '' });
  expect(ended.err).toMatch(/^shop\/more\/broken\.bas:2:\d+: error missing_then: /);
  expect(ended.err).toContain('\n  \tIF x = 1\n  \t');
  expect(ended.err).toMatch(/\^+\n3 files, 1 error\n$/);
});

test('what an included script has wrong is told once', async () => {
  const cwd = inFolder({ 'a.bas': 'INCLUDE "c.bas"', 'b.bas': 'INCLUDE "c.bas"', 'c.bas': 'FOR i = 1 TO 2' });
  const ended = await gb(['basic', 'check', '.'], { cwd });
  expect(ended.err.match(/missing_next/g)).toHaveLength(1);
  expect(ended.err).toContain('3 files, 1 error\n');
});

test('nothing wrong is exit code 0', async () => {
  const cwd = inFolder({ 'a.bas': 'TALK 1' });
  expect(await gb(['basic', 'check', 'a.bas'], { cwd })).toEqual({ code: 0, out: '', err: '1 file, 0 errors\n' });
});

test('the sum is in the language of the messages', async () => {
  const cwd = inFolder({ 'a.bas': 'NEXT', 'b.bas': 'TALK 1' });
  expect((await gb(['basic', 'check', '--locale', 'pt-BR', '.'], { cwd })).err).toMatch(/\n2 arquivos, 1 erro\n$/);
});

test('editors get one JSON array', async () => {
  const cwd = inFolder({ 'a.bas': 'TALK 1', 'b.bas': 'FOR i = 1 TO 2' });
  const ended = await gb(['basic', 'check', '--json', join(cwd, 'a.bas'), join(cwd, 'b.bas')], {});
  expect(ended.code).toBe(2);
  expect(JSON.parse(ended.out)).toMatchObject([
    { file: join(cwd, 'b.bas'), severity: 'error', code: 'missing_next', line: 1, column: 1, endLine: 1, endColumn: 4 },
  ]);
  expect(ended.err).toBe('2 files, 1 error\n');
});

test('a long line is shown around the place', async () => {
  const cwd = inFolder({ 'a.bas': `TALK "${'x'.repeat(5000)}" + )` });
  const ended = await gb(['basic', 'check', 'a.bas'], { cwd });
  expect(ended.code).toBe(2);
  for (const line of ended.err.split('\n')) expect(line.length).toBeLessThan(250);
  expect(ended.err).toContain('^');
});

test('control characters of a source do not reach the terminal', async () => {
  const cwd = inFolder({ 'a.bas': 'TALK \u001b[31m\u0007 ) "red"\nTALK 1 +\u009b' });
  const ended = await gb(['basic', 'check', 'a.bas'], { cwd });
  expect(ended.code).toBe(2);
  expect(ended.err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u0080-\u009f]/);
});

test('no script at all is wrong use', async () => {
  const cwd = inFolder({ 'readme.txt': '' });
  expect(await gb(['basic', 'check', '.'], { cwd })).toEqual({ code: 2, out: '', err: 'gb: There is no .bas file to check.\n' });
});
