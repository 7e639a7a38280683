import { describe, expect, test } from 'vitest';
import { limits, turnInput } from '../testing/play.ts';
import { Debugger, type DebuggerOptions, type Progress } from './debugger.ts';
import { pathTo } from './path.ts';
import { prepareStepping } from './program.ts';
import type { Shown } from './values.ts';

async function debug(source: string, options: DebuggerOptions = {}): Promise<Debugger> {
  const { program, diagnostics } = await prepareStepping([{ name: 'start.bas', text: source }]);
  if (!program) throw new Error(JSON.stringify(diagnostics));
  return new Debugger(program, options);
}

async function begun(source: string, options: DebuggerOptions = {}): Promise<Debugger> {
  const debug_ = await debug(source, options);
  debug_.begin(turnInput({ takesRequests: true }));
  return debug_;
}

const where = (one: Debugger): string =>
  one
    .frames()
    .map(({ procedure, line, isMain }) => `${isMain ? 'main' : procedure}:${line}`)
    .join(' < ');

const stopped = (progress: Progress): string =>
  progress.kind === 'stopped' ? progress.reason : progress.kind === 'ended' ? progress.output.status : progress.kind;

const value = (shown: Shown | { problem: string }): string => ('problem' in shown ? `! ${shown.problem}` : shown.text);

const source = `FUNCTION twice(n)
  result = n * 2
  RETURN result
END FUNCTION
total = 1
FOR i = 1 TO 3
  total = total + twice(i)
NEXT
TALK total`;

describe('stepping', () => {
  test('into goes through every statement, calls and rounds of loops included', async () => {
    const one = await begun(source);
    const seen: string[] = [];
    for (let progress = one.run('into'); progress.kind === 'stopped'; progress = one.run('into')) seen.push(where(one));
    expect(seen.slice(0, 7)).toEqual(['main:5', 'main:6', 'main:7', 'twice:2 < main:7', 'twice:3 < main:7', 'main:6', 'main:7']);
    expect(one.output?.replies).toEqual([{ text: '13' }]);
  });

  test('over stays above what is called, out goes back to the caller', async () => {
    const one = await begun(source);
    expect(stopped(one.run('into'))).toBe('entry');
    one.run('over');
    one.run('over');
    expect(where(one)).toBe('main:7');
    one.run('over');
    expect(where(one)).toBe('main:6');
    one.run('over');
    one.run('into');
    expect(where(one)).toBe('twice:2 < main:7');
    expect(stopped(one.run('out'))).toBe('step');
    expect(where(one)).toBe('main:6');
    expect(stopped(one.run('out'))).toBe('finished');
  });

  test('over a GOSUB comes back after its RETURN', async () => {
    const one = await begun('GOSUB part\nTALK "after"\nEND\npart:\nx = 1\nRETURN');
    one.run('into');
    one.run('over');
    expect(where(one)).toBe('main:2');
  });

  test('a program that never ends gives the thread back, and can be paused', async () => {
    const one = await debug('DO\nx = x + 1\nLOOP');
    one.begin(turnInput({ limits: { ...limits, fuelMax: Number.MAX_SAFE_INTEGER, wallMsMax: 3_600_000 } }));
    expect(stopped(one.run('continue'))).toBe('running');
    expect(stopped(one.run('continue'))).toBe('running');
    one.pause();
    expect(stopped(one.run('continue'))).toBe('pause');
    expect(Number(value(one.evaluate(0, 'x')))).toBeGreaterThan(1000);
  });
});

describe('breakpoints', () => {
  test('stand at the next line on which something begins', async () => {
    const one = await debug(source);
    expect(one.setBreakpoints('START.bas', [{ line: 1 }, { line: 8 }, { line: 10 }])).toEqual([
      { line: 2, isPlaced: true },
      { line: 9, isPlaced: true },
      { line: 10, isPlaced: false },
    ]);
    one.begin(turnInput());
    expect(stopped(one.run('continue'))).toBe('breakpoint');
    expect(where(one)).toBe('twice:2 < main:7');
    one.setBreakpoints('start.bas', [{ line: 9 }]);
    one.run('continue');
    expect(where(one)).toBe('main:9');
    expect(stopped(one.run('continue'))).toBe('finished');
  });

  test('a condition lets the others pass, and one that cannot be computed stops', async () => {
    const one = await begun(source);
    one.setBreakpoints('start.bas', [{ line: 7, condition: 'total > 2 AND LEN("" + i) = 1' }]);
    expect(stopped(one.run('continue'))).toBe('breakpoint');
    expect(value(one.evaluate(0, 'i'))).toBe('2');
    one.setBreakpoints('start.bas', [{ line: 7, condition: 'total >' }]);
    one.run('continue');
    expect(value(one.evaluate(0, 'i'))).toBe('3');
  });
});

describe('looking', () => {
  const data = `SUB look(basket)
  here = basket[1]
  TALK here.name
END SUB
n = 1.5
s = "say ""hi"""
b = n > 1
nothing = NULL
DIM grid(2)
grid(1) = 7
list = [{name: "tea", tags: ["a", "b"]}, {name: "cake"}]
list[0].self = list
look(list)`;

  test('variables by name and type, the procedure’s and the main program’s', async () => {
    const one = await begun(data);
    one.setBreakpoints('start.bas', [{ line: 3 }]);
    one.run('continue');
    expect(where(one)).toBe('look:3 < main:13');
    expect(one.variables(0).map(({ name, type, text }) => `${name} ${type} ${text}`)).toEqual([
      'basket list [{name: "tea", tags: [… 2], self: [… 2]}, {name: "cake"}]',
      'here object {name: "cake"}',
    ]);
    expect(
      one
        .globals()
        .map(({ name, type, text }) => `${name} ${type} ${text}`)
        .slice(0, 5),
    ).toEqual(['n number 1.5', 's text "say ""hi"""', 'b boolean TRUE', 'nothing nothing NULL', 'grid list [0, 7, 0]']);
    expect(one.variables(1)).toEqual(one.globals());
  });

  test('what is inside is asked for piece by piece, and is gone when the program has moved', async () => {
    const one = await begun(data);
    one.setBreakpoints('start.bas', [{ line: 2 }]);
    one.run('continue');
    const basket = one.variables(0)[0]!;
    expect(basket.count).toBe(2);
    const [tea] = one.inside(basket.inside!, 0, 1);
    const [, tags] = one.inside(tea!.inside!);
    expect(one.inside(tags!.inside!, 1).map(({ name, text }) => `${name} ${text}`)).toEqual(['1 "b"']);
    one.run('over');
    expect(one.inside(basket.inside!)).toEqual([]);
  });

  test('expressions: paths, and anything the language can compute', async () => {
    const one = await begun(data);
    one.setBreakpoints('start.bas', [{ line: 3 }]);
    one.run('continue');
    const ask = (text: string) => value(one.evaluate(0, text));
    expect(ask('Basket[0].tags[1]')).toBe('"b"');
    expect(ask('list(0).self[1].NAME')).toBe('"cake"');
    expect(ask('grid(1)')).toBe('7');
    expect(ask('here.name + "!" + n * 2')).toBe('"cake!3"');
    expect(ask('[LEN(s), {a: b}]')).toBe('[8,{"a":true}]');
    expect(ask('basket[0]')).toContain('{name: "tea"');
    expect(ask('LEN(basket)')).toBe('! This holds itself and cannot be computed with.');
    expect(ask('1 / 0')).toMatch(/^! /);
    expect(ask('GET "https://example.com"')).toMatch(/^! /);
    expect(ask('look(1)')).toMatch(/^! /);
    expect(ask('1 +')).toMatch(/^! /);
    const computed = one.evaluate(0, '[{a: 1}]') as Shown;
    expect(one.inside(computed.inside!).map(({ text }) => text)).toEqual(['{"a":1}']);
  });

  test('values are changed where they are, if they fit', async () => {
    const one = await begun(
      'n = 1\ns = "a"\nv = [1, 2]\no = {a: {b: 1}}\nDIM d(3)\nd(0) = 1\nTALK n + s + JSON(v) + JSON(o) + JOIN(d)\nv = 1',
    );
    one.setBreakpoints('start.bas', [{ line: 7 }]);
    one.run('continue');
    expect(value(one.set(0, 'n', 'n + 41'))).toBe('42');
    expect(value(one.set(0, 's', '" ção 🎉 "'))).toBe('" ção 🎉 "');
    expect(value(one.set(0, 'n', '"text"'))).toBe('! Only a number fits here.');
    expect(value(one.set(0, 'o.a.b', '{list: [n, NULL]}'))).toBe('{list: [42, NULL]}');
    expect(value(one.set(0, 'd[1]', '9'))).toBe('9');
    expect(value(one.set(0, 'd[1]', '"x"'))).toBe('! Only a number fits here.');
    expect(value(one.set(0, 'd', '[1]'))).toBe('! Its items can be changed one by one.');
    expect(value(one.set(0, 'missing', '1'))).toBe('! There is no such variable.');
    expect(value(one.set(0, pathTo('v', '1'), '"two"'))).toBe('"two"');
    expect(value(one.set(0, 'v[1]', 'v[1] + "!"'))).toBe('"two!"');
    one.run('continue');
    expect(one.output?.replies).toEqual([{ text: '42 ção 🎉 [1,"two!"]{"a":{"b":{"list":[42,null]}}}1,9,0,0' }]);
  });
});

describe('errors and the host', () => {
  test('one that nothing catches stops at its statement, with its variables, before the turn ends', async () => {
    const one = await begun('SUB risky(n)\n  half = n / 2\n  x = 1 / (n - 4)\nEND SUB\nTALK "before"\nrisky(4)');
    const progress = one.run('continue');
    expect(progress).toMatchObject({ kind: 'stopped', reason: 'error' });
    expect(where(one)).toBe('risky:3 < main:6');
    expect(value(one.evaluate(0, 'half'))).toBe('2');
    expect(one.run('continue')).toMatchObject({ kind: 'ended', output: { status: 'failed', replies: [{ text: 'before' }] } });
    expect(one.frames()).toEqual([]);
  });

  test('one that is caught stops nothing', async () => {
    const one = await begun('TRY\nx = 1 / 0\nCATCH e\nTALK e.code\nEND TRY');
    expect(one.run('continue')).toMatchObject({
      kind: 'ended',
      output: { status: 'finished', replies: [{ text: 'division_by_zero' }] },
    });
  });

  test('the host’s answers come in between, and without one the turn ends as in a server', async () => {
    const program = 'TALK "one"\nx = GET "https://example.com/a"\nTALK x.a\ny = GET "https://example.com/b"\nTALK y';
    const one = await begun(program, {
      host: ({ args }) => (String(args['address']).endsWith('a') ? { value: { a: 1 } } : null),
    });
    one.setBreakpoints('start.bas', [{ line: 3 }]);
    expect(stopped(one.run('continue'))).toBe('breakpoint');
    expect(value(one.evaluate(0, 'x.a'))).toBe('1');
    const end = one.run('continue');
    expect(end).toMatchObject({
      kind: 'ended',
      output: { status: 'waiting', request: { name: 'GET' }, replies: [{ text: 'one' }, { text: '1' }] },
    });
  });
});
