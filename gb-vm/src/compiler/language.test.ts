import { describe, expect, test } from 'vitest';
import { compile, initialLineState, keywords, tokenizeLine } from './index.ts';
import { type FormPart, readForms } from './keywords/index.ts';
import { understood } from './testing/show.ts';

/** The parts of a form, filled in, with all that may be left out. */
function sample(parts: readonly FormPart[]): string {
  return parts
    .map((part) => {
      switch (part.kind) {
        case 'word':
          return part.word;
        case 'sign':
          return part.sign;
        case 'optional':
          return sample(part.parts);
        case 'choice':
          return sample(part.options[0] ?? []);
        default:
          return samples[part.takes] ?? '"v"';
      }
    })
    .join(' ')
    .replaceAll(/# ("v"|ON)/g, '#1');
}

const samples: Readonly<Partial<Record<(FormPart & { kind: 'value' })['takes'], string>>> = {
  list: '"v", "w"',
  word: 'ON',
  words: 'every hour',
  one: '',
  yes: '',
  condition: 'a = 1 AND b > x',
  order: 'a DESC',
  fields: 'a = 1, b = 2',
  columns: 'a, b',
  aliases: 'a AS 1, b AS 2',
};

describe('the table of the language', () => {
  test('no name is listed twice in its kind, and every entry is complete in both languages', () => {
    const seen = new Set<string>();
    for (const { kind, name, syntax, summary, example } of keywords) {
      expect(seen.has(`${kind} ${name}`), name).toBe(false);
      seen.add(`${kind} ${name}`);
      for (const text of [syntax, summary.en, summary.pt, example]) expect(text.length, name).toBeGreaterThan(0);
    }
  });
  test('every example compiles by itself, without a complaint', () => {
    for (const { kind, name, example } of keywords) {
      const files = [
        { name: 'start.bas', text: example },
        { name: 'menu.bas', text: 'TALK "menu"' },
      ];
      expect(compile(files).diagnostics, `${kind} ${name}: ${example}`).toEqual([]);
    }
  });
  test('the example of an operation or declaration makes it, in whichever form it is written', () => {
    for (const { kind, name, example, mayRun } of keywords) {
      if (kind !== 'operation' && kind !== 'declaration') continue;
      const lines = understood(example);
      const isMade = kind === 'operation' ? lines.includes(`${name}{`) : lines.includes(`@${name} `);
      expect(isMade || (mayRun && lines.includes(`${name}{`)), `${name}: ${lines}`).toBeTruthy();
    }
  });
  test('every form of the table can be written, with blanks, underscores and brackets', () => {
    for (const { kind, name, forms = [], isSoft } of keywords) {
      if (kind !== 'operation') continue;
      for (const form of forms) {
        const [{ words, rest } = { words: '', rest: [] }] = readForms(form);
        const values = sample(rest);
        const spelled = [`${words} ${values}`, `${words.replaceAll(' ', '_')} ${values}`];
        const isPlain = !/[#:]/.test(values) && values !== '' && !isSoft;
        for (const source of isPlain ? [...spelled, `${words}(${values})`] : spelled)
          expect(understood(source), source).toMatch(new RegExp(`^${name}\\{`));
      }
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
  test('of the words of the host, where they are no variables', () => {
    expect(classes('x = FIND "t" WHERE a = 1')).toEqual([
      'x:identifier',
      '=:operator',
      'FIND:keyword',
      '"t":string',
      'WHERE:keyword',
      'a:identifier',
      '=:operator',
      '1:number',
    ]);
    expect(classes('SEND_MAIL to, s, b')[0]).toBe('SEND_MAIL:keyword');
    expect(classes('SET BOT MEMORY "k", 1').slice(0, 3)).toEqual(['SET:keyword', 'BOT:keyword', 'MEMORY:keyword']);
    expect(classes('find = 3')[0]).toBe('find:identifier');
    expect(classes('TALK list')[1]).toBe('list:identifier');
    expect(classes('IF image THEN')[1]).toBe('image:identifier');
    expect(classes('  END TRY')).toEqual(['END:keyword', 'TRY:keyword']);
    expect(classes('END TABLE')).toEqual(['END:keyword', 'TABLE:keyword']);
    expect(classes('data = 1')[0]).toBe('data:identifier');
    expect(classes('DATA 1, 2')[0]).toBe('DATA:keyword');
  });
  test('of a TABLE', () => {
    const begin = tokenizeLine('TABLE orders', initialLineState);
    expect(begin.state).toEqual({ isInText: true, block: 'TABLE' });
    const line = 'name string(80) key';
    expect(tokenizeLine(line, begin.state).tokens.map((token) => `${line.slice(token.start, token.end)}:${token.class}`)).toEqual(
      ['name:identifier', 'string:builtin', '(:operator', '80:number', '):operator', 'key:keyword'],
    );
    expect(tokenizeLine('END TABLE', begin.state).state).toEqual(initialLineState);
    expect(tokenizeLine('table = 1').state).toEqual(initialLineState);
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
