import { expect, test } from 'vitest';
import { functionKeywords } from '../../compiler/keywords/index.ts';
import { play } from '../../testing/play.ts';
import type { JsonValue } from './json.ts';
import { callFunction, library } from './testing/call-function.ts';

const orders = `
orders = [
  {id: 1, item: "tea", city: "Recife", total: 10, day: "2026-03-01"},
  {id: 2, item: "cake", city: "Olinda", total: 25, day: "02/03/2026"},
  {id: 3, item: "tea", city: "Olinda", total: 5, day: "2026-03-10"}
]
`;
const run = async (source: string): Promise<string[]> => (await play(orders + source)).transcript;

test('AGGREGATE gives one value for a column', async () => {
  const script = `
    FOR EACH word IN ["SUM", "avg", "COUNT", "MIN", "MAX", "MEDIAN", "FIRST", "LAST"]
      TALK AGGREGATE(word, orders, "total")
    NEXT
    TALK AGGREGATE("MAX", orders, "city")
    TALK AGGREGATE("DISTINCT", orders, "item")
    TALK AGGREGATE("LIST", orders, "id")
    TALK AGGREGATE("COUNT", [])
    TALK AGGREGATE("SUM", NULL, "total")
    TALK AGGREGATE("AVG", [], "total") IS NULL
    TALK AGGREGATE("SUM", [1, 2])`;
  expect(await run(script)).toEqual([
    '40',
    '13.3333333333333',
    '3',
    '5',
    '25',
    '10',
    '10',
    '5',
    'Recife',
    '2',
    '[1,2,3]',
    '0',
    '0',
    'true',
    '3',
  ]);
});

test('FILTER knows dates in both spellings, columns beside columns, and a value from the person', async () => {
  const script = `
    SUB show(rows)
      TALK PLUCK(rows, "id")
    END SUB
    show(FILTER(orders, "day > 2026-03-01 and day < 05/03/2026"))
    show(FILTER(orders, "city = olinda or total >= 10"))
    show(FILTER(orders, "item in (cake, pie)"))
    show(FILTER(orders, "total > id"))
    show(FILTER(orders, {item: "tea", city: "Olinda"}))
    city = "x' or 'a'='a"
    show(FILTER(orders, {city: city}))
    show(FILTER(NULL, "a = 1"))`;
  expect(await run(script)).toEqual(['[2]', '[1,2,3]', '[2]', '[1,2,3]', '[3]', '[]', '[]']);
});

test('rows that were filtered are the same rows', async () => {
  const script = `
    cheap = FILTER(orders, "total < 10")
    cheap.total = 7
    TALK orders[2].total`;
  expect(await run(script)).toEqual(['7']);
});

test('MAP renames, chooses and computes', async () => {
  const script = `
    TALK MAP(orders, "item -> name, CITY -> place")[0]
    TALK MAP(orders, "id, total * 2 + 1 AS double, UPPER(item) & '!' AS loud, total / 0 AS none")[1]
    TALK MAP(orders, "missing, -total AS minus")[2]`;
  expect(await run(script)).toEqual([
    '{"id":1,"name":"tea","place":"Recife","total":10,"day":"2026-03-01"}',
    '{"id":2,"double":51,"loud":"CAKE!","none":null}',
    '{"missing":null,"minus":-5}',
  ]);
});

test('JOIN puts rows with the same key side by side', async () => {
  const script = `
    cities = [{name: "Olinda", state: "PE"}, {name: "Natal", state: "RN"}]
    both = JOIN(orders, cities, "city=name")
    TALK PLUCK(both, "id")
    TALK both.state
    TALK COUNT(JOIN(orders, orders, "item"))`;
  expect(await run(script)).toEqual(['[2,3]', 'PE', '5']);
});

test('GROUP BY gives an object of lists', async () => {
  const script = `
    groups = GROUP BY(orders, "city")
    FOR EACH city IN groups
      TALK city + ": " + COUNT(groups[city])
    NEXT
    TALK KEYS(GROUP_BY(orders, "missing"))`;
  expect(await run(script)).toEqual(['Recife: 1', 'Olinda: 2', '[""]']);
});

test('PIVOT turns values into columns', async () => {
  const script = `
    TALK "" + PIVOT(orders, "item", "city", "total")
    TALK "" + PIVOT(orders, "item", "city", "total", "MAX")
    TALK "" + PIVOT(orders, "item", "total")`;
  expect(await run(script)).toEqual([
    '[{"item":"tea","Recife":10,"Olinda":5},{"item":"cake","Recife":0,"Olinda":25}]',
    '[{"item":"tea","Recife":10,"Olinda":5},{"item":"cake","Recife":null,"Olinda":25}]',
    '[{"item":"tea","total":15},{"item":"cake","total":25}]',
  ]);
});

test('SORT BY orders rows by one column or several', async () => {
  const script = `
    TALK PLUCK(SORT BY(orders, "total"), "id")
    TALK PLUCK(SORT BY(orders, "total", "desc"), "id")
    TALK PLUCK(SORT_BY(orders, "city, total DESC"), "id")
    TALK PLUCK(SORT BY(orders, "day"), "id")`;
  expect(await run(script)).toEqual(['[3,1,2]', '[2,1,3]', '[2,3,1]', '[1,2,3]']);
});

test('FILL fills a text, an object, and one for each row', () => {
  const fill = (template: JsonValue, data: JsonValue): JsonValue => callFunction(library(), 'FILL', [template, data]);
  expect(fill('Hello {{name}} and ${ name }? {name} of {a.b}', { name: 'Ana', a: { b: 1 } })).toBe(
    'Hello Ana and ${ name }? Ana of 1',
  );
  expect(fill('{{forgotten}} stays', { name: 'Ana' })).toBe('{{forgotten}} stays');
  expect(fill({ n: '{{n}}', list: ['x{n}', 5] }, [{ n: 1 }, { n: 2 }])).toEqual([
    { n: 1, list: ['x1', 5] },
    { n: 2, list: ['x2', 5] },
  ]);
  expect(fill([{ n: 1 }], 'n is {n}')).toEqual(['n is 1']);
  expect(fill('{{a}}', { a: '{{a}}' })).toBe('{{a}}');
});

test('SELECT asks lists as SQL asks tables', async () => {
  const script = `
    least = 6
    TALK "" + SELECT city, SUM(total) AS sum, COUNT(*) AS n FROM orders GROUP BY city ORDER BY sum DESC
    TALK "" + SELECT * FROM orders WHERE total > least ORDER BY total DESC LIMIT 1
    TALK "" + SELECT DISTINCT item FROM orders
    cities = [{city: "Recife", state: "PE"}]
    TALK "" + SELECT o.item, c.state FROM orders AS o JOIN cities AS c ON o.city = c.city
    TALK "" + SELECT SUM(total) AS sum, MONTH(day) + '/' + YEAR(day) AS month FROM orders GROUP BY MONTH(day), YEAR(day)`;
  expect(await run(script)).toEqual([
    '[{"city":"Olinda","sum":30,"n":2},{"city":"Recife","sum":10,"n":1}]',
    '[{"id":2,"item":"cake","city":"Olinda","total":25,"day":"02/03/2026"}]',
    '[{"item":"tea"},{"item":"cake"}]',
    '[{"item":"tea","state":"PE"}]',
    '[{"sum":40,"month":"3/2026"}]',
  ]);
});

test.each([...functionKeywords.values()].map(({ name, example }) => [name, example]))(
  'the example of %s runs',
  async (_, example) => {
    const { last } = await play(example!);
    expect(last.error).toBeNull();
  },
);
