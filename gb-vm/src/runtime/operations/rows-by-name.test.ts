import { expect, test } from 'vitest';
import { play } from '../../testing/play.ts';
import { createMemoryOperations } from './memory-operations.ts';

const rows = `
SAVE "orders", [{id: 1, item: "tea", city: "Recife", total: 10}, {id: 2, item: "cake", city: "Olinda", total: 25}]
SAVE "orders", {id: 3, item: "tea", city: "Olinda", total: 5}
SAVE "cities", [{city: "Recife", state: "PE"}, {city: "Olinda", state: "pe"}]
`;
const run = async (source: string): Promise<string[]> =>
  (await play(rows + source, { input: { operations: createMemoryOperations({}) } })).transcript;

test.each([
  ['TALK AGGREGATE("SUM", "orders", "total")', '40'],
  ['TALK AGGREGATE "SUM", "orders", "total", "city=Olinda"', '30'],
  ['TALK AGGREGATE("COUNT", "orders")', '3'],
  ['TALK AGGREGATE("SUM", "orders", "total", "city=Nowhere")', '0'],
  ['list = FIND "orders"\nTALK AGGREGATE("MAX", list, "total", "item = tea")', '10'],
  ['TALK PLUCK(FILTER("orders", "total >= 10"), "id")', '[1,2]'],
  ['limit = 9\nTALK PLUCK(FILTER("orders", "total > " + limit), "id")', '[1,2]'],
  ['wanted = "tea"\nfound = FILTER "orders" WHERE item = wanted AND total < 10\nTALK PLUCK(found, "id")', '[3]'],
  ['TALK COUNT(FILTER("orders", "total > 99"))', '0'],
  ['TALK PLUCK("orders", "item")', '["tea","cake","tea"]'],
  ['TALK PLUCK(SORT BY("orders", "total", "desc"), "id")', '[2,1,3]'],
  ['groups = GROUP BY("orders", "city")\nTALK COUNT(groups.Olinda)', '2'],
  ['TALK MAP("orders", "id, total * 2 AS double")[1].double', '50'],
  ['TALK PIVOT("orders", "item", "city", "total")[0].Olinda', '5'],
  ['found = SELECT city, SUM(total) AS sum FROM "orders" GROUP BY city ORDER BY sum DESC\nTALK found[0].sum', '30'],
  ['found = SELECT id FROM "orders" WHERE city = "Olinda" AND total > 5\nTALK PLUCK(found, "id")', '[2]'],
  [
    'found = SELECT o.id AS id, c.state AS state FROM "orders" AS o JOIN "cities" AS c ON o.city = c.city WHERE c.state = "PE" ORDER BY id\nTALK PLUCK(found, "state")',
    '["PE","pe","pe"]',
  ],
  ['TALK JOIN(["a", "b"], "orders")', 'aordersb'],
  ['name = "orders"\nlist = FIND name\nTALK COUNT(list)', '3'],
])('%s', async (source, said) => {
  expect((await run(source)).join('\n')).toBe(said);
});
