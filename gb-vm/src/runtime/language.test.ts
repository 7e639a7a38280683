import { describe, expect, test } from 'vitest';
import { play } from '../testing/play.ts';

/** Programs and what is said: `<` marks an answer, `[a|b]` the choices offered, `!` an error. */
async function says(source: string, answers: readonly string[] = [], input = {}): Promise<string[]> {
  return (await play(source, { answers, input, isRestarting: true })).transcript;
}

describe('names that are functions, too', () => {
  test('are the function until they were given something, and then what they were given, also NULL', async () => {
    expect(
      await says('year = YEAR("2026-05-01")\nTALK year\nweek = NULL\nTALK week IS NULL\nTALK (minute) >= 0\nminute = 1'),
    ).toEqual(['2026', 'true', 'true']);
  });
  test('on one of several paths keep both meanings', async () => {
    expect(await says('IF 1 = 2 THEN month = NULL\nTALK month >= 1')).toEqual(['true']);
  });
  test('are never the function as parameters of a procedure or of the script', async () => {
    expect(await says('FUNCTION f(day)\n  RETURN day IS NULL\nEND FUNCTION\nTALK f(NULL)\nTALK f()\nTALK f(1)')).toEqual([
      'true',
      'true',
      'false',
    ]);
    const tool = 'PARAM day AS DATE\nPARAM hour AS TIME OPTIONAL\nTALK day\nTALK hour IS NULL';
    expect(await says(tool, [], { variables: { day: '2026-01-06' } })).toEqual(['2026-01-06', 'true']);
  });
});

describe('talking', () => {
  test('TALK and PRINT say one message each', async () => {
    expect(await says('TALK "Hello"\nPRINT "there"')).toEqual(['Hello', 'there']);
  });
  test('a message without text is not sent', async () => {
    expect(await says('TALK ""\nTALK "  "\nTALK NULL\nTALK "x"')).toEqual(['x']);
  });
  test('numbers print as people write them', async () => {
    expect(await says('TALK 1\nTALK 0.1 + 0.2\nTALK 1/4\nTALK -0\nTALK 1000000\nTALK 2^40\nTALK 1.0')).toEqual([
      '1',
      '0.3',
      '0.25',
      '0',
      '1000000',
      '1099511627776',
      '1',
    ]);
  });
  test('values inside a text are written out', async () => {
    expect(await says('a = 2\nb = "x"\nTALK "${a} + ${a * 2} = ${a + a * 2}, ${UCASE(b)}${b}"')).toEqual(['2 + 4 = 6, Xx']);
  });
  test('a text may hold quotes inside its values and escapes outside', async () => {
    expect(await says('TALK "say ${REPLACE("a-b", "-", "+")}"\nTALK "a\\nb"\nTALK "say ""hi"" {name} #{x} \\${no}"')).toEqual([
      'say a+b',
      'a\nb',
      'say "hi" {name} #{x} ${no}',
    ]);
  });
  test('BEGIN TALK keeps lines, drops the common indent and fills in values', async () => {
    expect(await says('n = "Ana"\nBEGIN TALK\n  Hello ${n},\n    welcome!\n\n  Bye\nEND TALK\nTALK "x"')).toEqual([
      'Hello Ana,\n  welcome!\n\nBye',
      'x',
    ]);
  });
  test('true, false, null, lists and objects can be said', async () => {
    expect(await says('TALK TRUE\nTALK FALSE\nTALK "[" + NULL + "]"\nTALK [1, "a", NULL]\nTALK {a: 1, "b c": [TRUE]}')).toEqual([
      'true',
      'false',
      '[]',
      '[1,"a",null]',
      '{"a":1,"b c":[true]}',
    ]);
  });
  test('Portuguese and emoji survive', async () => {
    expect(await says('x = "ção"\nTALK x + " 🎉"\nTALK LEN("ção")\nTALK UCASE(x)\nTALK LEFT("🎉a", 2) + "|"')).toEqual([
      'ção 🎉',
      '3',
      'ÇÃO',
      '🎉|',
    ]);
  });
});

describe('values', () => {
  test('operators bind as in BASIC', async () => {
    expect(
      await says('TALK 2 + 3 * 4\nTALK -2 ^ 2\nTALK 2 ^ 3 ^ 2\nTALK 7 MOD 3\nTALK 7 \\ 2\nTALK 10 - 3 - 2\nTALK (1 + 2) * 3'),
    ).toEqual(['14', '-4', '64', '1', '3', '5', '9']);
  });
  test('plus joins when either side is a text; & always joins', async () => {
    expect(await says('TALK "a" + 1\nTALK 1 + "a"\nTALK 1 & 2\nTALK "n: " + 1 + 2\nTALK "x" + TRUE + NULL')).toEqual([
      'a1',
      '1a',
      '12',
      'n: 12',
      'xtrue',
    ]);
  });
  test('comparisons and logic', async () => {
    expect(
      await says(
        'TALK 1 = 1 AND "a" <> "b"\nTALK NOT 1 > 2 OR FALSE\nTALK "abc" < "abd"\nTALK "5" = 5\nTALK "a" = 5\nTALK NULL = NULL\nTALK 1 <= 1 AND 2 >= 3',
      ),
    ).toEqual(['true', 'true', 'true', 'true', 'false', 'true', 'false']);
  });
  test('== != && || are understood', async () => {
    expect(await says('TALK 1 == 1 && 2 != 3\nTALK 1 == 2 || 1 == 1')).toEqual(['true', 'true']);
  });
  test('AND and OR stop as soon as they know', async () => {
    expect(
      await says(
        'FUNCTION loud(x)\nTALK "asked " + x\nRETURN x\nEND FUNCTION\nIF loud(FALSE) AND loud(TRUE) THEN TALK "no"\nIF loud(TRUE) OR loud(FALSE) THEN TALK "yes"',
      ),
    ).toEqual(['asked false', 'asked true', 'yes']);
  });
  test('IN, NOT IN, CONTAINS, IS NULL', async () => {
    expect(
      await says(
        'l = ["a", 2]\nTALK "a" IN l\nTALK 3 NOT IN l\nTALK "hello" CONTAINS "ell"\nTALK "k" IN {k: 1}\nTALK l.x IS NULL\nTALK l IS NOT NULL',
      ),
    ).toEqual(['true', 'true', 'true', 'true', 'true', 'true']);
  });
  test('what is false: 0, nothing, no text, an empty list', async () => {
    expect(await says('FOR EACH v IN [0, "", NULL, FALSE, [], 1, "0", [0], {}]\nTALK IIF(v, "yes", "no")\nNEXT')).toEqual([
      'no',
      'no',
      'no',
      'no',
      'no',
      'yes',
      'yes',
      'yes',
      'yes',
    ]);
  });
  test('names are the same in any case, and a$ is not a', async () => {
    expect(await says('Name = "x"\nTALK NAME + name\na = 1\na$ = "s"\nTALK a + a$')).toEqual(['xx', '1s']);
  });
  test('a name with % holds whole numbers, a name with $ holds text', async () => {
    expect(await says('n% = 2.7\nTALK n%\nt$ = 5\nTALK t$ + 1')).toEqual(['3', '51']);
  });
  test('+= and its kin', async () => {
    expect(await says('x = 5\nx += 2\nx *= 3\nx -= 1\nx /= 4\nTALK x\ns = "a"\ns += "b"\nTALK s')).toEqual(['5', 'ab']);
  });
  test('numbers in texts are numbers where a number is needed', async () => {
    expect(await says('x = "5"\nTALK x * 2\nTALK x - 1\nTALK x + 1')).toEqual(['10', '4', '51']);
  });
  test('a name may be spelled like a function', async () => {
    expect(await says('day = 5\nfirst = "f"\nTALK day + first\nTALK DAY("2026-01-09") + FIRST(["z"])')).toEqual(['5f', '9z']);
  });
});

describe('lists and objects', () => {
  test('lists grow, are indexed from 0 and know their length', async () => {
    expect(
      await says(
        'a = []\na[0] = "x"\na[1] = "y"\nPUSH a, "z"\na = APPEND a, "w"\nTALK JOIN(a, "")\nTALK UBOUND(a) + a.length + LEN(a)\nTALK POP(a)\nTALK a',
      ),
    ).toEqual(['xyzw', '12', 'w', '["x","y","z"]']);
  });
  test('DIM makes a list from 0 to its size', async () => {
    expect(
      await says(
        'DIM a(3)\na(3) = 7\nTALK a(0) + a(3)\nDIM s$(2)\ns$(1) = "t"\nTALK s$(0) + s$(1) + "|"\nDIM m(2, 2)\nm(1, 2) = 5\nTALK m(1, 2) + m(2, 1)',
      ),
    ).toEqual(['7', 't|', '5']);
  });
  test('a list made by DIM may hold anything once something else is put in', async () => {
    expect(await says('DIM a(3)\na(1) = "x"\na(2) = 2\nTALK a(1) + a(2) + a(3)')).toEqual(['x20']);
  });
  test('properties in any case; a missing one is null, on and on', async () => {
    expect(
      await says(
        'o = {Name: "Ana", n: {x: 1}}\nTALK o.name + o.NAME + o.n.x\nTALK o.missing.deeper = NULL\no.NEW = 2\nTALK KEYS(o)\nTALK VALUES(o)',
      ),
    ).toEqual(['AnaAna1', 'true', '["Name","n","NEW"]', '["Ana",{"x":1},2]']);
  });
  test('assigning makes what is missing on the way', async () => {
    expect(await says('o.a.b = 1\no.list[0] = "x"\no["k" + 1] = 2\nTALK o\nl(2) = 5\nTALK l')).toEqual([
      '{"a":{"b":1},"list":["x"],"k1":2}',
      '[null,null,5]',
    ]);
  });
  test('lists and objects are shared, not copied', async () => {
    expect(await says('a = [1]\nb = a\nb[0] = 2\nTALK a[0]\no = {x: a}\no.x[0] = 3\nTALK a[0]')).toEqual(['2', '3']);
  });
  test('JSON over several lines, #{ } and NEW', async () => {
    expect(
      await says(
        'o = {\n  "a": 1,\n  b: [\n    1,\n    2\n  ]\n}\np = #{x: 1, y: "z"}\nq = NEW OBJECT\nq.k = NEW ARRAY\nTALK o\nTALK p\nTALK q',
      ),
    ).toEqual(['{"a":1,"b":[1,2]}', '{"x":1,"y":"z"}', '{"k":[]}']);
  });
  test('WITH fills an object by plain and by dotted names', async () => {
    expect(
      await says(
        'WITH order\n  name = "Ana"\n  .total = 10\n  IF .total > 5 THEN\n    big = TRUE\n  END IF\nEND WITH\nTALK order',
      ),
    ).toEqual(['{"name":"Ana","total":10,"big":true}']);
  });
  test('an object of many properties finds them all', async () => {
    expect(
      await says(
        'o = {}\nFOR i = 1 TO 200\no["key" + i] = i\nNEXT\ns = 0\nFOR i = 1 TO 200\ns = s + o["key" + i]\nNEXT\nHEAR x\nTALK s + o.KEY77\nTALK LEN(o)',
        ['go'],
      ),
    ).toEqual(['< go', '20177', '200']);
  });
});

describe('control flow', () => {
  test('ELSE IF chains close with one END IF', async () => {
    expect(
      await says(
        'FOR EACH x IN [1, 2, 3, 4]\nIF x = 1 THEN\nTALK "one"\nELSE IF x = 2 THEN\nTALK "two"\nELSEIF x = 3 THEN\nTALK "three"\nELSE\nTALK "many"\nEND IF\nNEXT',
      ),
    ).toEqual(['one', 'two', 'three', 'many']);
  });
  test('IF on one line, with ELSE and colons', async () => {
    expect(
      await says(
        'x = 1\nIF x = 1 THEN TALK "a" : TALK "b" ELSE TALK "c"\nIF x = 2 THEN TALK "a" ELSE IF x = 1 THEN TALK "d"\nTALK "e" : TALK "f"',
      ),
    ).toEqual(['a', 'b', 'd', 'e', 'f']);
  });
  test('FOR counts up, down, by parts, and not at all', async () => {
    expect(
      await says(
        'FOR i = 1 TO 3\nTALK i\nNEXT i\nFOR i = 3 TO 1 STEP -2\nTALK i\nNEXT\nFOR i = 0 TO 1 STEP 0.5\nTALK i\nNEXT\nFOR i = 5 TO 1\nTALK "never"\nNEXT\nTALK i\ns = -1\nFOR i = 1 TO 0 STEP s\nTALK i\nEND FOR',
      ),
    ).toEqual(['1', '2', '3', '3', '1', '0', '0.5', '1', '5', '1', '0']);
  });
  test('the limit of FOR is computed once', async () => {
    expect(await says('n = 2\nFOR i = 1 TO n\nn = 10\nTALK i\nNEXT')).toEqual(['1', '2']);
  });
  test('FOR EACH goes through lists, names of objects, characters, and nothing', async () => {
    expect(
      await says(
        'FOR EACH x IN [1, "b"]\nTALK x\nNEXT x\nFOR EACH k IN {a: 1, b: 2}\nTALK k\nEND FOR\nFOR EACH c IN "hé"\nTALK c\nNEXT\nFOR EACH z IN NULL\nTALK z\nNEXT',
      ),
    ).toEqual(['1', 'b', 'a', 'b', 'h', 'é']);
  });
  test('WHILE, DO WHILE, DO UNTIL, LOOP WHILE, LOOP UNTIL, EXIT', async () => {
    expect(
      await says(
        'i = 0\nWHILE i < 2\ni = i + 1\nTALK "w" + i\nWEND\nDO WHILE i < 3\ni = i + 1\nLOOP\nTALK i\nDO UNTIL i = 5\ni = i + 1\nLOOP\nTALK i\nDO\ni = i - 1\nLOOP WHILE i > 3\nTALK i\nDO\ni = i - 1\nLOOP UNTIL i < 3\nTALK i\nDO\ni = i + 1\nIF i > 9 THEN EXIT DO\nLOOP\nTALK i\nFOR j = 1 TO 9\nWHILE TRUE\nIF j = 2 THEN EXIT FOR\nEXIT WHILE\nWEND\nNEXT\nTALK j',
      ),
    ).toEqual(['w1', 'w2', '3', '5', '3', '2', '10', '2']);
  });
  test('SELECT CASE with lists, ranges, IS and ELSE', async () => {
    expect(
      await says(
        'FOR EACH x IN [1, 5, 12, 99, -1]\nSELECT CASE x\nCASE 1, 2\nTALK "few"\nCASE 3 TO 9\nTALK "some"\nCASE IS > 50, IS < 0\nTALK "odd"\nCASE ELSE\nTALK "many"\nEND SELECT\nNEXT\nSELECT "b"\nCASE "a"\nTALK "A"\nCASE "b"\nTALK "B"\nEND SELECT',
      ),
    ).toEqual(['few', 'some', 'many', 'odd', 'odd', 'B']);
  });
  test('END and RETURN stop the program anywhere', async () => {
    expect(await says('SUB stop_here()\nTALK "in"\nEND\nEND SUB\nstop_here()\nTALK "never"')).toEqual(['in']);
    expect(await says('TALK "a"\nIF TRUE THEN RETURN\nTALK "b"')).toEqual(['a']);
    expect(await says('SUB s()\nHEAR x\nEND\nEND SUB\ns()\nTALK "never"', ['go'])).toEqual(['< go']);
  });
});

describe('procedures', () => {
  test('arguments, results, recursion, and calling in every spelling', async () => {
    expect(
      await says(
        'FUNCTION fact(n)\nIF n < 2 THEN RETURN 1\nRETURN n * fact(n - 1)\nEND FUNCTION\nSUB greet(who, how)\nTALK how + ", " + who\nEND SUB\nFUNCTION half(n)\nhalf = n / 2\nEND FUNCTION\nTALK fact(10)\nCALL greet("Ana", "Hi")\ngreet("Bo", "Hey")\ngreet "Cy", "Yo"\nCALL greet "Di", "Oi"\nTALK half(5)',
      ),
    ).toEqual(['3628800', 'Hi, Ana', 'Hey, Bo', 'Yo, Cy', 'Oi, Di', '2.5']);
  });
  test('a missing argument is null', async () => {
    expect(await says('FUNCTION f(a, b)\nRETURN b IS NULL\nEND FUNCTION\nTALK f(1)\nTALK f(1, 2)')).toEqual(['true', 'false']);
  });
  test('variables of main are seen and changed; DIM and loop variables are local', async () => {
    expect(
      await says(
        'total = 1\ni = 5\nx = "outer"\nSUB work()\nDIM x\nx = "inner"\nFOR i = 1 TO 3\ntotal = total + i\nNEXT\nmine = 3\nEND SUB\nwork()\nTALK total + "," + i + "," + x',
      ),
    ).toEqual(['7,5,outer']);
  });
  test('EXIT SUB and EXIT FUNCTION leave early', async () => {
    expect(
      await says(
        'SUB s(n)\nIF n > 1 THEN EXIT SUB\nTALK n\nEND SUB\nFUNCTION f(n)\nf = "early"\nIF n THEN EXIT FUNCTION\nf = "late"\nEND FUNCTION\ns(1)\ns(2)\nTALK f(1) + f(0)',
      ),
    ).toEqual(['1', 'earlylate']);
  });
  test('a FUNCTION that ends without RETURN gives null', async () => {
    expect(await says('FUNCTION f()\nx = 1\nEND FUNCTION\nTALK f() IS NULL')).toEqual(['true']);
  });
});

describe('waiting for answers', () => {
  test('inside loops, nested calls and expressions, with a restart at every answer', async () => {
    expect(
      await says(
        'FUNCTION ask(q)\nTALK q\nHEAR a\nRETURN a\nEND FUNCTION\nFUNCTION twice(q)\nRETURN ask(q + "1") + "/" + ask(q + "2")\nEND FUNCTION\nlog = ""\nFOR i = 1 TO 2\nFOR EACH n IN ["x", "y"]\nlog = log + i + n + twice(n) + ";"\nNEXT\nNEXT\nTALK log',
        ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
      ),
    ).toEqual([
      'x1',
      '< a',
      'x2',
      '< b',
      'y1',
      '< c',
      'y2',
      '< d',
      'x1',
      '< e',
      'x2',
      '< f',
      'y1',
      '< g',
      'y2',
      '< h',
      '1xa/b;1yc/d;2xe/f;2yg/h;',
    ]);
  });
  test('in conditions: what is not needed is not asked', async () => {
    const source =
      'FUNCTION ask(q)\nTALK q\nHEAR a AS BOOLEAN\nRETURN a\nEND FUNCTION\nIF ask("1?") AND ask("2?") THEN\nTALK "both"\nELSE IF ask("3?") OR ask("4?") THEN\nTALK "one"\nELSE\nTALK "none"\nEND IF\nTALK IIF(ask("5?"), "y", "n")';
    expect(await says(source, ['yes', 'yes', 'no'])).toEqual(['1?', '< yes', '2?', '< yes', 'both', '5?', '< no', 'n']);
    expect(await says(source, ['no', 'no', 'sim', 'y'])).toEqual([
      '1?',
      '< no',
      '3?',
      '< no',
      '4?',
      '< sim',
      'one',
      '5?',
      '< y',
      'y',
    ]);
  });
  test('in WHILE, DO, SELECT and the bounds of FOR', async () => {
    const ask = 'FUNCTION num(q)\nTALK q\nHEAR a AS INTEGER\nRETURN a\nEND FUNCTION\n';
    expect(await says(`${ask}FOR i = num("from") TO num("to")\nTALK i\nNEXT`, ['2', '3'])).toEqual([
      'from',
      '< 2',
      'to',
      '< 3',
      '2',
      '3',
    ]);
    expect(
      await says(`${ask}WHILE num("w") > 0\nTALK "."\nWEND\nDO\nTALK "-"\nLOOP UNTIL num("d") = 0`, ['1', '0', '1', '0']),
    ).toEqual(['w', '< 1', '.', 'w', '< 0', '-', 'd', '< 1', '-', 'd', '< 0']);
    expect(
      await says(`${ask}SELECT CASE num("s")\nCASE 1\nHEAR x\nTALK "one " + x\nCASE num("c")\nTALK "c"\nEND SELECT`, ['5', '5']),
    ).toEqual(['s', '< 5', 'c', '< 5', 'c']);
  });
  test('into an element, a property, a WITH', async () => {
    expect(
      await says(
        'DIM a(2)\nFOR i = 0 TO 2\nHEAR a(i) AS INTEGER\nNEXT\nTALK JOIN(a)\nHEAR o.name\nWITH o\nHEAR .age AS INTEGER\nEND WITH\nTALK o',
        ['1', '2', '3', 'Ana', '9'],
      ),
    ).toEqual(['< 1', '< 2', '< 3', '1,2,3', '< Ana', '< 9', '{"name":"Ana","age":9}']);
  });
  test('x = HEAR "prompt" and WITH and DEFAULT', async () => {
    expect(await says('x = HEAR "Name?"\nTALK x\nHEAR n AS INTEGER WITH "How many?" DEFAULT 3\nTALK n * 2', ['Ana', ''])).toEqual(
      ['Name?', '< Ana', 'Ana', 'How many?', '< ', '6'],
    );
  });
  test('a menu offers its choices on the message before it, and takes any spelling', async () => {
    expect(await says('TALK "Colour?"\nHEAR c AS "Red", "Verde-água", "Blue"\nTALK c', ['pink', 'VERDE-AGUA'])).toEqual([
      'Colour? [Red|Verde-água|Blue]',
      '< pink',
      'Please choose one of these: [Red|Verde-água|Blue]',
      '< VERDE-AGUA',
      'Verde-água',
    ]);
    expect(await says('HEAR c AS ["A", "B"]\nTALK c', ['2'])).toEqual(['Please choose: [A|B]', '< 2', 'B']);
    expect(await says('l = ["A", "B"]\nHEAR c AS (l), "C", *\nTALK c', ['something else'])).toEqual([
      'Please choose: [A|B|C]',
      '< something else',
      'something else',
    ]);
  });
  test('a wrong answer is asked again in the language and changes nothing', async () => {
    const played = await play('TALK "idade?"\nHEAR i AS INTEGER\nTALK i + 1', {
      answers: ['dez', '10'],
      input: { locale: 'pt-BR' },
    });
    expect(played.transcript).toEqual(['idade?', '< dez', 'Por favor, envie um número inteiro, como 5.', '< 10', '11']);
  });
});

describe('the surroundings', () => {
  test('variables of the host read like any other, and follow the turn', async () => {
    expect(
      await says('TALK "Hi ${username}"\nHEAR x\nTALK username + vip + n', ['go'], {
        variables: { username: 'Ana', vip: true, n: 2 },
      }),
    ).toEqual(['Hi Ana', '< go', 'Anatrue2']);
    expect(await says('IF lang IS NULL THEN lang = "en"\nTALK lang', [], { variables: { lang: 'pt' } })).toEqual(['pt']);
    expect(await says('IF lang IS NULL THEN lang = "en"\nTALK lang')).toEqual(['en']);
    expect(await says('SUB hi()\nTALK username\nEND SUB\nhi()', [], { variables: { username: 'Ana' } })).toEqual(['Ana']);
  });
  test('remarks of four kinds, and quotes that are not remarks', async () => {
    expect(
      await says(
        "# first\nREM second\n' third\n// fourth\nTALK \"it's\" ' trailing\nx = 'single'\nTALK x // end\nTALK JOIN(['a', 'b'], '-')",
      ),
    ).toEqual(["it's", 'single', 'a-b']);
  });
  test('lines go on after a comma, an open bracket or a plus', async () => {
    expect(await says('TALK JOIN([1,\n2,\n3],\n"-")\nx = "a" +\n  "b"\nTALK x\nTALK LEFT "abc",\n 2')).toEqual([
      '1-2-3',
      'ab',
      'ab',
    ]);
  });
  test('functions may be called without parentheses', async () => {
    expect(
      await says('x = LEFT "abc", 2\ny = FORMAT 5, "000"\nz = FIRST [7, 8]\nTALK x + y + z\nTALK (UCASE "q") + LCASE$("W")'),
    ).toEqual(['ab0057', 'Qw']);
  });
  test('INCLUDE puts a sibling in place, once, with its procedures', async () => {
    const files = [
      { name: 'start.bas', text: 'INCLUDE "lib.bas"\nINCLUDE lib\nTALK twice(x)' },
      { name: 'lib.bas', text: 'x = 4\nTALK "lib"\nFUNCTION twice(n)\nRETURN n * 2\nEND FUNCTION' },
    ];
    expect((await play(files)).transcript).toEqual(['lib', '8']);
  });
  test('classic line numbers are skipped', async () => {
    expect(await says('10 TALK "a"\n20 TALK "b"')).toEqual(['a', 'b']);
  });
  test('RND goes on after a restart as if there had been none', async () => {
    const source = 'a = RND\nHEAR x\nTALK a\nTALK RND\nTALK RANDOM(1, 6) <= 6';
    const [first, second] = await Promise.all([
      play(source, { answers: ['x'] }),
      play(source, { answers: ['x'], isRestarting: true }),
    ]);
    expect(first.transcript).toEqual(second.transcript);
    expect(first.transcript[1]).not.toBe(first.transcript[2]);
  });
});
