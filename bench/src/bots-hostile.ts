/**
 * Programs that never end by themselves, each heavy in another way: what stops them must not depend on what they do. The
 * `plain` ones spend their time in a procedure that cannot wait, which runs through without giving way.
 */
export const hostilePrograms: Readonly<Record<string, string>> = {
  'empty loop': 'DO\nLOOP',
  sum: 'x = 0\nWHILE TRUE\n  x = x + 1\nWEND',
  'texts that grow': 's = ""\nDO\n  s = s + "0123456789"\n  IF LEN(s) > 100000 THEN s = ""\nLOOP',
  'texts searched': 't = REPEAT("a", 100000) + "b"\nn = 0\nDO\n  n = n + INSTR(t, "ab")\nLOOP',
  'lists sorted': 'l = []\nFOR i = 1 TO 2000\n  PUSH l, RND\nNEXT\nDO\n  m = SORT(l)\nLOOP',
  'records made': 'o = {}\nn = 0\nDO\n  n = n + 1\n  o["k" + n MOD 5000] = {n: n, t: "text " + n}\nLOOP',
  'JSON and back': 'l = []\nFOR i = 1 TO 500\n  PUSH l, {n: i, t: "text"}\nNEXT\nDO\n  t = JSON(l)\n  m = PARSE(t)\nLOOP',
  dates: 'DO\n  d = DATEADD("2026-01-31", 1, "month")\nLOOP',
  'numbers to text': 'n = 0\nDO\n  n = n + 0.1\n  s = STR(n)\nLOOP',
  recursion: 'FUNCTION f(n)\n  IF n = 0 THEN RETURN 0\n  RETURN f(n - 1) + 1\nEND FUNCTION\nDO\n  x = f(100)\nLOOP',
  'plain: sum': 'FUNCTION f()\n  x = 0\n  WHILE TRUE\n    x = x + 1\n  WEND\n  RETURN x\nEND FUNCTION\nTALK f()',
  'plain: fib(60)': 'FUNCTION f(n)\n  IF n < 2 THEN RETURN n\n  RETURN f(n - 1) + f(n - 2)\nEND FUNCTION\nTALK f(60)',
  'plain: far apart':
    'DIM a(1500000)\nFUNCTION f(a)\n  i = 1\n  WHILE TRUE\n    i = (i * 48271) MOD 1500000\n    a[i] = a[i] + 1\n  WEND\n  RETURN 0\nEND FUNCTION\nTALK f(a)',
  'plain: records':
    'FUNCTION f()\n  o = {}\n  FOR i = 1 TO 3000\n    o["key" + i] = i\n  NEXT\n  k = KEYS(o)\n  n = 0\n  WHILE TRUE\n    n = n + 7\n    o[k[n MOD 3000]] = n\n  WEND\n  RETURN n\nEND FUNCTION\nTALK f()',
  'plain: texts compared':
    'FUNCTION f()\n  a = REPEAT("a", 50000)\n  b = REPEAT("a", 49999) + "b"\n  n = 0\n  WHILE TRUE\n    IF a = b THEN n = n + 1\n    IF a < b THEN n = n + 1\n  WEND\n  RETURN n\nEND FUNCTION\nTALK f()',
};
