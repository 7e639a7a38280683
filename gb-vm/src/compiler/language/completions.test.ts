import { expect, test } from 'vitest';
import { type Completion, completions } from './completions.ts';
import { marked } from './testing/marked.ts';

function items(source: string, others: Readonly<Record<string, string>> = {}): readonly Completion[] {
  const { analysis, file, offset } = marked(source, others);
  return completions(analysis, file, offset).items;
}

/** What the place asks for and the names of the program, without the rest of the language. */
function first(source: string, others: Readonly<Record<string, string>> = {}): string[] {
  return items(source, others)
    .filter(({ rank, kind }) => rank < 2 && kind !== 'snippet')
    .map(({ label }) => label);
}

const labels = (source: string): string[] => items(source).map(({ label }) => label);

test('a statement begins with a keyword, a template of a block, or a name', () => {
  const all = items('total = 1\n|\nSUB greet(who, how)\nEND SUB');
  const find = (label: string) => all.find((one) => one.label === label);
  expect(find('TALK')?.keyword?.summary.pt).toBe('Diz algo à pessoa.');
  expect(find('FOR EACH … NEXT')).toMatchObject({ kind: 'snippet', insert: 'FOR EACH ${1:item} IN ${2:list}\n  $0\nNEXT' });
  expect(find('SEND MAIL')).toMatchObject({ insert: 'SEND MAIL ${1:to}, ${2:subject}, ${3:body}', isSnippet: true });
  expect(find('total')).toMatchObject({ kind: 'variable', rank: 1 });
  expect(find('greet')).toMatchObject({ detail: 'SUB greet(who, how)', insert: 'greet(${1:who}, ${2:how})' });
  expect(find('THEN')).toBeUndefined();
  expect(find('NEXT')).toBeUndefined();
});

test('what is replaced is the whole word the caret is in', () => {
  const { analysis, file, offset } = marked('x = to|tal + 1');
  expect(completions(analysis, file, offset)).toMatchObject({ from: 4, to: 9 });
});

test('inside a block its end and its parts come first', () => {
  expect(first('IF x THEN\n  TALK 1\n|').slice(0, 3)).toEqual(['END IF', 'ELSE', 'ELSE IF']);
  expect(first('FOR i = 1 TO 3\n  IF i THEN\n  END IF\n|')[0]).toBe('NEXT');
  expect(first('SELECT CASE 1\n|').slice(0, 3)).toEqual(['END SELECT', 'CASE', 'CASE ELSE']);
  expect(first('IF x THEN\nEND |').slice(0, 1)).toEqual(['IF']);
  expect(first('FOR i = 1 TO 3\nFOR EACH other IN list\nNEXT |').slice(0, 2)).toEqual(['other', 'i']);
  expect(first('WHILE x\n  EXIT |')).toEqual(['WHILE']);
});

test('the words of a keyword follow one another', () => {
  expect(first('SEND M|')).toContain('MAIL');
  expect(first('SEND M|')).not.toContain('SEND MAIL');
  expect(first('BEGIN |')).toContain('SYSTEM PROMPT');
  expect(first('x = GET |')).toContain('BOT MEMORY');
  expect(first('ADD SUGGESTION |')).toContain('TOOL');
  expect(items('FOR E|').find(({ kind }) => kind === 'snippet')).toMatchObject({
    label: 'EACH … NEXT',
    insert: 'EACH ${1:item} IN ${2:list}\n  $0\nNEXT',
  });
});

test('after AS come the types that fit there', () => {
  expect(first('HEAR age AS |').slice(0, 3)).toEqual(['TEXT', 'STRING', 'INTEGER']);
  expect(first('x = HEAR "Age?" AS |')).toContain('EMAIL');
  expect(first('TYPE Customer\n  name AS STRING\nEND TYPE\nDIM ana AS |')[0]).toBe('Customer');
});

test('after a value the statement goes on with its own words', () => {
  expect(first('IF x |')).toEqual(['THEN']);
  expect(first('HEAR age |')).toEqual(['AS', 'WITH', 'DEFAULT']);
  expect(first('rows = FIND "orders" |').slice(0, 3)).toEqual(['WHERE', 'ORDER BY', 'LIMIT']);
  expect(first('rows = FIND "orders" WHERE a = 1 |')).not.toContain('WHERE');
  expect(labels('x = a |')).toEqual(expect.arrayContaining(['AND', 'MOD', 'CONTAINS']));
  expect(labels('x = a |')).not.toContain('LEN');
});

test('names are offered where they can be seen', () => {
  const script = 'total = 1\nSUB one(who)\n  inner = 2\n  TALK |\nEND SUB\nSUB two(other)\nEND SUB';
  expect(first(script)).toEqual(expect.arrayContaining(['total', 'who', 'inner', 'one', 'two']));
  expect(first(script)).not.toContain('other');
  expect(first('TALK |\ntotal = 1\nCONST tax = 2')).toEqual(expect.arrayContaining(['total', 'tax']));
});

test('the word being typed is not offered as a name', () => {
  expect(first('total = 1\nFOR |')).toEqual(['EACH', 'total']);
  expect(first('TALK tot|')).not.toContain('tot');
});

test('names of lines that are not understood are known too', () => {
  expect(first('price = = 3\nTALK |')).toContain('price');
});

test('labels follow GOTO, and only those of the same procedure', () => {
  expect(first('again:\nGOTO |\nSUB x()\n  inner:\n  GOTO inner\nEND SUB')).toEqual(['again']);
  expect(first('one:\ntwo:\nON n GOTO one, |')).toEqual(['one', 'two']);
});

test('after a dot come the properties that were seen, through copies, lists and calls of the host', () => {
  expect(first('o = {name: 1, price: {net: 2}}\nTALK o.|')).toEqual(['name', 'price']);
  expect(first('o = {name: 1, price: {net: 2}}\nTALK "Hi ${o.price.|}"')).toEqual(['net']);
  expect(first('o = {name: 1}\nTALK "Hi ${o.|')).toEqual(['name']);
  expect(first('FOR EACH item IN [{a: 1}]\n  TALK item.|\nNEXT')).toEqual(['a']);
  expect(first('TABLE orders\n  id integer key\n  total number\nEND TABLE\no = FIND "orders"\nTALK o.|')).toEqual([
    'id',
    'total',
  ]);
  expect(first('rows = FIND "t"\nFOR EACH row IN rows\n  TALK rows[0].city\n  TALK row.|\nNEXT')).toEqual(['city']);
  expect(first('TRY\nCATCH problem\n  TALK problem.|\nEND TRY')).toContain('message');
  expect(first('WITH order\n  total = 1\nEND WITH\nTALK order.|')).toEqual(['total']);
});

test('between quotes come tables and scripts, where a text names one, and else nothing', () => {
  const table = 'TABLE orders\n  id integer key\nEND TABLE\nSAVE "leads", email\n';
  expect(first(`${table}x = FIND "|"`)).toEqual(['leads', 'orders']);
  expect(first(`${table}DELETE FROM "|`)).toEqual(['leads', 'orders']);
  expect(first(`${table}x = FIND "orders" WHERE |`).slice(0, 1)).toEqual(['id']);
  expect(items('TALK "hello |"')).toEqual([]);
  expect(first('INCLUDE |', { 'menu.bas': '' })).toEqual(['menu.bas']);
  expect(first('ADD TOOL "|"', { 'book.bas': '' })).toEqual(['book']);
});

test('nothing is offered in remarks and in blocks of text, but in what is computed there', () => {
  expect(items("' TALK |")).toEqual([]);
  expect(items("TALK 1 ' and |")).toEqual([]);
  expect(items('BEGIN TALK\nHello |\nEND TALK')).toEqual([]);
  expect(first('who = 1\nBEGIN TALK\nHello ${|}\nEND TALK')).toContain('who');
});

test('procedures of included scripts are offered', () => {
  expect(first('INCLUDE "lib.bas"\n|', { 'lib.bas': 'FUNCTION tax(price)\n  RETURN 1\nEND FUNCTION' })).toContain('tax');
});

test('scripts of the bot are offered as calls, with places for their PARAMs', () => {
  const price = { 'tools/price.bas': 'PARAM item AS STRING\nPARAM count AS INTEGER\nDESCRIPTION "What it costs"' };
  const call = { kind: 'script', insert: 'price(${1:item}, ${2:count})', isSnippet: true, detail: 'script price(item, count)' };
  expect(items('total = |', price).find(({ label }) => label === 'price')).toMatchObject(call);
  expect(items('|', price).find(({ label }) => label === 'price')).toMatchObject(call);
  // Neither what the program calls so, nor names that cannot be written or mean something else.
  expect(items('price = 1\ntotal = |', price).find(({ label }) => label === 'price')?.kind).toBe('variable');
  const others = { 'book-visit.bas': '', 'len.bas': '' };
  expect(items('total = |', others).filter(({ kind }) => kind === 'script')).toEqual([]);
});
