/**
 * Small programs that each wear out one part of a language, written as somebody at home in that language would. Ours end
 * with a HEAR that is never reached, so that main is compiled as in a bot that can wait, and fuel is counted.
 *
 * All write down a whole number that tells whether they did the work. An interpreter that would need minutes runs
 * `small` instead of `size`; `work` says how much less that is.
 */
export interface Kernel {
  readonly name: string;
  readonly about: string;
  readonly size: number;
  readonly small: number;
  readonly work: (n: number) => number;
  readonly bot: (n: number) => string;
  /** A function expression from n to the number. */
  readonly javascript: string;
  readonly lua: string;
  /** null: the language has nothing for it. */
  readonly yabasic: ((n: number) => string) | null;
  /** At most this many times the time of JavaScript. */
  readonly ratioMax: number;
}

const hear = '\nIF nobody = 1 THEN HEAR answer\n';
const linear = (n: number): number => n;

export const kernels: readonly Kernel[] = [
  {
    name: 'loop',
    about: 'the sum of the numbers to 1e8',
    size: 100_000_000,
    small: 2_000_000,
    work: linear,
    ratioMax: 1.3,
    bot: (n) => `s = 0\nFOR i = 1 TO ${n}\n  s = s + i\nNEXT\nTALK s${hear}`,
    javascript: '(n) => { let s = 0; for (let i = 1; i <= n; i++) s += i; return s; }',
    lua: 'function(n) local s = 0 for i = 1, n do s = s + i end return s end',
    yabasic: (n) => `s = 0\nfor i = 1 to ${n}\n  s = s + i\nnext i\nprint str$(s, "%.0f")\n`,
  },
  {
    name: 'fib',
    about: 'fib(30) by calling itself',
    size: 30,
    small: 22,
    work: (n) => 1.618034 ** n,
    ratioMax: 1,
    bot: (n) =>
      `FUNCTION fib(n)\n  IF n < 2 THEN RETURN n\n  RETURN fib(n - 1) + fib(n - 2)\nEND FUNCTION\nTALK fib(${n})${hear}`,
    javascript: '(n) => { const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); return fib(n); }',
    lua: 'function(n) local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(n) end',
    yabasic: (n) => `sub fib(n)\n  if n < 2 return n\n  return fib(n - 1) + fib(n - 2)\nend sub\nprint str$(fib(${n}), "%.0f")\n`,
  },
  {
    name: 'sieve',
    about: 'how many primes there are below 1e6',
    size: 1_000_000,
    small: 100_000,
    work: (n) => n * Math.log(Math.log(n)),
    ratioMax: 1.5,
    bot: (n) =>
      `DIM a(${n})\nc = 0\nFOR i = 2 TO ${n}\n  IF a(i) = 0 THEN\n    c = c + 1\n    FOR j = i + i TO ${n} STEP i\n      a(j) = 1\n    NEXT\n  END IF\nNEXT\nTALK c${hear}`,
    javascript:
      '(n) => { const a = new Float64Array(n + 1); let c = 0; for (let i = 2; i <= n; i++) { if (a[i] === 0) { c++; for (let j = i + i; j <= n; j += i) a[j] = 1; } } return c; }',
    lua: 'function(n) local a = {} for i = 0, n do a[i] = 0 end local c = 0 for i = 2, n do if a[i] == 0 then c = c + 1 for j = i + i, n, i do a[j] = 1 end end end return c end',
    yabasic: (n) =>
      `dim a(${n})\nc = 0\nfor i = 2 to ${n}\n  if a(i) = 0 then\n    c = c + 1\n    for j = i + i to ${n} step i\n      a(j) = 1\n    next j\n  fi\nnext i\nprint c\n`,
  },
  {
    name: 'string',
    about: 'a text of 1e5 characters, one after the other',
    size: 100_000,
    // A language that copies the text each time takes the square, so nothing smaller would be comparable.
    small: 100_000,
    work: linear,
    ratioMax: 3,
    bot: (n) => `s = ""\nFOR i = 1 TO ${n}\n  s = s + "x"\nNEXT\nTALK LEN(s)${hear}`,
    javascript: "(n) => { let s = ''; for (let i = 1; i <= n; i++) s += 'x'; return s.length; }",
    lua: 'function(n) local s = "" for i = 1, n do s = s .. "x" end return #s end',
    yabasic: (n) => `s$ = ""\nfor i = 1 to ${n}\n  s$ = s$ + "x"\nnext i\nprint len(s$)\n`,
  },
  {
    name: 'mandel',
    about: 'the Mandelbrot set, 400 by 400 points, at most 100 steps',
    size: 400,
    small: 100,
    work: (n) => n * n,
    ratioMax: 1.3,
    bot: (n) =>
      `t = 0\nFOR y = 0 TO ${n - 1}\n  FOR x = 0 TO ${n - 1}\n    cr = x / ${n / 2} - 1.5\n    ci = y / ${n / 2} - 1\n    zr = 0\n    zi = 0\n    k = 0\n    WHILE k < 100 AND zr * zr + zi * zi < 4\n      w = zr * zr - zi * zi + cr\n      zi = 2 * zr * zi + ci\n      zr = w\n      k = k + 1\n    WEND\n    t = t + k\n  NEXT\nNEXT\nTALK t${hear}`,
    javascript:
      '(n) => { let t = 0; for (let y = 0; y < n; y++) for (let x = 0; x < n; x++) { const cr = x / (n / 2) - 1.5, ci = y / (n / 2) - 1; let zr = 0, zi = 0, k = 0; while (k < 100 && zr * zr + zi * zi < 4) { const w = zr * zr - zi * zi + cr; zi = 2 * zr * zi + ci; zr = w; k++; } t += k; } return t; }',
    lua: 'function(n) local t = 0 for y = 0, n - 1 do for x = 0, n - 1 do local cr, ci = x / (n / 2) - 1.5, y / (n / 2) - 1 local zr, zi, k = 0.0, 0.0, 0 while k < 100 and zr * zr + zi * zi < 4 do local w = zr * zr - zi * zi + cr zi = 2 * zr * zi + ci zr = w k = k + 1 end t = t + k end end return t end',
    yabasic: (n) =>
      `t = 0\nfor y = 0 to ${n - 1}\n  for x = 0 to ${n - 1}\n    cr = x / ${n / 2} - 1.5\n    ci = y / ${n / 2} - 1\n    zr = 0\n    zi = 0\n    k = 0\n    while (k < 100 and zr * zr + zi * zi < 4)\n      w = zr * zr - zi * zi + cr\n      zi = 2 * zr * zi + ci\n      zr = w\n      k = k + 1\n    wend\n    t = t + k\n  next x\nnext y\nprint str$(t, "%.0f")\n`,
  },
  {
    name: 'dictionary',
    about: '1e6 times one more under one of 1,000 names',
    size: 1_000_000,
    small: 100_000,
    work: linear,
    ratioMax: 3,
    bot: (n) =>
      `keys = []\ncounts = {}\nFOR i = 0 TO 999\n  keys[i] = "key" + i\n  counts[keys[i]] = 0\nNEXT\nFOR i = 0 TO ${n - 1}\n  k = keys[i MOD 1000]\n  counts[k] = counts[k] + i\nNEXT\nTALK counts["key7"]${hear}`,
    javascript:
      "(n) => { const keys = [], counts = new Map(); for (let i = 0; i < 1000; i++) { keys.push('key' + i); counts.set(keys[i], 0); } for (let i = 0; i < n; i++) { const k = keys[i % 1000]; counts.set(k, counts.get(k) + i); } return counts.get('key7'); }",
    lua: 'function(n) local keys, counts = {}, {} for i = 0, 999 do keys[i] = "key" .. i counts[keys[i]] = 0 end for i = 0, n - 1 do local k = keys[i % 1000] counts[k] = counts[k] + i end return counts["key7"] end',
    yabasic: null,
  },
  {
    name: 'array',
    about: '1e7 reads of an array of 1,000 numbers',
    size: 10_000_000,
    small: 1_000_000,
    work: linear,
    ratioMax: 3,
    bot: (n) =>
      `DIM a(999)\nFOR i = 0 TO 999\n  a(i) = i * 0.5\nNEXT\ns = 0\nFOR r = 1 TO ${n / 1000}\n  FOR i = 0 TO 999\n    s = s + a(i)\n  NEXT\nNEXT\nTALK s${hear}`,
    javascript: halves('const a = new Array(1000); for (let i = 0; i < 1000; i++) a[i] = i * 0.5;'),
    lua: 'function(n) local a = {} for i = 0, 999 do a[i] = i * 0.5 end local s = 0 for r = 1, n / 1000 do for i = 0, 999 do s = s + a[i] end end return s end',
    yabasic: (n) =>
      `dim a(999)\nfor i = 0 to 999\n  a(i) = i * 0.5\nnext i\ns = 0\nfor r = 1 to ${n / 1000}\n  for i = 0 to 999\n    s = s + a(i)\n  next i\nnext r\nprint str$(s, "%.0f")\n`,
  },
  {
    name: 'list',
    about: '1e7 reads of a list that could hold anything',
    size: 10_000_000,
    small: 1_000_000,
    work: linear,
    ratioMax: 3,
    bot: (n) =>
      `a = []\nFOR i = 0 TO 999\n  PUSH(a, i * 0.5)\nNEXT\nPUSH(a, "the end")\ns = 0\nFOR r = 1 TO ${n / 1000}\n  FOR i = 0 TO 999\n    s = s + a[i]\n  NEXT\nNEXT\nTALK s${hear}`,
    javascript: halves("const a = []; for (let i = 0; i < 1000; i++) a.push(i * 0.5); a.push('the end');"),
    lua: 'function(n) local a = {} for i = 0, 999 do a[i] = i * 0.5 end a[1000] = "the end" local s = 0 for r = 1, n / 1000 do for i = 0, 999 do s = s + a[i] end end return s end',
    yabasic: null,
  },
];

function halves(fill: string): string {
  return `(n) => { ${fill} let s = 0; for (let r = 0; r < n / 1000; r++) for (let i = 0; i < 1000; i++) s += a[i]; return s; }`;
}
