import type { DataItem, Expression, LabelReference, PrintItem, Statement, Target } from '../ast.ts';
import { makeNode } from '../parse/nodes.ts';
import type { Span } from '../source.ts';
import { arrayName } from './arrays.ts';
import { ExpressionReader } from './expression.ts';
import type { Flat } from './flat.ts';
import { callNode, checked, numberNode, type Program, subscriptsMax, type Typed } from './program.ts';
import { type Cursor, LineFailure, type Token } from './token.ts';
import { fileStatements, graphicsStatements, idleStatements, machineStatements } from './words.ts';

/** Labels that no line can have. RUN and CLEAR go there; the parser puts the lines behind them. */
export const startLabel = 'START OF PROGRAM';
export const clearLabel = 'CLEAR VARIABLES';

/** Reads the statements of one line of the classic dialect. An error costs the rest of the line. */
export class StatementReader {
  readonly #cursor: Cursor;
  readonly #program: Program;
  readonly #read: ExpressionReader;
  #ifs = 0;

  constructor(cursor: Cursor, program: Program) {
    this.#cursor = cursor;
    this.#program = program;
    this.#read = new ExpressionReader(cursor, program);
  }

  /** A name before a colon, at the beginning of a line without a number. */
  label(): string | null {
    const cursor = this.#cursor;
    const token = cursor.peek();
    if (this.#program.line.number !== null || token.kind !== 'name' || !cursor.is(':', 1)) return null;
    cursor.position += 2;
    return token.text;
  }

  /** All statements of the line; inside an IF, up to its ELSE. */
  statements(): Flat[] {
    const cursor = this.#cursor;
    const flats: Flat[] = [];
    for (;;) {
      while (cursor.accept(':'));
      if (cursor.peek().kind === 'end' || (this.#ifs > 0 && cursor.is('ELSE'))) return flats;
      const first = cursor.peek();
      try {
        this.#statement(first, flats);
        if (!this.#isAtEnd()) cursor.fail('expected_end_of_statement', cursor.span(cursor.peek()), cursor.show(cursor.peek()));
      } catch (failure) {
        if (!(failure instanceof LineFailure)) throw failure;
        this.#program.parameters = null;
        this.#program.functions.abandon();
        cursor.resetDepth();
        while (cursor.peek().kind !== 'end') cursor.next();
        flats.push({ kind: 'error', span: cursor.from(first) });
        return flats;
      }
    }
  }

  #isAtEnd(): boolean {
    const cursor = this.#cursor;
    return cursor.peek().kind === 'end' || cursor.is(':') || (this.#ifs > 0 && cursor.is('ELSE'));
  }

  #skip(): void {
    while (!this.#isAtEnd()) this.#cursor.next();
  }

  #statement(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    if (first.kind === 'name') return this.#assign(first, flats);
    if (first.kind !== 'word') cursor.fail('expected_statement', cursor.span(first), cursor.show(first));
    cursor.next();
    const here = (): Span => cursor.from(first);
    switch (first.text) {
      case 'LET':
        return this.#assign(first, flats);
      case 'PRINT':
      case 'LPRINT':
        return this.#print(first, flats);
      case 'IF':
        return this.#if(first, flats);
      case 'GOTO':
      case 'GOSUB':
        return this.#jump(first, flats);
      case 'ON':
        return this.#on(first, flats);
      case 'FOR':
        return this.#for(first, flats);
      case 'NEXT':
        return this.#next(first, flats);
      case 'WHILE': {
        const condition = this.#read.number();
        flats.push({ kind: 'openWhile', span: here(), condition });
        return;
      }
      case 'WEND':
        flats.push({ kind: 'closeWhile', span: here() });
        return;
      case 'RETURN':
        flats.push({ kind: 'return', span: here(), value: null });
        return;
      case 'END':
      case 'SYSTEM':
      case 'NEW':
        flats.push({ kind: 'end', span: here() });
        return;
      case 'STOP':
        flats.push({ kind: 'stop', span: here() });
        return;
      case 'REM':
        return;
      case 'DATA': {
        const data = cursor.next();
        flats.push({ kind: 'data', span: here(), items: this.#data(data) });
        return;
      }
      case 'READ': {
        const targets = this.#targets();
        flats.push({ kind: 'read', span: here(), targets });
        return;
      }
      case 'RESTORE': {
        const label = this.#isAtEnd() ? null : this.#label();
        flats.push({ kind: 'restore', span: here(), label });
        return;
      }
      case 'INPUT':
        return this.#input(first, flats, false);
      case 'LINE':
        if (!cursor.accept('INPUT')) cursor.fail('graphics_absent', cursor.span(first), first.text);
        return this.#input(first, flats, true);
      case 'LINPUT':
        return this.#input(first, flats, true);
      case 'GET':
        return this.#get(first, flats);
      case 'DIM':
        return this.#dim(flats);
      case 'ERASE':
        return this.#erase(flats);
      case 'DEF':
        return this.#def(first);
      case 'DEFINT':
      case 'DEFSNG':
      case 'DEFDBL':
      case 'DEFSTR':
        return this.#defineLetters(first);
      case 'OPTION':
        return this.#option(first);
      case 'RANDOMIZE': {
        const seed = this.#isAtEnd() ? null : this.#read.number();
        flats.push({ kind: 'randomize', span: here(), seed });
        return;
      }
      case 'SWAP':
        return this.#swap(first, flats);
      case 'MID$':
        return this.#replacePart(first, flats);
      case 'CLEAR':
        this.#skip();
        this.#program.clears = true;
        flats.push({ kind: 'gosub', span: here(), label: { name: clearLabel, span: here() } });
        return;
      case 'RUN':
        return this.#run(first, flats);
      case 'RESUME':
        return this.#resume(first, flats);
      case 'ERROR': {
        const value = this.#read.number();
        flats.push({ kind: 'throw', span: here(), value });
        return;
      }
      default:
    }
    return this.#absent(first);
  }

  /** Statements for things that are not here: those that change nothing but a screen or a speaker are passed over. */
  #absent(first: Token): void {
    const cursor = this.#cursor;
    const span = cursor.span(first);
    const isClock = (first.text === 'TIME$' || first.text === 'DATE$') && cursor.is('=');
    if (isClock || idleStatements.has(first.text) || first.text === 'LIST' || first.text === 'CONT') return this.#skip();
    if (fileStatements.has(first.text)) cursor.fail('files_absent', span, first.text);
    if (graphicsStatements.has(first.text)) cursor.fail('graphics_absent', span, first.text);
    if (machineStatements.has(first.text)) cursor.fail('machine_absent', span, first.text);
    cursor.fail('expected_statement', span, cursor.show(first));
  }

  #assign(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    const targetAt = cursor.position;
    const target = this.#read.variable();
    cursor.expect('=');
    if (target.isText && cursor.accept('INPUT$')) {
      cursor.expect('(');
      const count = this.#read.number();
      if (cursor.is(',')) cursor.fail('files_absent', cursor.span(first), 'INPUT$');
      cursor.expect(')');
      return this.#takeKeys(first, targetAt, target, count, flats);
    }
    const value = target.isText ? this.#read.text() : this.#read.number();
    flats.push({ kind: 'assign', span: cursor.from(first), target: target.node, value });
  }

  #print(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    if (cursor.is('#')) cursor.fail('files_absent', cursor.span(first), `${first.text} #`);
    if (cursor.accept('@')) {
      // A place on the screen of the TRS-80: there is none.
      this.#read.number();
      if (!cursor.accept(',')) cursor.expect(';');
    }
    let using: Expression | null = null;
    if (cursor.accept('USING')) {
      using = this.#read.text();
      if (!cursor.accept(',')) cursor.expect(';');
    }
    const items: PrintItem[] = [];
    while (!this.#isAtEnd()) items.push(this.#printItem());
    flats.push({ kind: 'print', span: cursor.from(first), items, using });
  }

  #printItem(): PrintItem {
    const cursor = this.#cursor;
    const token = cursor.peek();
    if (cursor.accept(',')) return { kind: 'comma', span: cursor.span(token) };
    if (cursor.accept(';')) return { kind: 'semicolon', span: cursor.span(token) };
    if (!cursor.accept('TAB') && !cursor.accept('SPC')) return { kind: 'value', value: this.#read.any().node };
    cursor.expect('(');
    const value = this.#read.number();
    cursor.expect(')');
    return { kind: token.text === 'TAB' ? 'tab' : 'spaces', value };
  }

  #if(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    cursor.enter();
    const condition = this.#read.number();
    cursor.accept(',');
    if (!cursor.accept('THEN') && !cursor.is('GOTO') && !cursor.is('GOSUB'))
      cursor.fail('missing_then', cursor.span(cursor.peek()));
    const span = cursor.from(first);
    this.#ifs++;
    const body = this.#branch();
    const otherwise = cursor.accept('ELSE') ? this.#branch() : [];
    this.#ifs--;
    cursor.leave();
    flats.push({ kind: 'flatIf', span, condition, body, otherwise });
  }

  /** A line number, statements, or both, with ELSE or the end of the line behind them. */
  #branch(): Flat[] {
    const cursor = this.#cursor;
    const token = cursor.peek();
    if (token.kind === 'end') cursor.fail('expected_statement', cursor.span(token), cursor.show(token));
    if (token.kind !== 'number') return this.statements();
    const flats: Flat[] = [{ kind: 'goto', span: cursor.span(token), label: this.#label() }];
    if (!this.#isAtEnd()) cursor.fail('expected_end_of_statement', cursor.span(cursor.peek()), cursor.show(cursor.peek()));
    flats.push(...this.statements());
    return flats;
  }

  /** A line number, or the name of a line that has none. */
  #label(): LabelReference {
    const cursor = this.#cursor;
    const token = cursor.peek();
    const span = cursor.span(token);
    if (token.kind === 'name') {
      cursor.next();
      return this.#program.refer(token.text, span);
    }
    if (token.kind !== 'number' || !/^\d+$/.test(token.text)) cursor.fail('line_number_expected', span, cursor.show(token));
    cursor.next();
    return this.#program.refer(String(token.value), span);
  }

  #labels(): LabelReference[] {
    const labels = [this.#label()];
    while (this.#cursor.accept(',')) labels.push(this.#label());
    return labels;
  }

  /** GOTO line, and GOTO value OF line, line as Hewlett-Packard had it. */
  #jump(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    const word = first.text === 'GOSUB' ? 'GOSUB' : 'GOTO';
    const token = cursor.peek();
    const before = cursor.position;
    cursor.next();
    const isLabel = (token.kind === 'name' || token.kind === 'number') && this.#isAtEnd();
    cursor.position = before;
    if (isLabel || token.kind === 'number' || token.kind === 'end') {
      const label = this.#label();
      flats.push({ kind: word === 'GOTO' ? 'goto' : 'gosub', span: cursor.from(first), label });
      return;
    }
    const value = this.#read.number();
    const of = cursor.peek();
    if (of.kind !== 'name' || of.text !== 'OF') cursor.fail('line_number_expected', cursor.span(token), cursor.show(token));
    cursor.next();
    const labels = this.#labels();
    flats.push({ kind: 'onGoto', span: cursor.from(first), word, value, labels });
  }

  #on(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    if (cursor.accept('ERROR')) return this.#onError(first, flats);
    const value = this.#read.number();
    const word = cursor.is('GOSUB') ? 'GOSUB' : 'GOTO';
    cursor.expect(word);
    const labels = this.#labels();
    flats.push({ kind: 'onGoto', span: cursor.from(first), word, value, labels });
  }

  #onError(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    if (cursor.peek().text === 'RESUME') {
      cursor.next();
      cursor.expect('NEXT');
      flats.push({ kind: 'onError', span: cursor.from(first), action: 'next', label: null });
      return;
    }
    cursor.expect('GOTO');
    const isOff = cursor.peek().kind === 'number' && cursor.peek().value === 0;
    if (isOff) cursor.next();
    const label = isOff ? null : this.#label();
    flats.push({ kind: 'onError', span: cursor.from(first), action: isOff ? 'off' : 'goto', label });
  }

  #resume(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    const token = cursor.peek();
    if (this.#isAtEnd() || (token.kind === 'number' && token.value === 0)) {
      if (token.kind === 'number') cursor.next();
      flats.push({ kind: 'resume', span: cursor.from(first), to: 'same', label: null });
    } else if (cursor.accept('NEXT')) flats.push({ kind: 'resume', span: cursor.from(first), to: 'next', label: null });
    else {
      const label = this.#label();
      flats.push({ kind: 'resume', span: cursor.from(first), to: 'label', label });
    }
  }

  #for(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    const variable = this.#counter();
    cursor.expect('=');
    const from = this.#read.number();
    cursor.expect('TO');
    const to = this.#read.number();
    const step = cursor.accept('STEP') ? this.#read.number() : null;
    flats.push({ kind: 'openFor', span: cursor.from(first), variable, from, to, step });
  }

  #counter() {
    const cursor = this.#cursor;
    const token = cursor.peek();
    const span = cursor.span(token);
    if (token.kind !== 'name') cursor.fail('expected_name', span, cursor.show(token));
    cursor.next();
    const { node, isText } = this.#program.variable(token.text, span);
    if (isText) cursor.fail('number_needed', span);
    return node;
  }

  /** NEXT alone, and NEXT J, I as NEXT J and NEXT I. */
  #next(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    if (this.#isAtEnd()) {
      flats.push({ kind: 'closeFor', span: cursor.span(first), variable: null });
      return;
    }
    do {
      const token = cursor.peek();
      const variable = this.#counter();
      flats.push({ kind: 'closeFor', span: cursor.from(flats.at(-1)?.kind === 'closeFor' ? token : first), variable });
    } while (cursor.accept(','));
  }

  #targets(): Target[] {
    const targets: Target[] = [this.#read.variable().node];
    while (this.#cursor.accept(',')) targets.push(this.#read.variable().node);
    return targets;
  }

  /** INPUT "prompt"; A asks with a question mark, INPUT "prompt", A without, LINE INPUT never. */
  #input(first: Token, flats: Flat[], isWholeLine: boolean): void {
    const cursor = this.#cursor;
    if (cursor.is('#')) cursor.fail('files_absent', cursor.span(first), `${first.text} #`);
    cursor.accept(';'); // keeps the cursor of a screen on its line
    let isLine = isWholeLine;
    if (cursor.peek().kind === 'name' && cursor.peek().text === 'LINE' && cursor.peek(1).kind === 'name') {
      cursor.next();
      isLine = true;
    }
    let prompt: Expression | null = null;
    let hasQuestionMark = !isLine;
    const token = cursor.peek();
    if (token.kind === 'text') {
      cursor.next();
      prompt = makeNode(cursor.span(token), 1, { kind: 'text', value: token.text });
      if (cursor.accept(',')) hasQuestionMark = false;
      else cursor.accept(';');
    }
    const targets: Target[] = [];
    do {
      const target = this.#read.variable();
      if (isLine && !target.isText) cursor.fail('text_needed', target.node.span);
      targets.push(target.node);
    } while (!isLine && cursor.accept(','));
    flats.push({ kind: 'input', span: cursor.from(first), prompt, hasQuestionMark, targets, isLine });
  }

  /** GET A$ took one key. */
  #get(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    if (cursor.is('#')) cursor.fail('files_absent', cursor.span(first), 'GET #');
    const at = cursor.position;
    const target = this.#read.variable();
    if (!target.isText) cursor.fail('text_needed', target.node.span);
    this.#takeKeys(first, at, target, numberNode(cursor.from(first), 1), flats);
  }

  /** Keys are not seen one by one here: a line is answered, and its first characters are taken. */
  #takeKeys(first: Token, targetAt: number, target: Typed<Target>, count: Expression, flats: Flat[]): void {
    const cursor = this.#cursor;
    const span = cursor.from(first);
    flats.push({ kind: 'input', span, prompt: null, hasQuestionMark: false, targets: [target.node], isLine: true });
    const value = callNode(cursor, { ...first, text: 'LEFT$' }, 'LEFT', [this.#again(targetAt).node, count]);
    flats.push({ kind: 'assign', span, target: this.#again(targetAt).node, value });
  }

  #data(token: Token): DataItem[] {
    const cursor = this.#cursor;
    const { text } = cursor.file;
    const items: DataItem[] = [];
    let start = token.start;
    for (let at = token.start, isQuoted = false; at <= token.end; at++) {
      if (at < token.end && text[at] === '"') isQuoted = !isQuoted;
      if (at < token.end && (isQuoted || text[at] !== ',')) continue;
      const raw = text.slice(start, at);
      const written = raw.trim();
      const from = start + (raw.length - raw.trimStart().length);
      const span: Span = { file: cursor.file.index, start: from, end: from + written.length };
      const quoted = /^"([^"]*)"?$/.exec(written);
      items.push({ text: quoted ? quoted[1]! : written, isQuoted: quoted !== null, span });
      start = at + 1;
    }
    return items;
  }

  #dim(flats: Flat[]): void {
    const cursor = this.#cursor;
    do {
      const token = cursor.peek();
      const span = cursor.span(token);
      if (token.kind !== 'name') cursor.fail('expected_name', span, cursor.show(token));
      cursor.next();
      if (!cursor.is('(')) {
        this.#program.variable(token.text, span);
        continue;
      }
      cursor.next();
      const sizes = [this.#bound()];
      while (cursor.accept(',')) sizes.push(this.#bound());
      cursor.expect(')');
      if (sizes.length > subscriptsMax) cursor.fail('subscripts_too_many', span, subscriptsMax);
      const { name } = this.#program.nameOf(token.text);
      flats.push(this.#program.arrays.dim({ name, span, line: this.#program.line }, arrayName(span, name), sizes));
    } while (cursor.accept(','));
  }

  #bound(): Expression {
    const size = this.#read.number();
    const { base } = this.#program.arrays;
    if (size.kind === 'number' && size.value < base) this.#cursor.fail('array_bound', size.span, base);
    return size;
  }

  #erase(flats: Flat[]): void {
    const cursor = this.#cursor;
    do {
      const token = cursor.next();
      const span = cursor.span(token);
      if (token.kind !== 'name') cursor.fail('expected_name', span, cursor.show(token));
      const dim = this.#program.arrays.erase({ name: this.#program.nameOf(token.text).name, span, line: this.#program.line });
      if (dim) flats.push(dim);
    } while (cursor.accept(','));
  }

  #def(first: Token): void {
    const cursor = this.#cursor;
    const program = this.#program;
    const token = cursor.next();
    const span = cursor.span(token);
    // DEF SEG and DEF USR are about the memory of the machine.
    if (token.kind === 'name' && (token.text === 'SEG' || token.text.startsWith('USR'))) return this.#skip();
    if (token.kind === 'word' && token.text === 'USR') return this.#skip();
    if (token.kind !== 'name' || !token.text.startsWith('FN') || token.text.length < 3)
      cursor.fail('expected_token', span, 'FN', cursor.show(token));
    const own = program.nameOf(token.text);
    program.functions.begin(own.name, span, program.line);
    const parameters: { name: string; display: string; span: Span; typeName: null }[] = [];
    let takes = '';
    if (cursor.accept('(')) {
      do {
        const parameter = cursor.next();
        if (parameter.kind !== 'name') cursor.fail('expected_name', cursor.span(parameter), cursor.show(parameter));
        const { name, isText } = program.nameOf(parameter.text);
        if (parameters.some((one) => one.name === name))
          cursor.fail('duplicate_parameter', cursor.span(parameter), parameter.text);
        parameters.push({ name, display: parameter.text, span: cursor.span(parameter), typeName: null });
        takes += isText ? 's' : 'n';
      } while (cursor.accept(','));
      cursor.expect(')');
    }
    cursor.expect('=');
    program.parameters = new Set(parameters.map(({ name }) => name));
    const value = own.isText ? this.#read.text() : this.#read.number();
    program.parameters = null;
    program.functions.define(takes);
    program.procedures.push({
      kind: 'FUNCTION',
      name: own.name,
      display: token.text,
      nameSpan: span,
      parameters,
      body: [{ kind: 'return', span: value.span, value }],
      span: cursor.from(first),
      isInline: true,
    });
  }

  /** DEFINT A-Z: counts from here on in the text, as the interpreters ran it before what follows. */
  #defineLetters(first: Token): void {
    const cursor = this.#cursor;
    const suffix = { DEFINT: '%', DEFSNG: '', DEFDBL: '#', DEFSTR: '$' }[first.text] ?? '';
    do {
      const from = this.#letter();
      const to = cursor.accept('-') ? this.#letter() : from;
      for (let code = from; code <= to; code++) this.#program.letterSuffixes.set(String.fromCharCode(code), suffix);
    } while (cursor.accept(','));
  }

  #letter(): number {
    const cursor = this.#cursor;
    const token = cursor.next();
    if (token.kind !== 'name' || token.text.length !== 1) cursor.fail('expected_name', cursor.span(token), cursor.show(token));
    return token.text.charCodeAt(0);
  }

  #option(first: Token): void {
    const cursor = this.#cursor;
    const word = cursor.next();
    if (word.kind !== 'name' || !/^BASE[01]?$/.test(word.text))
      cursor.fail('expected_token', cursor.span(word), 'BASE', cursor.show(word));
    const value = word.text === 'BASE' ? cursor.next().text : word.text[4];
    if (value !== '0' && value !== '1') cursor.fail('option_base', cursor.from(word));
    this.#program.arrays.option(value === '1' ? 1 : 0, cursor.from(first));
  }

  /** Three assignments by way of a variable that no program can name. */
  #swap(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    const leftAt = cursor.position;
    const left = this.#read.variable();
    cursor.expect(',');
    const rightAt = cursor.position;
    const right = this.#read.variable();
    if (left.isText !== right.isText) cursor.fail(left.isText ? 'text_needed' : 'number_needed', right.node.span);
    const span = cursor.from(first);
    const name = left.isText ? 'SWAP VALUE$' : 'SWAP VALUE';
    const kept = () => makeNode(span, 1, { kind: 'name', name, display: 'SWAP', variable: null, call: null });
    flats.push(
      { kind: 'assign', span, target: kept(), value: left.node },
      { kind: 'assign', span, target: this.#again(leftAt).node, value: right.node },
      { kind: 'assign', span, target: this.#again(rightAt).node, value: kept() },
    );
  }

  /**
   * MID$(A$, from, count) = part writes over a stretch of A$, whose length stays. As an assignment:
   * LEFT$(LEFT$(A$, from - 1) + LEFT$(part, count) + MID$(A$, from + LEN(LEFT$(part, count))), LEN(A$)).
   */
  #replacePart(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    cursor.expect('(');
    const targetAt = cursor.position;
    const target = this.#read.variable();
    if (!target.isText) cursor.fail('text_needed', target.node.span);
    cursor.expect(',');
    const fromAt = cursor.position;
    this.#read.number();
    const countAt = cursor.accept(',') ? cursor.position : null;
    if (countAt !== null) this.#read.number();
    cursor.expect(')');
    cursor.expect('=');
    const partAt = cursor.position;
    this.#read.text();
    const span = cursor.from(first);
    const call = (name: string, ...values: Expression[]): Expression =>
      callNode(cursor, { ...first, text: first.text }, name, values);
    const sum = (operator: '+' | '-', left: Expression, right: Expression): Expression =>
      checked(cursor, makeNode(span, Math.max(left.depth, right.depth) + 1, { kind: 'binary', operator, left, right }));
    const old = (): Expression => this.#again(targetAt).node;
    const from = (): Expression => this.#againAt(fromAt, () => this.#read.number());
    const part = (): Expression => {
      const whole = this.#againAt(partAt, () => this.#read.text());
      return countAt === null
        ? whole
        : call(
            'LEFT',
            whole,
            this.#againAt(countAt, () => this.#read.number()),
          );
    };
    const before = call('LEFT', old(), sum('-', from(), numberNode(span, 1)));
    const after = call('MID', old(), sum('+', from(), call('LEN', part())));
    const value = call('LEFT', sum('+', sum('+', before, part()), after), call('LEN', old()));
    flats.push({ kind: 'assign', span, target: target.node, value });
  }

  /** Reads once more what stands at a place, because a tree holds no node twice. */
  #againAt<T>(at: number, read: () => T): T {
    const cursor = this.#cursor;
    const { position } = cursor;
    cursor.position = at;
    const result = read();
    cursor.position = position;
    return result;
  }

  #again(at: number): Typed<Target> {
    return this.#againAt(at, () => this.#read.variable());
  }

  /** RUN forgets all variables and starts over, or starts at a line. */
  #run(first: Token, flats: Flat[]): void {
    const cursor = this.#cursor;
    if (cursor.peek().kind === 'text') cursor.fail('files_absent', cursor.span(first), 'RUN');
    const label: LabelReference = this.#isAtEnd() ? { name: startLabel, span: cursor.span(first) } : this.#label();
    const span = cursor.from(first);
    this.#program.clears = true;
    const jumps: Statement[] = [
      { kind: 'gosub', span, label: { name: clearLabel, span } },
      { kind: 'goto', span, label },
    ];
    flats.push(...jumps);
  }
}
