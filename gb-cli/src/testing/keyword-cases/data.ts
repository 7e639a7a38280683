import { expect } from 'vitest';
import { type KeywordCase, textAt } from '../keyword-world.ts';

const orders = 'TABLE orders\n  id integer key\n  customer string(40)\n  total decimal(10,2)\nEND TABLE\n';

/** Tables and files of rows. */
export const data: readonly KeywordCase[] = [
  {
    shows: ['SAVE', 'INSERT', 'FIND', 'UPDATE', 'DELETE'],
    scripts: `${orders}customer = "Ana"
total = 30
SAVE "orders", customer, total
INSERT INTO "orders" VALUES {customer: "Bia", total: 120}
open = FIND "orders" WHERE total > 100
TALK open.customer
UPDATE "orders" SET total = 45 WHERE customer = "Ana"
DELETE FROM "orders" WHERE customer = "Bia"
all = FIND "orders"
TALK UBOUND(all) + " " + all[0].customer + " " + all[0].total
TALK (FIND "orders" WHERE customer = "Bia") IS NULL`,
    says: ['Bia', /^[01] Ana 45$/, 'true'],
    async check({ world, bot }) {
      const rows = await world.ctx.store.read(world.customerId, async (tx) =>
        tx.tables.find((await tx.tables.get(bot.botId, 'orders'))!, {}),
      );
      expect(rows).toMatchObject([{ customer: 'Ana', total: 45 }]);
    },
  },
  {
    shows: ['SAVE AS'],
    scripts: 'report = "all is well"\nSAVE report AS "report.txt"\nrows = [{name: "Ana", total: 3}]\nSAVE rows AS "report.csv"',
    async check(stage) {
      expect(await textAt(stage, 'report.txt')).toBe('all is well');
      expect((await textAt(stage, 'report.csv'))?.replaceAll('\r', '').trim()).toBe('name,total\nAna,3');
    },
  },
  {
    shows: ['MERGE', 'RESET REPORT'],
    scripts: `${orders}INSERT "orders", {id: 1, customer: "Ana", total: 1}
items = [{id: 1, customer: "Ana", total: 2}, {id: 2, customer: "Bia", total: 3}]
r = MERGE "orders" WITH items BY "id"
TALK r.added + " new, " + r.updated + " changed"
RESET REPORT
r = MERGE "orders", items, "id"
TALK r.added + " new, " + r.unchanged + " the same"
x = FIND "orders", 1
TALK x.total`,
    says: ['1 new, 1 changed', '0 new, 2 the same', '2'],
  },
  {
    shows: ['SAVE FROM UNSTRUCTURED'],
    scripts: `${orders}SAVE FROM UNSTRUCTURED "orders", "Ana from Recife orders for 30"\nx = FIND "orders"\nTALK x.customer + " " + x.total`,
    async before({ peers }) {
      peers.model.script({ say: '{"customer": "Ana", "total": 30}' });
    },
    says: ['Ana 30'],
  },
  {
    shows: ['SET'],
    scripts: `${orders}INSERT "orders", {id: 5, customer: "Ana", total: 1}
SET "orders", "id=5", "total=9"
x = FIND "orders", 5
TALK x.total
SET "session.step", 2
TALK GET "session.step"
SET "stock.xlsx", "B2", 10
TALK GET "stock.xlsx", "B2"`,
    says: ['9', '2', '10'],
  },
  {
    shows: ['SYNCHRONIZE'],
    scripts:
      'r = SYNCHRONIZE "${api}/teas", "teas", "id"\nTALK r.added\nr = SYNCHRONIZE "${api}/teas", "teas", "id"\nTALK r.added\nx = FIND "teas" WHERE id = 12\nTALK x.name',
    says: ['2', '0', 'tea 12'],
  },
  {
    shows: ['QUERY'],
    scripts: `${orders}INSERT "orders", {customer: "Ana", total: 10}
INSERT "orders", {customer: "Ana", total: 5}
INSERT "orders", {customer: "Bia", total: 7}
rows = QUERY "SELECT customer, SUM(total) AS sum FROM orders WHERE total > ? GROUP BY customer ORDER BY sum DESC", 6
TALK rows[0].customer + " " + rows[0].sum + ", " + rows[1].sum`,
    says: ['Ana 10, 7'],
  },
  {
    shows: ['BEGIN TRANSACTION', 'COMMIT TRANSACTION', 'ROLLBACK TRANSACTION'],
    scripts: `${orders}BEGIN TRANSACTION
INSERT "orders", {customer: "Ana"}
COMMIT TRANSACTION
BEGIN TRANSACTION
INSERT "orders", {customer: "Bia"}
ROLLBACK TRANSACTION
TALK COUNT(FIND "orders")`,
    says: ['1'],
  },
  {
    shows: ['REFRESH'],
    scripts: `${orders}INSERT "orders", {customer: "Ana"}\nREFRESH "orders"\nx = FIND "orders"\nTALK x.customer`,
    says: ['Ana'],
  },
  {
    shows: ['QUERY METRICS'],
    scripts: 'rows = QUERY METRICS "messages" FOR "1d" BY "1d"\nTALK rows[UBOUND(rows) - 1].value > 0',
    says: [/^true$/],
  },
  {
    shows: ['OPEN FILE', 'PRINT FILE', 'WRITE FILE', 'CLOSE FILE', 'READ VALUE', 'READ LINE'],
    scripts: `OPEN "notes.txt" FOR OUTPUT AS #1
PRINT #1, "first line"
WRITE #1, "Ana", 30
CLOSE #1
OPEN "notes.txt" FOR APPEND AS #1
PRINT #1, "last"
CLOSE #1
OPEN "notes.txt" FOR INPUT AS #2
LINE INPUT #2, row
INPUT #2, who, age
CLOSE #2
TALK row + "; " + who + " " + age`,
    says: ['first line; Ana 30'],
    async check(stage) {
      expect(await textAt(stage, 'notes.txt')).toBe('first line\n"Ana",30\nlast\n');
    },
  },
  {
    shows: ['MENU'],
    scripts: {
      'start.bas':
        'product = "green tea"\nprice = 10\nSAVE "products.csv", product, price\nproduct = "black tea"\nSAVE "products.csv", product, price\nTALK "Which one?"\nHEAR choice AS products.csv\nTALK choice',
    },
    writes: ['go', 'BLACK TEA'],
    says: ['Which one?', 'black tea'],
    async check({ messages }) {
      expect((await messages()).find(({ text }) => text === 'Which one?')?.suggestions).toEqual(['green tea', 'black tea']);
    },
  },
  {
    shows: ['SET MAX LINES', 'SET FILTER'],
    scripts: `${orders}FOR i = 1 TO 5
  INSERT "orders", {customer: "c" + i, total: i}
NEXT
SET MAX LINES 2
TALK COUNT(FIND "orders")
SET MAX LINES 0
SET FILTER "total>3"
TALK COUNT(FIND "orders")
SET FILTER ""
TALK COUNT(FIND "orders")`,
    says: ['2', '2', '5'],
  },
  {
    shows: ['SET WHOLE WORD'],
    scripts: `${orders}INSERT "orders", {customer: "Ana Prado"}
TALK (FIND "orders" WHERE customer = "Ana") IS NULL
SET WHOLE WORD OFF
x = FIND "orders" WHERE customer = "Ana"
TALK x.customer
SET WHOLE WORD ON
TALK (FIND "orders", "customer=Ana") IS NULL`,
    says: ['true', 'Ana Prado', 'true'],
  },
  {
    shows: ['AUTO SAVE'],
    scripts: 'AUTO SAVE ON\nTALK "Send me your papers."\nHEAR paper AS FILE\nTALK "Thank you."',
    writes: ['go', { text: '', files: [{ name: 'offer.txt', bytes: new TextEncoder().encode('12 chairs') }] }],
    says: ['Send me your papers.', 'Thank you.'],
    async check(stage) {
      const [kept, ...others] = await stage.drive.list('uploads');
      expect([kept?.path, others]).toEqual([expect.stringMatching(/-offer\.txt$/), []]);
      expect(await textAt(stage, kept!.path)).toBe('12 chairs');
    },
  },
];
