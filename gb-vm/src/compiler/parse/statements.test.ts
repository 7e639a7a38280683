import { expect, test } from 'vitest';
import { understood } from '../testing/show.ts';

/** Statements and expressions: a script, and how it is understood (see testing/show.ts for the notation). */
const cases: readonly (readonly [title: string, source: string, wanted: string])[] = [
  [
    'labels and line numbers',
    `again:
x = x + 1
IF x < 3 THEN GOTO again
10 GOSUB 100
ON x GOTO 10, 100
ON x GOSUB again
END
100 RETURN`,
    `AGAIN:
x := (+ x 1)
if (< x 3)
  goto AGAIN
10:
gosub 100
on x GOTO 10 100
on x GOSUB AGAIN
end
100:
return`,
  ],
  [
    'IF with line numbers',
    `IF a THEN 10 ELSE 20
IF b GOTO 10
10 TALK 1
20 TALK 2`,
    `if a
  goto 10
else
  goto 20
if b
  goto 10
10:
talk 1
20:
talk 2`,
  ],
  [
    'errors are handled',
    `ON ERROR GOTO failed
ON ERROR RESUME NEXT
ON ERROR GOTO 0
CLEAR ERROR
ERR.CLEAR
RESUME
RESUME NEXT
RESUME failed
TALK ERROR MESSAGE + ERR.MESSAGE$ + ERR
failed:`,
    `on error goto FAILED
on error next
on error off
clearError
clearError
resume same
resume next
resume label FAILED
talk (+ (+ ERROR MESSAGE() ERROR MESSAGE()) ERR)
FAILED:`,
  ],
  [
    'TRY',
    `TRY
  x = 1
CATCH e
  TALK e.message
FINALLY
  y = 2
END TRY
THROW "no"
ERROR 11
ASSERT x > 1, "bad"`,
    `try
  x := 1
catch e
  talk e.message
finally
  y := 2
throw "no"
throw 11
if (NOT (> x 1))
  throw "bad"`,
  ],
  [
    'DATA',
    `DATA 1, tea , "a,b", , it's
READ a, b$, c(1)
RESTORE
data = 5`,
    `data 1|tea|"a,b"||it's
read a b$ c(1)
restore
data := 5`,
  ],
  [
    'variables',
    `DIM a, b(10), c AS STRING, d(2, 3) AS INTEGER
DIM e AS INTEGER = 5
REDIM PRESERVE b(20)
ERASE b
SWAP a, b(1)
CONST k = 1, m = "x"
TYPE Person
  name AS STRING * 20
  age AS INTEGER
  tags() AS STRING
END TYPE
DIM p AS Person
DIM q(3) AS Person
DIM o AS OBJECT`,
    `dim a
dim b(10)
dim c STRING
dim d(2 3) INTEGER
dim e INTEGER = 5
dim b(20) kept
b := []
swap a b(1)
k := 1
m := "x"
dim p PERSON = {name: "", age: 0, tags: []}
dim q(3) PERSON
for index 0 3
  q(index) := {name: "", age: 0, tags: []}
dim o OBJECT = {}`,
  ],
  [
    'PRINT and INPUT',
    `PRINT "a"; b, TAB(10); c;
PRINT
PRINT USING "##.#"; x
? 5
PRINT "x"
INPUT "name"; n$, a
INPUT x
LINE INPUT "addr: "; l$
RANDOMIZE
RANDOMIZE 7
STOP`,
    `print "a" ; b , tab(10) ; c ;
print
print using "##.#" x
print 5
print "x"
input "name"? n$ a
input -? x
input line "addr: " l$
randomize
randomize 7
stop`,
  ],
  [
    'choices',
    `SELECT x
CASE 1, 2 TO 3, IS > 5
 TALK 1
CASE ELSE
 TALK 2
END SELECT
SWITCH y
CASE "a"
 TALK 1
DEFAULT
 TALK 2
END SWITCH`,
    `select x
case =1 2..3 >5
  talk 1
else
  talk 2
select y
case ="a"
  talk 1
else
  talk 2`,
  ],
  [
    'loops',
    `FOR i = 1 TO 3
 FOR j = 1 TO 2
  IF i = 2 THEN CONTINUE FOR
  IF j = 2 THEN EXIT FOR
NEXT j, i
WHILE a
 BREAK
END WHILE
DO
 x = 1
LOOP UNTIL x
FOR case IN cases DO
  case.p = 1
END FOR`,
    `for i 1 3
  for j 1 2
    if (= i 2)
      continue FOR
    if (= j 2)
      exit FOR
while a
  exit WHILE
until lastuntil x
  x := 1
each case cases
  case.p := 1`,
  ],
  [
    'DEF FN',
    `DEF FNa(x, y) = x * y + z
TALK FNa(1, 2) + FN a(3, 4)`,
    `DEF FUNCTION FNa(x, y)
  return (+ (* x y) z)
talk (+ FNa(1 2) FNa(3 4))`,
  ],
  [
    'CALL finds procedures and scripts',
    `CALL greet
CALL greet(1, 2)
CALL greet 1, 2
CALL other
CALL tools/other.bas(1)
CALL "x.bas", 1
y = CALL other(3)
z = CALL "/path", {a: 1}
SUB greet(a, b)
END SUB`,
    `SUB greet(a, b)
greet()
greet(1 2)
greet(1 2)
RUN SCRIPT{script: "other"}
RUN SCRIPT{script: "tools/other.bas", args: [1]}
RUN SCRIPT{script: "x.bas", args: [1]}
y := RUN SCRIPT{script: "other", args: [3]}
z := RUN SCRIPT{script: "/path", args: [{a: 1}]}`,
  ],
  [
    'WITH',
    `WITH o
  a = 1
  .b = 2
  from = FROM
END WITH`,
    `with o
  o.a := 1
  o.b := 2
  o.from := FROM`,
  ],
  [
    'HEAR',
    `HEAR x
HEAR x AS INTEGER
HEAR x, y AS TEXT
HEAR x AS "a", "b", *
HEAR x AS products.xlsx
x = HEAR "p"
x = HEAR
HEAR x AS TEXT WITH "p:" DEFAULT 3
HEAR x WITH "p"
HEAR d as QRCODE`,
    `hear x TEXT
hear x INTEGER
hear x TEXT
hear y TEXT
hear x menu("a" "b" *)
hear x menu(MENU{file: "products.xlsx"})
hear x TEXT with "p"
hear x TEXT
hear x TEXT with "p:" default 3
hear x TEXT with "p"
hear d QRCODE
d := READ ANSWER{type: "QRCODE", value: d}`,
  ],
  [
    'expressions of other dialects',
    `x = y.trim().length + y.split(",")[0] + y.toUpperCase()
a = parseInt(x) + Math.round(x * 2)
i++
i += 2
b = !done AND x STARTS WITH "a" OR NOT y NOT IN list
c = a IS NULL OR a IS NOT NULL XOR d
e = c ? 1 : 2
f = g ?? "x"
h = a?.b?.c
IF p.starts STARTS WITH "x" THEN TALK 1
q = IF(a = 1, "x", "y")
r = FORMAT x AS "0.0" + "b"
s = FORMAT y AS JSON
t = SORT list BY "name" DESC
u = FILTER list WHERE a = 1
k = FORMAT x
v = data AS IMAGE
m = SELECT a, SUM(b * c) AS t FROM rows JOIN o ON rows.i = o.i WHERE a > x GROUP BY a
  ORDER BY a DESC
n = CONTAINS(l, 1)
w = &HFF + &O17
obj = { "a": 1, 'b': 2, c: [1,
  2] }`,
    `x := (+ (+ TRIM(y).length SPLIT(y ",")[0]) UCASE(y))
a := (+ FIX(VAL(x)) ROUND((* x 2)))
i := (+ i 1)
i := (+ i 2)
b := (OR (AND (NOT done) STARTSWITH(x "a")) (NOT (NOT IN y list)))
c := (OR (= a null) (BITXOR (<> a null) d))
e := IIF(c 1 2)
f := NVL(g "x")
h := a.b.c
if STARTSWITH(p.starts "x")
  talk 1
q := IIF((= a 1) "x" "y")
r := (+ FORMAT(x "0.0") "b")
s := JSON(y)
t := SORT BY(list "name" "DESC")
u := FILTER(list [{column: "a", operator: "=", value: 1}])
k := FORMAT(x)
v := AS IMAGE{value: data}
m := SELECT(rows {columns: [{expression: "a"}, {function: "SUM", expression: "b * c", name: "t"}], alias: "rows", joins: [{list: o, alias: "o", left: "rows.i", right: "o.i"}], where: [{column: "a", operator: ">", value: x}], groupBy: ["a"], orderBy: [{column: "a", isDescending: true}]})
n := (IN 1 l)
w := (+ 255 15)
obj := {a: 1, b: 2, c: [1, 2]}`,
  ],
  [
    'texts over lines and quotes',
    `TALK "two
lines" + x
TALK “smart“ + ”q”
SAVE "t",
  data,
  description,
  set
TALK "a" +
  "b"
x = 5;
s = 'it'
y = "a ""b"" c"
BEGIN MAIL a
Subject: Hi \${b}

Body \${c}
END MAIL
BEGIN SYTEM PROMPT
You \${x}
END SYSTEM PROMPT
DESCRIPTION "x"
TALK _
  1`,
    `@DESCRIPTION {"text":"x"}
talk (+ "two\\nlines" x)
talk (+ "smart" "q")
SAVE{table: "t", columns: {data: data, description: description, set: set}}
talk (+ "a" "b")
x := 5
s := "it"
y := "a \\"b\\" c"
SEND MAIL{to: a, subject: text("Hi " b), body: text("Body " c)}
SET SYSTEM PROMPT{text: text("You " x)}
talk 1`,
  ],
  [
    'a forgotten quote costs its line',
    `TALK "open
x = 1
TALK "fine"`,
    `! unterminated_string 1:6
talk "open"
x := 1
talk "fine"`,
  ],
  [
    'a comma at the end of PRINT',
    `PRINT a,
x = 1
? b,
IF x THEN PRINT c,
TALK x`,
    `print a ,
x := 1
print b ,
if x
  print c ,
talk x`,
  ],
  [
    'words of the host as names of variables, arrays and procedures',
    `TALK list(0).name
list(1).name = "x"
status = "a" : message = status
SUB notify(a)
END SUB
notify "x"
FUNCTION translate(a)
RETURN a
END FUNCTION
TALK translate("x")
DIM book(3)
book(1) = 2
TALK book(1)
FOR EACH log IN logs
  TALK log.text
NEXT
TALK LOG(2)
LOG "x"
CREATE_TASK = 5
TALK CREATE_TASK
x = {title: "a", from: TO, case: 1}`,
    `SUB notify(a)
FUNCTION translate(a)
  return a
talk list(0).name
list(1).name := "x"
status := "a"
message := status
notify("x")
talk translate("x")
dim book(3)
book(1) := 2
talk book(1)
each log logs
  talk log.text
talk LOG(2)
LOG{values: ["x"]}
CREATE_TASK := 5
talk CREATE_TASK
x := {title: "a", from: TO, case: 1}`,
  ],
];

test.each(cases)('%s', (_, source, wanted) => {
  expect(understood(source)).toBe(wanted);
});
