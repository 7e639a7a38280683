import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type GbOptions, gb, inFolder, spawnGb } from './testing.ts';

/** Runs one program of these lines. */
function run(lines: readonly string[], args: readonly string[] = [], options: GbOptions = {}) {
  return gb(['basic', 'run', 'try.bas', ...args], { cwd: inFolder({ 'try.bas': lines.join('\n') }), ...options });
}

describe('a program of the bot dialect', () => {
  test('talks on standard output and nowhere else', async () => {
    expect(await run(['TALK "Hello"', 'TALK 2 + 3'])).toEqual({ code: 0, out: 'Hello\n5\n', err: '' });
  });

  test('reads answers from standard input, the last without its line end', async () => {
    const ended = await run(['TALK "Name?"', 'HEAR name', 'TALK "Hi " + name', 'HEAR last', 'TALK last'], [], {
      input: 'Ana\r\nbye',
    });
    expect(ended).toEqual({ code: 0, out: 'Name?\nHi Ana\nbye\n', err: '' });
  });

  test('asks again as it would in a chat', async () => {
    const ended = await run(['HEAR age AS INTEGER', 'TALK age + 1'], [], { input: 'old\n41\n' });
    expect(ended).toEqual({ code: 0, out: 'Please send a whole number, like 5.\n42\n', err: '' });
  });

  test('shows the choices of a menu on a line', async () => {
    const ended = await run(['TALK "Well?"', 'HEAR choice AS "Yes", "No"', 'TALK choice'], [], { input: 'no\n' });
    expect(ended).toEqual({ code: 0, out: 'Well?\n[Yes | No]\nNo\n', err: '' });
  });

  test('speaks the language that is asked for', async () => {
    const ended = await run(['HEAR age AS INTEGER', 'TALK age'], ['--locale', 'pt-BR'], { input: 'x\n3\n' });
    expect(ended.out).toContain('Por favor');
  });

  test('finds the scripts it includes beside it', async () => {
    const cwd = inFolder({
      'a/main.bas': 'INCLUDE "parts.bas"\nTALK twice(4)',
      'a/parts.bas': 'FUNCTION twice(x)\nRETURN x * 2\nEND FUNCTION',
    });
    expect(await gb(['basic', 'run', 'a/main.bas'], { cwd })).toEqual({ code: 0, out: '8\n', err: '' });
  });

  test('a folder or package runs its start.bas, wherever it lies inside', async () => {
    const cwd = inFolder({
      'shop.gbai/shop.gbdialog/start.bas': 'INCLUDE "help.bas"\nTALK "open"',
      'shop.gbai/other/help.bas': 'TALK "help"',
    });
    expect(await gb(['basic', 'run', 'shop.gbai'], { cwd })).toEqual({ code: 0, out: 'help\nopen\n', err: '' });
  });
});

describe('data', () => {
  test('csv files beside the program are tables, which it changes in memory only', async () => {
    const csv = 'name,city\nAna,Recife\nEva,Natal\n';
    const source = [
      'row = FIND "people.csv", "name=Ana"',
      'TALK row.city',
      'name = "Bia"',
      'city = "Olinda"',
      'SAVE "people.csv", name, city',
      'again = FIND "people.csv", "name=Bia"',
      'TALK again.city',
    ];
    const cwd = inFolder({ 'try.bas': source.join('\n'), 'people.csv': csv });
    expect(await gb(['basic', 'run', 'try.bas'], { cwd })).toEqual({ code: 0, out: 'Recife\nOlinda\n', err: '' });
    expect(readFileSync(join(cwd, 'people.csv'), 'utf8')).toBe(csv);
  });

  test('what needs the world is not offered, and said so', async () => {
    const ended = await run(['TALK "a"', 'x = LLM "What is BASIC?"', 'TALK "b"']);
    expect(ended).toMatchObject({ code: 1, out: 'a\n' });
    expect(ended.err).toContain('error operation_unavailable');
  });

  test('WAIT moves the clock instead of waiting', async () => {
    const begunMs = performance.now();
    const ended = await run(['WAIT 3600', 'TALK "done"']);
    expect(ended).toEqual({ code: 0, out: 'done\n', err: '' });
    expect(performance.now() - begunMs).toBeLessThan(20_000);
  });
});

describe('the answers', () => {
  test('may come from a file', async () => {
    const cwd = inFolder({ 'try.bas': 'HEAR a\nHEAR b\nTALK b + a', 'answers.txt': '\uFEFFone\r\ntwo\r\n' });
    expect(await gb(['basic', 'run', 'try.bas', '--answers', 'answers.txt'], { cwd, input: 'unused\n' })).toEqual({
      code: 0,
      out: 'twoone\n',
      err: '',
    });
  });

  test('that never come end the program with exit code 1', async () => {
    const ended = await run(['TALK "Name?"', 'HEAR name', 'TALK name']);
    expect(ended).toEqual({ code: 1, out: 'Name?\n', err: 'gb: the program waits for an answer, and there are no more.\n' });
  });
});

describe('what goes wrong', () => {
  test('a run-time error names its place on standard error and shows it; what was said before stands', async () => {
    const ended = await run(['TALK "before"', 'x = 0', 'TALK SQR(4) + SQR(x - 1)']);
    expect(ended).toMatchObject({ code: 1, out: 'before\n' });
    expect(ended.err).toMatch(/^try\.bas:3:15: error illegal_argument: .+\n {2}TALK SQR\(4\) \+ SQR\(x - 1\)\n {16}\^\n$/);
  });

  test('what does not compile is shown with its line and exit code 2', async () => {
    const ended = await run(['TALK "a"', 'FOR i = 1 TO 3', '  TALK i']);
    expect(ended).toEqual({
      code: 2,
      out: '',
      err: 'try.bas:2:1: error missing_next: FOR is never closed.\n    Add NEXT.\n  FOR i = 1 TO 3\n  ^^^\n',
    });
  });

  test('an endless loop ends at its time with exit code 3, and its output was seen before', async () => {
    const ended = await run(['TALK "working"', 'DO', 'x = x + 1', 'LOOP'], ['--seconds', '0.3']);
    expect(ended).toMatchObject({ code: 3, out: 'working\n' });
    expect(ended.err).toContain('error time_exhausted');
  });

  test('too much memory is exit code 3', async () => {
    const ended = await run(['s = "0123456789"', 'DO', 's = s + s', 'LOOP'], ['--memory-mb', '4']);
    expect(ended).toMatchObject({ code: 3, out: '' });
    expect(ended.err).toContain('error out_of_memory');
  });

  test('wrong use is one sentence and exit code 2', async () => {
    for (const [args, sentence] of [
      [['run'], 'needs one FILE'],
      [['run', 'nowhere.bas'], 'There is no nowhere.bas'],
      [['run', 'a.bas', '--profile', 'pascal'], '--profile must be one of bot, minimal, classic'],
      [['run', 'a.bas', '--seconds', 'many'], '--seconds must be a number'],
      [['run', 'a.bas', '--wrong'], '--wrong'],
      [['walk'], 'no command "walk"'],
      [['constructor'], 'no command "constructor"'],
    ] as const) {
      const ended = await gb(['basic', ...args], { cwd: inFolder({ 'a.bas': '' }) });
      expect(ended).toMatchObject({ code: 2, out: '' });
      expect(ended.err).toMatch(/^gb: [^\n]+\n$/);
      expect(ended.err).toContain(sentence);
    }
  });

  test('what cannot be read is one sentence', async () => {
    const cwd = inFolder({ 'a.bas': 'HEAR x', 'folder/readme.txt': '' });
    expect(await gb(['basic', 'run', 'a.bas', '--answers', 'folder'], { cwd })).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^gb: [^\n]+\n$/),
    });
    expect(await gb(['basic', 'run', 'folder'], { cwd })).toEqual({
      code: 2,
      out: '',
      err: 'gb: folder has no start.bas to start from.\n',
    });
  });

  test('a neighbour that is no readable text keeps nobody from running', async () => {
    const cwd = inFolder({ 'a.bas': 'INCLUDE "b.bas"', 'b.bas': 'TALK "b"', 'packed.bas': Uint8Array.of(0xff, 0x01, 0x02) });
    expect(await gb(['basic', 'run', 'a.bas'], { cwd })).toEqual({ code: 0, out: 'b\n', err: '' });
  });

  test('a packed listing is refused in words', async () => {
    const cwd = inFolder({ 'old.bas': Uint8Array.of(0xff, 0x5d, 0x12, 0x0a, 0x00) });
    const ended = await gb(['basic', 'run', 'old.bas'], { cwd });
    expect(ended).toMatchObject({ code: 2, err: expect.stringContaining('packed listing') });
  });
});

describe('files as old systems wrote them', () => {
  test('Windows-1252, a byte order mark, lone carriage returns and Ctrl-Z are understood', async () => {
    const latin = Buffer.from('TALK "a\u00e7\u00e3o"\rTALK "b"\r\u001a\0\0', 'latin1');
    const cwd = inFolder({ 'latin.bas': latin, 'mark.bas': '\uFEFFTALK "é"\r\nTALK 2' });
    expect(await gb(['basic', 'run', 'latin.bas'], { cwd })).toEqual({ code: 0, out: 'ação\nb\n', err: '' });
    expect(await gb(['basic', 'run', 'mark.bas'], { cwd })).toEqual({ code: 0, out: 'é\n2\n', err: '' });
  });
});

describe('output', () => {
  test('is seen while the program computes', async () => {
    const cwd = inFolder({ 'try.bas': 'TALK "first"\nDO\nx = x + 1\nLOOP' });
    const child = spawnGb(['basic', 'run', 'try.bas', '--seconds', '20'], { cwd });
    const ended = once(child, 'close');
    const [data] = (await once(child.stdout, 'data')) as [Buffer];
    expect(data.toString()).toBe('first\n');
    expect(child.exitCode).toBeNull();
    child.kill();
    await ended;
  });

  test('of megabytes comes whole and fast', async () => {
    const begunMs = performance.now();
    const ended = await run(['FOR i = 1 TO 200000', 'TALK i', 'NEXT']);
    expect(ended.code).toBe(0);
    expect(ended.out.length).toBe(1_288_895);
    expect(ended.out.endsWith('\n199999\n200000\n')).toBe(true);
    expect(performance.now() - begunMs).toBeLessThan(10_000);
  });

  test('nobody reads any more ends the program quietly', async () => {
    const cwd = inFolder({ 'try.bas': 'DO\nTALK "line"\nLOOP' });
    const child = spawnGb(['basic', 'run', 'try.bas'], { cwd });
    let err = '';
    child.stderr.on('data', (data) => (err += data));
    const ended = once(child, 'close');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await ended).toEqual([0, null]);
    expect(err).toBe('');
  });
});

describe('the old dialects', () => {
  test('minimal prints in zones and asks with a question mark', async () => {
    const lines = ['10 PRINT 1, "A"; 2', '20 INPUT X', '30 PRINT X/3', '40 END'];
    const ended = await run(lines, ['--profile', 'minimal'], { input: '1\n' });
    expect(ended).toEqual({ code: 0, out: ' 1            A 2 \n?  .333333 \n', err: '' });
  });

  test('minimal goes on after an exception that is not fatal, which it reports', async () => {
    const ended = await run(['10 PRINT TAB(0); "A"', '20 END'], ['--profile', 'minimal']);
    expect(ended).toMatchObject({ code: 0, out: 'A\n' });
    expect(ended.err).toContain('TAB');
  });

  test('classic runs a listing with GOTO, and asks again in its own words', async () => {
    const lines = ['10 INPUT "HOW MANY"; N', '20 I = I + 1: PRINT I;', '30 IF I < N THEN 20', '40 PRINT', '50 END'];
    const ended = await run(lines, ['--profile', 'classic'], { input: 'three\n3\n' });
    expect(ended).toEqual({ code: 0, out: 'HOW MANY? ?Redo from start\nHOW MANY?  1  2  3 \n', err: '' });
  });
});
