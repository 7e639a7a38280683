import { describe, expect, test } from 'vitest';
import { play } from '../../testing/play.ts';
import type { JsonValue } from '../functions/json.ts';
import { MemoryData, type MemoryOptions } from './memory-data.ts';
import { createMemoryOperations } from './memory-operations.ts';
import { rowsMax } from './tables.ts';

/** Runs a script with its own host and gives what it said. */
async function run(source: string, options: MemoryOptions = {}): Promise<string[]> {
  return (await play(source, { input: { operations: createMemoryOperations(options) } })).transcript;
}
const said = (lines: readonly string[]): string => lines.join('\n');

describe('tables', () => {
  const people = 'name = "Ana"\nage = 30\nSAVE "people", name, age\nname = "Bia"\nage = 17\nSAVE "people", name, age\n';

  test('rows that were found are a row, a list and a yes', async () => {
    const script = `${people}
      adult = FIND "people", "age >= 18"
      IF adult THEN TALK adult.name
      TALK UBOUND(adult)
      TALK adult[0].age
      all = FIND "people"
      FOR EACH one IN all
        TALK one.NAME
      NEXT
      TALK LEN(all) + all.length
      TALK all.age`;
    expect(said(await run(script))).toBe('Ana\n1\n30\nAna\nBia\n4\n30');
  });

  test('no row is no value', async () => {
    const script = `${people}
      nobody = FIND "people", "age > 99"
      IF NOT nobody THEN TALK "nobody"
      TALK nobody IS NULL
      TALK UBOUND(nobody)
      FOR EACH one IN nobody
        TALK "never"
      NEXT
      TALK (FIND "no such table") IS NULL`;
    expect(said(await run(script))).toBe('nobody\ntrue\n0\ntrue');
  });

  test('the values of WHERE are values, whatever is in them', async () => {
    const script = `${people}
      wanted = "x' or 'a'='a"
      TALK (FIND "people" WHERE name = wanted) IS NULL
      least = 18
      found = FIND "people" WHERE age > least OR name = "Bia" ORDER BY age LIMIT 1
      TALK found.name`;
    expect(said(await run(script))).toBe('true\nBia');
  });

  test('rows are changed and deleted', async () => {
    const script = `${people}
      TALK UPDATE "people", "name=Ana", {age: 31}
      UPDATE "people" SET id = "P-2" WHERE name = "Bia"
      TALK UPDATE "people", "p-2", {id: NULL}
      UPDATE "people" SET age = 18, city = "Recife" WHERE name = "Bia"
      TALK "" + FIND("people")
      TALK DELETE "people", "age=18"
      DELETE FROM "people" WHERE name = "Ana"
      TALK (FIND "people") IS NULL`;
    expect(said(await run(script))).toBe(
      '1\n1\n[{"name":"Ana","age":31},{"name":"Bia","age":18,"id":null,"city":"Recife"}]\n1\ntrue',
    );
  });

  test('an object, a list of objects, an id with an object, and values without names are saved as rows', async () => {
    const script = `
      order = {id: 1, total: 5}
      SAVE "orders", order
      more = [{id: 2, total: 6}, {ID: 3, Total: 7}]
      SAVE "orders", more
      number = 4
      order = {total: 8}
      SAVE "orders", number, order
      SAVE "orders", 5, 9
      INSERT INTO "orders" VALUES {id: 6, total: 10}
      TALK PLUCK(FIND("orders"), "id")
      TALK AGGREGATE("SUM", FIND("orders"), "total")`;
    expect(said(await run(script))).toBe('[1,2,3,4,5,6]\n45');
  });

  test('what MERGE did is counted', async () => {
    const script = `
      items = [{id: 1, n: "a"}, {id: 2, n: "b"}]
      TALK MERGE "products" WITH items BY "id"
      items[0].n = "z"
      PUSH items, {id: "3", n: "c"}
      TALK MERGE "products", items, "id"
      first = FIND "products", "id=1"
      TALK first.n`;
    expect(said(await run(script))).toBe('{"added":2,"updated":0,"unchanged":0}\n{"added":1,"updated":1,"unchanged":1}\nz');
  });

  test('a row that was found may be saved elsewhere, and changing it changes no table', async () => {
    const script = `${people}
      ana = FIND "people", "name=Ana"
      ana.age = 99
      SAVE "guests", ana
      again = FIND "people", "name=Ana"
      TALK again.age
      guest = FIND "guests"
      TALK guest.age`;
    expect(said(await run(script))).toBe('30\n99');
  });

  test('CSV files are read, and written back', async () => {
    const files = new Map([['Stock.csv', 'name;price\r\ntea;10\r\ncake;25.5']]);
    const script = `
      tea = FIND "stock.csv", "name=tea"
      TALK tea.price + 1
      name = "pie; sweet"
      price = 7
      SAVE "stock.csv", name, price
      UPDATE "stock.csv" SET price = 11 WHERE name = "tea"
      note = "new"
      SAVE "log.csv", note`;
    expect(await run(script, { data: new MemoryData(files) })).toEqual(['11']);
    expect(files.get('Stock.csv')).toBe('name,price\r\ntea,11\r\ncake,25.5\r\n"pie; sweet",7\r\n');
    expect(files.get('log.csv')).toBe('note\r\nnew\r\n');
  });

  test('a file somebody else changed is read again', () => {
    const data = new MemoryData(new Map([['a.csv', 'n\n1\n']]));
    const operations = createMemoryOperations({ data });
    expect(operations('FIND', { table: 'a.csv' })).toEqual({ value: [{ n: 1 }] });
    data.files.set('a.csv', 'n\n2\n');
    expect(operations('FIND', { table: 'a.csv' })).toEqual({ value: [{ n: 2 }] });
  });

  test.each<readonly [string, Record<string, JsonValue>]>([
    ['FIND', { table: 't', filters: ['nonsense'] }],
    ['FIND', { table: 't', limit: 'many' }],
    ['FIND', { table: 't', where: [{ column: 'a', operator: 'explodes', value: 1 }] }],
    ['UPDATE', { table: 't', filter: 'a=1', row: 5 }],
    ['DELETE', { table: 't', filters: ['nonsense'] }],
    ['MERGE', { table: 't', rows: [1, 2], key: 'id' }],
    ['MERGE', { table: 't', rows: [{ id: 1 }], key: '' }],
  ])('%s %j fails with a sentence in both languages', (name, args) => {
    const [en, pt] = [createMemoryOperations(), createMemoryOperations({ locale: 'pt-BR' })].map((one) => one(name, args));
    expect(en).toHaveProperty('error');
    expect(pt).toHaveProperty('error');
    expect(en).not.toEqual(pt);
  });

  test('a table has an end', () => {
    const operations = createMemoryOperations();
    const rows = Array.from({ length: rowsMax }, () => ({ a: 1 }));
    expect(operations('SAVE', { table: 't', columns: { rows } })).toEqual({ value: rowsMax });
    expect(operations('SAVE', { table: 't', columns: { a: 1 } })).toHaveProperty('error');
  });

  test('ten thousand rows saved one by one into a file take time in proportion', () => {
    const data = new MemoryData(new Map([['big.csv', 'a\n']]));
    const operations = createMemoryOperations({ data });
    const started = performance.now();
    for (let index = 0; index < 10_000; index++) operations('SAVE', { table: 'big.csv', columns: { a: index } });
    expect(performance.now() - started).toBeLessThan(2000);
    expect(data.files.get('big.csv')?.split('\r\n')).toHaveLength(10_001);
  });

  test('names that JavaScript knows are only names', () => {
    const operations = createMemoryOperations();
    expect(operations('constructor', {})).toBeNull();
    operations('SAVE', { table: '__proto__', columns: JSON.parse('{"__proto__": 1, "constructor": 2}') });
    const found = operations('FIND', { table: '__proto__', where: [{ column: 'constructor', operator: '=', value: 2 }] });
    expect(JSON.stringify(found)).toBe('{"value":[{"__proto__":1,"constructor":2}]}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('memories', () => {
  test('what is kept comes back, and a coupon runs out', async () => {
    const script = `
      SET BOT MEMORY "k", {a: 1}
      TALK GET BOT MEMORY("k")
      TALK GET BOT MEMORY("other") IS NULL
      SET USER MEMORY "size", "M"
      TALK GET USER MEMORY("size")
      REMEMBER "coupon", "TEA", 10
      TALK RECALL("coupon")
      WAIT 10
      TALK RECALL("coupon") IS NULL
      SET SESSION "step", 2
      TALK GET SESSION "step"
      TALK GET "session.step"
      SET "user.name", "Ana"
      TALK GET "user.name"`;
    expect(said(await run(script))).toBe('{"a":1}\ntrue\nM\nTEA\ntrue\n2\n2\nAna');
  });

  test('settings are those of the package, unless the script changes them', async () => {
    const script = 'TALK GET CONFIG "Host"\nSET PARAM host AS "b"\nTALK GET CONFIG "host"\nTALK GET CONFIG("x") IS NULL';
    expect(await run(script, { config: { host: 'a' } })).toEqual(['a', 'b', 'true']);
  });

  test('one bot remembers for several conversations', async () => {
    const data = new MemoryData();
    await run('SET BOT MEMORY "k", 1', { data });
    expect(await run('TALK GET BOT MEMORY("k")', { data })).toEqual(['1']);
  });
});

describe('talk', () => {
  test('suggestions are collected until they are taken', () => {
    const data = new MemoryData();
    const operations = createMemoryOperations({ data });
    operations('ADD SUGGESTION', { context: 'prices', label: 'What does it cost?' });
    operations('ADD SUGGESTION TOOL', { tool: 'book', label: 'Book' });
    operations('ADD SUGGESTION TEXT', { text: 'Hello' });
    operations('ADD SUGGESTION', { label: 'Book' });
    expect(data.suggestions[1]).toEqual({ label: 'Book', value: 'book' });
    expect(operations('TAKE SUGGESTIONS', {})).toEqual({ value: ['What does it cost?', 'Book', 'Hello'] });
    expect(operations('TAKE SUGGESTIONS', {})).toEqual({ value: [] });
    operations('ADD SUGGESTION', { label: 'x' });
    operations('CLEAR SUGGESTIONS', {});
    expect(operations('TAKE SUGGESTIONS', {})).toEqual({ value: [] });
    expect(operations('ADD SUGGESTION', { label: ' ' })).toHaveProperty('error');
  });

  test('what matters to a model is kept', async () => {
    const data = new MemoryData();
    await run('SET CONTEXT "prices" AS "Tea costs 10."\nUSE KB "contracts"\nLOG "saw", 3', { data });
    expect(data.settings.get('SET CONTEXT prices')).toEqual({ name: 'prices', text: 'Tea costs 10.' });
    expect(data.settings.has('USE KB contracts')).toBe(true);
    expect(data.log).toEqual(['saw 3']);
    createMemoryOperations({ data })('CLEAR CONTEXT', {});
    expect(data.settings.has('SET CONTEXT prices')).toBe(false);
  });

  test('WAIT is a time that passes at once, and has an end', () => {
    const data = new MemoryData();
    const operations = createMemoryOperations({ data });
    expect(operations('WAIT', { seconds: 0.5 })).toEqual({ value: null });
    expect(data.waitedMs).toBe(500);
    for (const seconds of [-1, 1e9, 'soon']) expect(operations('WAIT', { seconds })).toHaveProperty('error');
  });

  test.each(['TALK TO', 'SEND MAIL', 'LLM', 'no such thing', 'toString'])('%s is not offered', (name) => {
    expect(createMemoryOperations()(name, {})).toBeNull();
  });
});

describe('files', () => {
  test('are written, read, listed, copied, moved and deleted', () => {
    const operations = createMemoryOperations();
    const ask = (name: string, args: Record<string, JsonValue>): JsonValue | string => {
      const answer = operations(name, args);
      return answer && 'value' in answer ? answer.value : 'refused';
    };
    ask('WRITE', { file: 'notes/a.txt', value: 'one' });
    ask('SAVE AS', { file: 'b.txt', value: { n: 1 } });
    expect(ask('READ FILE', { file: 'NOTES/A.TXT' })).toBe('one');
    expect(ask('READ FILE', { file: 'b.txt' })).toBe('{"n":1}');
    expect(ask('COPY', { file: 'b.txt', target: 'c.txt' })).toBe('c.txt');
    expect(ask('MOVE', { file: 'c.txt', target: 'notes/c.txt' })).toBe('notes/c.txt');
    const a = { name: 'a.txt', path: 'notes/a.txt', size: 3 };
    const c = { name: 'c.txt', path: 'notes/c.txt', size: 7 };
    expect(ask('LIST', { folder: 'notes' })).toEqual([a, c]);
    expect(ask('LIST', { folder: '/' })).toEqual([{ name: 'b.txt', path: 'b.txt', size: 7 }, a, c]);
    expect(ask('DELETE FILE', { file: 'b.txt' })).toBe(true);
    expect(ask('DELETE FILE', { file: 'b.txt' })).toBe(false);
    expect(ask('READ FILE', { file: 'b.txt' })).toBe('refused');
    expect(ask('WRITE', { file: '', value: 'x' })).toBe('refused');
  });

  test('are written line by line over a channel', () => {
    const data = new MemoryData();
    const operations = createMemoryOperations({ data });
    operations('OPEN FILE', { file: 'n.txt', mode: 'output', channel: 1 });
    operations('PRINT FILE', { channel: 1, values: ['first ', 1] });
    operations('WRITE FILE', { channel: 1, values: ['Ana, A', 30] });
    operations('CLOSE FILE', { channel: 1 });
    expect(data.files.get('n.txt')).toBe('first 1\n"Ana, A",30\n');
    expect(operations('PRINT FILE', { channel: 1, values: ['x'] })).toHaveProperty('error');
    expect(operations('OPEN FILE', { file: 'none', mode: 'INPUT', channel: 1 })).toHaveProperty('error');
    expect(operations('OPEN FILE', { file: 'n.txt', mode: 'SIDEWAYS', channel: 1 })).toHaveProperty('error');
    expect(operations('OPEN FILE', { file: 'n.txt', mode: 'APPEND', channel: 999 })).toHaveProperty('error');
    operations('OPEN FILE', { file: 'n.txt', mode: 'APPEND', channel: 2 });
    operations('PRINT FILE', { channel: 2, values: ['end'] });
    expect(data.files.get('n.txt')).toMatch(/end\n$/);
  });
});
