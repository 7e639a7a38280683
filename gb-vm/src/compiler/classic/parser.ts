import type { Script, Statement } from '../ast.ts';
import type { DiagnosticBag, Locale } from '../diagnostics.ts';
import { blockDepthMax } from '../parse/context.ts';
import { makeNode } from '../parse/nodes.ts';
import type { SourceFile, Span } from '../source.ts';
import { Cruncher } from './crunch.ts';
import type { Flat, FlatLine } from './flat.ts';
import { classicLines, minimalLines } from './lines.ts';
import { checkMinimalLoops, isLoopEntered, loose, nested } from './loops.ts';
import { MinimalReader } from './minimal.ts';
import { minimalTokens } from './minimal-tokens.ts';
import { numberNode, Program } from './program.ts';
import { clearLabel, StatementReader, startLabel } from './statements.ts';
import { Cursor, LineFailure } from './token.ts';

/** What ERR is after a jump to a line that is not there, as in the interpreters. */
const undefinedLineError = 8;

/**
 * Reads a program of numbered lines. It always returns a tree, with `error` statements where it could not understand.
 *
 * First every line is read on its own; then it is known which lines are jumped to (only those become labels), which
 * arrays there are (they are made before the first statement), and whether the loops pair like brackets. A name without
 * arguments is always a variable: every call is an `apply`, if need be without arguments. An array `A` is the name `A()`.
 * The same DIM may run more than once.
 */
export function parseClassic(file: SourceFile, bag: DiagnosticBag, _locale: Locale, profile: 'minimal' | 'classic'): Script {
  const program = new Program(file, bag, profile);
  return profile === 'minimal' ? readMinimal(program) : readClassic(program);
}

function readMinimal(program: Program): Script {
  const { file, bag } = program;
  const flatLines: FlatLine[] = [];
  let hasBrokenLoop = false;
  for (const line of minimalLines(file, bag)) {
    program.line = line;
    const tokens = minimalTokens(file, bag, line);
    const cursor = new Cursor(file, bag, tokens);
    let flats: readonly Flat[];
    try {
      flats = new MinimalReader(cursor, program).statement();
    } catch (failure) {
      if (!(failure instanceof LineFailure)) throw failure;
      program.parameters = null;
      program.functions.abandon();
      flats = [{ kind: 'error', span: cursor.from(tokens[0]!) }];
      // What is wrong with a FOR is no reason to complain about its NEXT.
      if (/^\s*(?:FOR|NEXT)/.test(file.text.slice(line.start, line.end))) hasBrokenLoop = true;
    }
    flatLines.push({ line, flats, label: String(line.number) });
  }
  checkEnd(program, flatLines);
  const known = new Set(flatLines.map(({ label }) => label));
  for (const { label } of program.references) {
    if (!known.has(label.name)) bag.report('line_unknown', label.span, label.name);
  }
  program.functions.finish();
  if (!hasBrokenLoop) checkMinimalLoops(flatLines, program.references, bag);
  return assemble(program, flatLines, [], []);
}

/** ECMA-55, section 5.2: the last line, and no other, is END. */
function checkEnd(program: Program, lines: readonly FlatLine[]): void {
  const { bag } = program;
  let hasEnd = false;
  for (const [index, { flats }] of lines.entries()) {
    if (flats[0]?.kind !== 'end') continue;
    hasEnd = true;
    if (index < lines.length - 1) bag.report('end_not_last', flats[0].span);
  }
  if (!hasEnd) bag.report('end_missing', lines.at(-1)?.line.span ?? program.line.span);
}

function readClassic(program: Program): Script {
  const { file, bag } = program;
  const cruncher = new Cruncher(file, bag);
  const flatLines: FlatLine[] = [];
  for (const line of classicLines(file, bag)) {
    program.line = line;
    const cursor = new Cursor(file, bag, cruncher.tokens(line));
    const reader = new StatementReader(cursor, program);
    const name = reader.label();
    const flats = reader.statements();
    flatLines.push({ line, flats, label: line.number === null ? name : String(line.number) });
  }
  program.functions.finish();
  const head: Statement[] = [];
  const tail = absentLines(program, flatLines);
  if (program.clears) {
    head.push({ kind: 'label', span: flatLines[0]!.line.span, name: startLabel });
    tail.push(...clearing(program));
  }
  return assemble(program, flatLines, head, tail);
}

/**
 * The interpreters noticed a line that is not there only when they came to jump to it, and many listings have such a
 * jump that is never taken. So the line is put behind the program, and holds the error.
 */
function absentLines(program: Program, lines: readonly FlatLine[]): Statement[] {
  const known = new Set(lines.map(({ label }) => label));
  const tail: Statement[] = [];
  for (const { label } of program.references) {
    if (known.has(label.name)) continue;
    known.add(label.name);
    program.bag.report('line_absent', label.span, label.name);
    tail.push(
      { kind: 'label', span: label.span, name: label.name },
      { kind: 'throw', span: label.span, value: numberNode(label.span, undefinedLineError) },
    );
  }
  if (tail.length > 0) tail.unshift({ kind: 'end', span: tail[0]!.span });
  return tail;
}

/** A subroutine behind the program that sets every variable to what it is before the program runs. */
function clearing(program: Program): Statement[] {
  const span: Span = { file: program.file.index, start: 0, end: 0 };
  const statements: Statement[] = [
    { kind: 'end', span },
    { kind: 'label', span, name: clearLabel },
  ];
  for (const [name, { display, isText }] of program.variables) {
    const target = makeNode(span, 1, { kind: 'name', name, display, variable: null, call: null });
    const value = isText ? makeNode(span, 1, { kind: 'text', value: '' }) : numberNode(span, 0);
    statements.push({ kind: 'assign', span, target, value });
  }
  statements.push(...program.arrays.again(), { kind: 'restore', span, label: null }, { kind: 'return', span, value: null });
  return statements;
}

function assemble(program: Program, lines: readonly FlatLine[], head: readonly Statement[], tail: readonly Statement[]): Script {
  const options = {
    labels: new Set(program.references.map(({ label }) => label.name)),
    moved: program.arrays.moved(),
  };
  const { bag, profile } = program;
  const isEntered = profile === 'classic' && isLoopEntered(lines, program.references);
  let body = isEntered ? null : nested(lines, options);
  if (!body) {
    // In `minimal` what does not pair is reported already; what is left is nested too deeply.
    if (profile === 'minimal' && !bag.hasErrors) bag.report('nesting_too_deep', lines[0]!.line.span, blockDepthMax);
    body = loose(lines, options, profile === 'minimal' ? null : bag);
  }
  return {
    statements: [...program.arrays.atStart(), ...head, ...body, ...tail],
    procedures: program.procedures,
    declarations: [],
    base: program.arrays.base,
  };
}
