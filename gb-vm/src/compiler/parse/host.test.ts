import { expect, test } from 'vitest';
import { understood } from '../testing/show.ts';

/** Operations and declarations of the host: a script, and how it is understood (see testing/show.ts for the notation). */
const cases: readonly (readonly [title: string, source: string, wanted: string])[] = [
  [
    'mail in its forms',
    `SEND MAIL to, "s", "b"
SEND_MAIL("a@b.c", "s", "b", f1, f2)
SEND EMAIL admin, "text"
SEND MAIL a, b, c USING "acc"`,
    `SEND MAIL{to: to, subject: "s", body: "b"}
SEND MAIL{to: "a@b.c", subject: "s", body: "b", attachments: [f1, f2]}
SEND MAIL{to: admin, body: "text"}
SEND MAIL{to: a, subject: b, body: c, account: "acc"}`,
  ],
  [
    'rows are found',
    `x = FIND "orders", "a=b", "c>" + d
y = FIND("orders")[0].name
z = FIND "t" WHERE a = x AND (b > 5 OR NOT c LIKE "z%") ORDER BY d DESC, e LIMIT 10
w = FIND "t" WHERE a IN (1, 2) AND b BETWEEN 1 AND 3 AND c IS NOT NULL
TALK LEN(FIND "t", "a=1")
FOR EACH row IN FIND "t"
TALK row.a
END FOR`,
    `x := FIND{table: "orders", filters: ["a=b", (+ "c>" d)]}
y := FIND{table: "orders"}[0].name
z := FIND{table: "t", where: [{column: "a", operator: "=", value: x}, {column: "b", operator: ">", value: 5}, {column: "a", operator: "=", value: x, or: true}, {column: "c", operator: "not like", value: "z%"}], order: [{column: "d", isDescending: true}, {column: "e", isDescending: false}], limit: 10}
w := FIND{table: "t", where: [{column: "a", operator: "in", value: [1, 2]}, {column: "b", operator: ">=", value: 1}, {column: "b", operator: "<=", value: 3}, {column: "c", operator: "<>", value: null}]}
talk LEN(FIND{table: "t", filters: ["a=1"]})
each row FIND{table: "t"}
  talk row.a`,
  ],
  [
    'rows are saved',
    `SAVE "t", a, b.c
SAVE "t", obj
SAVE "t", NOW(), "x"
SAVE x AS "f.txt"
SAVE("t", a)
SAVE ("a" + b), x
SAVE "t", a = 1, b.c, d
SAVE "t" WITH a = a, b = FALSE
UPDATE "t" WITH a = 1, b AS 2 WHERE id = 3`,
    `SAVE{table: "t", columns: {a: a, c: b.c}}
SAVE{table: "t", columns: {obj: obj}}
SAVE{table: "t", values: [NOW(), "x"]}
SAVE AS{value: x, file: "f.txt"}
SAVE{table: "t", columns: {a: a}}
SAVE{table: (+ "a" b), columns: {x: x}}
SAVE{table: "t", columns: {a: 1, c: b.c, d: d}}
SAVE{table: "t", columns: {a: a, b: false}}
UPDATE{table: "t", row: {a: 1, b: 2}, where: [{column: "id", operator: "=", value: 3}]}`,
  ],
  [
    'rows are merged',
    `MERGE "p" WITH items BY "id"
MERGE "p", items, "id"
x = MERGE "p" WITH items BY "id"`,
    `MERGE{table: "p", rows: items, key: "id"}
MERGE{table: "p", rows: items, key: "id"}
x := MERGE{table: "p", rows: items, key: "id"}`,
  ],
  [
    'rows are changed',
    `UPDATE "t" SET a = 1, b = "x" WHERE id = i
UPDATE "t", "id=1", obj
DELETE FROM "t" WHERE a = 1
DELETE "t", "a=1"
INSERT "t", #{ a: 1 }
INSERT INTO "t" VALUES { "a": 1 }`,
    `UPDATE{table: "t", row: {a: 1, b: "x"}, where: [{column: "id", operator: "=", value: i}]}
UPDATE{table: "t", filter: "id=1", row: obj}
DELETE{table: "t", where: [{column: "a", operator: "=", value: 1}]}
DELETE{table: "t", filters: ["a=1"]}
INSERT{table: "t", row: {a: 1}}
INSERT{table: "t", row: {a: 1}}`,
  ],
  [
    'names of keywords are still names',
    `find = 3
TALK find
list = [1]
TALK list(0) + list[0]
message.text = "x"
IF image THEN TALK status
x = wait + 1`,
    `find := 3
talk find
list := [1]
talk (+ list(0) list[0])
message.text := "x"
if image
  talk status
x := (+ wait 1)`,
  ],
  [
    'SET in all its forms',
    `SET a.b = 1
SET "x.xlsx", "A1", v
SET SESSION "k", 1
SET HEADER "k" AS v
SET HEADER "k" = v
SET HEADER "k", v
SET CONTEXT "n" AS t
SET CONTEXT "n", t
SET CONTEXT t + u
SET MAX LINES 3
SET TRANSLATOR ON
SET ANSWER MODE document-ref`,
    `a.b := 1
SET{target: "x.xlsx", values: ["A1", v]}
SET SESSION{key: "k", value: 1}
SET HEADER{name: "k", value: v}
SET HEADER{name: "k", value: v}
SET HEADER{name: "k", value: v}
SET CONTEXT{name: "n", text: t}
SET CONTEXT{name: "n", text: t}
SET CONTEXT{text: (+ t u)}
SET MAX LINES{count: 3}
SET TRANSLATOR{state: "ON"}
SET ANSWER MODE{mode: "document-ref"}`,
  ],
  [
    'values from elsewhere',
    `GET "a"
x = GET "https://x/" + y
x = GET url, "A1"
x = GET SESSION "k"
x = GET SESSION id, "k"
z = {"a": GET SESSION "a", "b": GET SESSION "b"}
x = LLM "q" + y
TALK UCASE(LLM p)
POST TO INSTAGRAM "a", i, t
r = POST url, {a: 1}`,
    `GET{address: "a"}
x := GET{address: (+ "https://x/" y)}
x := GET{address: url, values: ["A1"]}
x := GET SESSION{key: "k"}
x := GET SESSION{session: id, key: "k"}
z := {a: GET SESSION{key: "a"}, b: GET SESSION{key: "b"}}
x := LLM{prompt: (+ "q" y)}
talk UCASE(LLM{prompt: p})
POST TO{network: "INSTAGRAM", account: "a", image: i, text: t}
r := POST{address: url, body: {a: 1}}`,
  ],
  [
    'what a script says about itself',
    `SET SCHEDULE "0 9 * * *"
SET SCHEDULE "0 9 * * *" "a.bas" "lab"
SET SCHEDULE every 1 hour
SET SCHEDULE d, "f.bas"
WEBHOOK "w"
ON INSERT OF "t"
USE WEBSITE "u" REFRESH "30d"
USE_WEBSITE("u", "30d")
PARAM a AS STRING ENUM ["A", "B"] LIKE "A" DESCRIPTION "d \${x}" OPTIONAL
PARAM b AS "x", "y" DEFAULT 3
PARAM to AS EMAIL LIKE Ana Silva
DESCRIPTION It's a "thing" (with, signs)
DESCRIPTION "two
lines"
TABLE t ON db READ BY "a;b"
  id integer key
  n string(10)*
  FIELD b AS DATE
  UNIQUE (a, b)
  p numeric(10,2) NOT NULL DEFAULT 0 ' no
END TABLE
TALK 1`,
    `@SET SCHEDULE {"when":"0 9 * * *"}
@SET SCHEDULE {"when":"0 9 * * *","script":"a.bas","label":"lab"}
@SET SCHEDULE {"when":"every 1 hour"}
@WEBHOOK {"name":"w"}
@ON INSERT {"table":"t"}
@USE WEBSITE {"address":"u","refresh":"30d"}
@USE WEBSITE {"address":"u","refresh":"30d"}
@PARAM {"name":"a","type":"STRING","isOptional":true,"enum":["A","B"],"example":"A","description":"d \${x}"}
@PARAM {"name":"b","type":"STRING","isOptional":true,"enum":["x","y"],"default":3}
@PARAM {"name":"to","type":"EMAIL","isOptional":false,"example":"Ana Silva"}
@DESCRIPTION {"text":"It's a \\"thing\\" (with, signs)"}
@DESCRIPTION {"text":"two\\nlines"}
@TABLE {"name":"t","connection":"db","readBy":["a","b"],"columns":[{"name":"id","type":"integer","isKey":true,"isRequired":false},{"name":"n","type":"string","size":10,"isKey":false,"isRequired":true},{"name":"b","type":"date","isKey":false,"isRequired":false},{"rest":"UNIQUE (a, b)"},{"name":"p","type":"numeric","size":10,"scale":2,"isKey":false,"isRequired":true,"rest":"DEFAULT 0"}]}
SET SCHEDULE{when: d, script: "f.bas"}
if (= b null)
  b := 3
talk 1`,
  ],
  [
    'workflows and triggers',
    `STEP 1: BOT "a" "b"
STEP 2: PARALLEL
BRANCH A: BOT "x", "y"
END PARALLEL
ON EVENT "x" DO
  TALK 1
END ON
WAIT FOR EVENT "x" TIMEOUT 10
TRANSFER
TRANSFER TO "sales"
TRANSFER TO HUMAN
NEXT IN QUEUE
x = NEXT IN QUEUE`,
    `@ON EVENT {"event":"x","procedure":"ON EVENT X 0"}
SUB ON EVENT x()
  talk 1
WORKFLOW STEP{number: 1, bot: "a", task: "b"}
WORKFLOW STEP{number: 2, isParallel: true}
BRANCH{name: "A", bot: "x", task: "y"}
END PARALLEL{}
WAIT FOR EVENT{event: "x", timeout: 10}
TRANSFER{}
TRANSFER{to: "sales"}
TRANSFER TO HUMAN{}
NEXT IN QUEUE{}
x := NEXT IN QUEUE{}`,
  ],
];

test.each(cases)('%s', (_, source, wanted) => {
  expect(understood(source)).toBe(wanted);
});
