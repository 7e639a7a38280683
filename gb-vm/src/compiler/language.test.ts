import { describe, expect, test } from 'vitest';
import { compile, initialLineState, keywords, tokenizeLine } from './index.ts';

describe('the table of the language', () => {
  test('no name is listed twice in its kind, and every entry is complete in both languages', () => {
    const seen = new Set<string>();
    for (const { kind, name, syntax, summary, example } of keywords) {
      expect(seen.has(`${kind} ${name}`), name).toBe(false);
      seen.add(`${kind} ${name}`);
      for (const text of [syntax, summary.en, summary.pt, example]) expect(text.length, name).toBeGreaterThan(0);
    }
  });
  test('the example of every function and type compiles', () => {
    for (const { kind, name, example } of keywords) {
      if (kind !== 'function' && kind !== 'type' && kind !== 'constant') continue;
      const source = kind === 'function' && name !== 'PUSH' ? `x = ${example}` : example.replace('IF x = NULL THEN', 'x = NULL');
      expect(
        compile([
          { name: 'a.bas', text: `scores = [1]\ncart = []\norder = {a: 1}\nx = 1\nn = 1\na = TODAY\nb = TODAY\n${source}` },
        ]).diagnostics,
        name,
      ).toEqual([]);
    }
  });
  test('whole statements in examples compile', () => {
    for (const { kind, name, example } of keywords) {
      if (kind !== 'statement' || !example.includes('\n') || name === 'ELSE') continue;
      expect(
        compile([{ name: 'a.bas', text: `age = 1\ncart = []\ntries = 0\nname = "x"\nsize = "S"\n${example}` }]).diagnostics,
        name,
      ).toEqual([]);
    }
  });
});

describe('colours', () => {
  const classes = (line: string) =>
    tokenizeLine(line).tokens.map((token) => `${line.slice(token.start, token.end)}:${token.class}`);
  test('of a line', () => {
    expect(classes('IF LEN(a$) > 2.5 THEN TALK "hi" \' why')).toEqual([
      'IF:keyword',
      'LEN:builtin',
      '(:operator',
      'a$:identifier',
      '):operator',
      '>:operator',
      '2.5:number',
      'THEN:keyword',
      'TALK:keyword',
      '"hi":string',
      "' why:comment",
    ]);
  });
  test('of values in a text', () => {
    expect(classes('TALK "a ${UCASE(b)} c"')).toEqual([
      'TALK:keyword',
      '"a :string',
      '${:operator',
      'UCASE:builtin',
      '(:operator',
      'b:identifier',
      '):operator',
      '}:operator',
      ' c":string',
    ]);
  });
  test('of remarks and of quotes that are none', () => {
    expect(classes("x = 'text' // no")).toEqual(['x:identifier', '=:operator', "'text':string", '// no:comment']);
    expect(classes('REM all')).toEqual(['REM all:comment']);
    expect(classes('# all')).toEqual(['# all:comment']);
  });
  test('of types only after AS, and of properties never', () => {
    expect(classes('HEAR date AS DATE')).toEqual(['HEAR:keyword', 'date:identifier', 'AS:keyword', 'DATE:keyword']);
    expect(classes('x.next')).toEqual(['x:identifier', '.:operator', 'next:identifier']);
  });
  test('of a block of text, line by line', () => {
    const begin = tokenizeLine('BEGIN TALK', initialLineState);
    expect(begin.state.isInText).toBe(true);
    const inside = tokenizeLine('IF you like', begin.state);
    expect(inside.tokens).toEqual([{ start: 0, end: 11, class: 'string' }]);
    expect(tokenizeLine('END TALK', inside.state)).toMatchObject({
      state: { isInText: false },
      tokens: [{ class: 'keyword' }, { class: 'keyword' }],
    });
  });
});
