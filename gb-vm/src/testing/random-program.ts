/**
 * Makes random programs that always end and always compile: typed and untyped variables, loops, branches, procedures
 * that wait and procedures that do not, calls inside expressions. Used to compare the ways of running a program.
 */
export function randomProgram(next: () => number): { source: string; answers: string[] } {
  return new Generator(next).program();
}

class Generator {
  readonly #next: () => number;
  #loops = 0;
  #depth = 0;
  #isInProcedure = false;
  /** Lines of the GOSUBs, behind the END of the main program. */
  readonly #subroutines: string[] = [];

  constructor(next: () => number) {
    this.#next = next;
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#next() * choices.length)]!;
  }

  #number(): string {
    return this.#pick(['0', '1', '2', '3', '10', '-1', '0.5', '7']);
  }

  program(): { source: string; answers: string[] } {
    const lines = [
      'n1 = 1',
      'n2 = 2',
      's1 = "a"',
      's2 = "ção 🎉"',
      'v1 = NULL',
      'l1 = [1, "x", NULL]',
      'o1 = {a: 1, b: "t"}',
      'DIM d1(5)',
    ];
    lines.push(...this.#block(6 + Math.floor(this.#next() * 6)));
    lines.push('TALK "${n1}|${n2}|${s1}|${s2}|${v1}|${JSON(l1)}|${JSON(o1)}|${JOIN(d1)}"', 'END');
    for (let made = 0; made < this.#subroutines.length; made++) lines.push(this.#subroutines[made]!);
    lines.push('DATA 1, "two", 3, 4.5, five, 6');
    this.#isInProcedure = true;
    const again = this.#next() < 0.5;
    const procedures = [
      ['FUNCTION plain(p, q)', ...this.#block(2), 'IF p > 3 THEN RETURN p - 1', 'RETURN p + q', 'END FUNCTION'],
      ['FUNCTION typed(p)', 'x = p * 2', 'RETURN x + 1', 'END FUNCTION'],
      ['FUNCTION ask(p)', 'TALK "q" + p', 'HEAR reply', ...this.#block(2), 'RETURN reply + p', 'END FUNCTION'],
      ['SUB careful(p)', 'ON ERROR RESUME NEXT', 'n1 = l1[99]', ...this.#block(2), 'n2 = 5 / p', 'o1.c = ERR', 'END SUB'],
      [
        'FUNCTION handled(p)',
        'ON ERROR GOTO wrong',
        ...(again ? [] : this.#block(1)),
        'x = 8 / p',
        'RETURN x',
        'wrong:',
        's1 = LEFT(ERROR MESSAGE, 5)',
        'p = 2',
        again ? 'RESUME' : 'RESUME NEXT',
        'END FUNCTION',
      ],
      ['SUB maybe(p)', 'local1 = p', 'IF p > 1 THEN', 'HEAR local1', 'END IF', 'v1 = local1', 'END SUB'],
    ];
    const answers = Array.from({ length: 200 }, (_, index) => `${this.#pick(['1', '2', 'x', 'yes', ''])}${index % 3}`);
    return { source: [...lines, ...procedures.flat()].join('\n'), answers };
  }

  #block(count: number): string[] {
    return Array.from({ length: count }, () => this.#statement()).flat();
  }

  #small(): string[] {
    return this.#block(1 + Math.floor(this.#next() * 2));
  }

  #statement(): string[] {
    if (++this.#depth > 4) {
      this.#depth--;
      return [`n1 = n1 + ${this.#number()}`];
    }
    const made = this.#anyStatement();
    this.#depth--;
    return made;
  }

  #anyStatement(): string[] {
    const counter = `i${this.#loops++}`;
    switch (Math.floor(this.#next() * 24)) {
      case 0:
        return [`n1 = ${this.#numeric()}`];
      case 1:
        return [`n2 = ${this.#numeric()}`];
      case 2:
        return [`s1 = LEFT(${this.#text()}, 12)`];
      case 3:
        return [`s2 = LEFT(s2 + ${this.#text()}, 9)`];
      case 4:
        return [`v1 = ${this.#any()}`];
      case 5:
        return [`TALK ${this.#any()}`];
      case 6:
        return [
          `IF ${this.#condition()} THEN`,
          ...this.#small(),
          `ELSE IF ${this.#condition()} THEN`,
          ...this.#small(),
          'ELSE',
          ...this.#small(),
          'END IF',
        ];
      case 7:
        return [
          `FOR ${counter} = ${this.#pick(['0', '1', '3'])} TO ${this.#pick(['2', '3', 'typed(1)'])}`,
          ...this.#small(),
          `IF ${this.#condition()} THEN EXIT FOR`,
          'NEXT',
        ];
      case 8:
        return [
          `FOR EACH ${counter} IN ${this.#pick(['l1', '[1, 2]', '"ab"', 'o1', 'd1'])}`,
          ...this.#small(),
          `s1 = LEFT(s1 + ${counter}, 12)`,
          'NEXT',
        ];
      case 9:
        return [`${counter} = 0`, `WHILE ${counter} < 3`, `${counter} = ${counter} + 1`, ...this.#small(), 'WEND'];
      case 10:
        return [`${counter} = 0`, 'DO', `${counter} = ${counter} + 1`, ...this.#small(), `LOOP UNTIL ${counter} > 1`];
      case 11:
        return [
          `SELECT CASE ${this.#any()}`,
          `CASE ${this.#number()}, "x"`,
          ...this.#small(),
          'CASE 2 TO 5',
          ...this.#small(),
          'CASE ELSE',
          ...this.#small(),
          'END SELECT',
        ];
      case 12:
        return [`l1[${this.#pick(['0', '1', '2'])}] = ${this.#pick(['n1', 's1', '3'])}`];
      case 13:
        return [`o1.${this.#pick(['a', 'b', 'c'])} = ${this.#pick(['n1', 's1', 'TRUE'])}`];
      case 14:
        return [`d1(${this.#pick(['0', '2', '5'])}) = n1`];
      case 17:
        return [
          `${counter} = 0`,
          `again${counter}:`,
          `${counter} = ${counter} + 1`,
          ...this.#small(),
          `IF ${counter} < 3 THEN GOTO again${counter}`,
        ];
      case 18:
        return [`IF ${this.#condition()} THEN GOTO over${counter}`, ...this.#small(), `over${counter}:`];
      case 19:
        return this.#gosub(counter);
      case 20:
        return [
          'TRY',
          ...this.#small(),
          this.#pick(['THROW "x" + n1', 'v1 = l1[99]', 'n1 = n1 / 0', 'n2 = n2 + 1', 'n1 = handled(0)']),
          ...this.#small(),
          'CATCH problem',
          's1 = LEFT(problem.message, 7)',
          ...this.#small(),
          'END TRY',
        ];
      case 21:
        return [`READ ${this.#pick(['v1', 's1$', 'v1, s1$'])}`, 'RESTORE'];
      case 22:
        return [`PRINT ${this.#any()}; ${this.#text()}, n1${this.#pick(['', ';', ','])}`];
      case 23:
        return this.#isInProcedure ? ['n2 = n2 - 1'] : [`careful(${this.#pick(['0', '1', 'n1'])})`];
      case 15:
        return this.#isInProcedure ? ['n1 = n1 - 1'] : [`maybe(${this.#pick(['0', '1', '2', 'n1'])})`];
      default:
        return this.#isInProcedure ? ['s1 = UCASE(s1)'] : ['HEAR v1'];
    }
  }

  /** The lines jumped to are written behind the program, so that nobody runs into them. */
  #gosub(name: string): string[] {
    if (this.#isInProcedure) return ['n1 = n1 + 3'];
    const body = [`part${name}:`, ...this.#small(), 'RETURN'];
    this.#subroutines.push(...body);
    return this.#pick([[`GOSUB part${name}`], [`ON ${this.#pick(['1', '2', 'n2'])} GOSUB part${name}, part${name}`]]);
  }

  #numeric(): string {
    const call = this.#isInProcedure ? 'LEN(s1)' : 'plain(n1, 1)';
    return this.#pick([
      this.#number(),
      'n1 + 1',
      'n2 - n1',
      'n1 * 2 MOD 7',
      'LEN(s1) + LEN(s2)',
      'ABS(n1)',
      `typed(${this.#number()})`,
      'd1(2) + d1(5)',
      call,
      'INT(n2 / 3)',
      'handled(n1)',
      'handled(0)',
      'LEN(l1) ^ 2',
      'MIN(n1, 99)',
      'VAL(s1)',
    ]);
  }

  #text(): string {
    const call = this.#isInProcedure ? 's2' : `ask(${this.#pick(['1', 's2', 'n1'])})`;
    return this.#pick([
      '"b"',
      's1 + s2',
      's2 & n1',
      '"${n1}-${v1}"',
      'UCASE(s1)',
      'MID(s2, 2, 3)',
      'STR(n2)',
      call,
      `"x" + ${call} + n1`,
      'JOIN(l1, "/")',
    ]);
  }

  #any(): string {
    return this.#pick([
      this.#numeric(),
      this.#text(),
      'l1[0]',
      'o1.a',
      'o1.missing',
      'NULL',
      'IIF(n1 > 2, s1, n1)',
      'v1',
      'l1[1] + "!"',
      'n1 > n2',
      'IIF(n2 > 1, 5, "z")',
    ]);
  }

  #condition(): string {
    const call = this.#isInProcedure ? 'n1 > 2' : 'ask(n2) = "10"';
    return this.#pick([
      'n1 > n2',
      's1 < s2',
      'v1 = NULL',
      'v1',
      call,
      `n1 = 1 AND ${call}`,
      `n1 > 0 OR ${call}`,
      'NOT (s1 = "a")',
      '"x" IN l1',
      'o1.a = 1',
      'typed(n1) > 3',
    ]);
  }
}
