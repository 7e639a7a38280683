/**
 * Regular expressions whose time is bounded, because patterns come from scripts and texts from anybody. JavaScript's own
 * go back and try again, which for `(a+)+b` doubles with every letter. Here a pattern becomes a small program (Pike's
 * machine, as in Thompson 1968 and RE2): all its threads go through the text side by side, one character at a time, and
 * two threads at the same place are one. A search takes at most length of text times length of pattern, and every step is
 * charged. What cannot be done so - back references and looking around - is refused.
 *
 * Understood: . [a-z] [^a] \d \w \s \b and their opposites, ^ $, ( ) (?: ) (?<name> ), |, * + ? {2} {2,} {2,5} and the
 * lazy forms, \n \t \r \xHH \uHHHH, and the flags i (any case), m (^ and $ at each line), s (. takes line ends).
 */
export interface Pattern {
  readonly program: readonly Instruction[];
  readonly groups: number;
  readonly flags: Flags;
}
interface Flags {
  readonly anyCase: boolean;
  readonly lines: boolean;
  readonly dotAll: boolean;
}
type Range = readonly [from: number, to: number];
type Instruction =
  | { readonly op: 'char'; readonly code: number }
  | { readonly op: 'set'; readonly ranges: readonly Range[]; readonly isNegated: boolean }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'assert'; readonly what: 'start' | 'end' | 'word' | 'notWord' }
  | { readonly op: 'match' };

type Tree =
  | { readonly kind: 'one'; readonly instruction: Instruction }
  | { readonly kind: 'all'; readonly parts: readonly Tree[] }
  | { readonly kind: 'either'; readonly parts: readonly Tree[] }
  | { readonly kind: 'group'; readonly part: Tree; readonly number: number }
  | { readonly kind: 'repeat'; readonly part: Tree; readonly least: number; readonly most: number; readonly isLazy: boolean };

const programMax = 2000;
const patternMax = 1000;
const groupsMax = 30;
const depthMax = 50;
const repeatMax = 1000;

class Refused extends Error {}

/** Null when the text is no pattern, or one that cannot be bounded. */
export function compilePattern(source: string, flagText = ''): Pattern | null {
  let text = source;
  let letters = flagText.toLowerCase();
  const inline = /^\(\?([ims]+)\)/.exec(text);
  if (inline) {
    letters += inline[1]!;
    text = text.slice(inline[0].length);
  }
  if (text.length > patternMax || !/^[gimsu]*$/.test(letters)) return null;
  const flags = { anyCase: letters.includes('i'), lines: letters.includes('m'), dotAll: letters.includes('s') };
  try {
    const reader = new Reader(text, flags);
    const tree = reader.whole();
    const program: Instruction[] = [];
    emit(program, { kind: 'group', part: tree, number: 0 });
    add(program, { op: 'match' });
    return { program, groups: reader.groups + 1, flags };
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

const digit: readonly Range[] = [[48, 57]];
const word: readonly Range[] = [...digit, [65, 90], [95, 95], [97, 122]];
const blank: readonly Range[] = [
  [9, 13],
  [32, 32],
  [160, 160],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const classes: Readonly<Record<string, readonly Range[]>> = { d: digit, w: word, s: blank };
const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, '0': 0 };

function opposite(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  let from = 0;
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (low > from) result.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  return from <= 0x10ffff ? [...result, [from, 0x10ffff]] : result;
}

class Reader {
  groups = 0;
  readonly #characters: readonly string[];
  readonly #flags: Flags;
  #at = 0;
  #depth = 0;

  constructor(text: string, flags: Flags) {
    this.#characters = [...text];
    this.#flags = flags;
  }

  whole(): Tree {
    const tree = this.#either();
    if (this.#at < this.#characters.length) throw new Refused();
    return tree;
  }

  #peek(): string {
    return this.#characters[this.#at] ?? '';
  }

  #take(text: string): boolean {
    if (
      !this.#characters
        .slice(this.#at, this.#at + text.length)
        .join('')
        .startsWith(text)
    )
      return false;
    this.#at += text.length;
    return true;
  }

  #either(): Tree {
    if (++this.#depth > depthMax) throw new Refused();
    const parts = [this.#all()];
    while (this.#take('|')) parts.push(this.#all());
    this.#depth--;
    return parts.length === 1 ? parts[0]! : { kind: 'either', parts };
  }

  #all(): Tree {
    const parts: Tree[] = [];
    while (this.#at < this.#characters.length && this.#peek() !== '|' && this.#peek() !== ')') parts.push(this.#repeated());
    return { kind: 'all', parts };
  }

  #repeated(): Tree {
    let part = this.#atom();
    for (let times = 0; ; times++) {
      const bounds = this.#bounds();
      if (!bounds) return part;
      if (times > 3) throw new Refused();
      part = { kind: 'repeat', part, least: bounds[0], most: bounds[1], isLazy: this.#take('?') };
    }
  }

  #bounds(): readonly [least: number, most: number] | null {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    if (this.#peek() !== '{') return null;
    const match = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#characters.slice(this.#at, this.#at + 12).join(''));
    if (!match) return null; // A brace that counts nothing is a brace.
    this.#at += match[0].length;
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (most < least || least > repeatMax || (most !== Number.POSITIVE_INFINITY && most > repeatMax)) throw new Refused();
    return [least, most];
  }

  #atom(): Tree {
    const character = this.#characters[this.#at++]!;
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#set();
      case '.':
        return one({
          op: 'set',
          ranges: this.#flags.dotAll
            ? []
            : [
                [10, 10],
                [13, 13],
                [0x2028, 0x2029],
              ],
          isNegated: true,
        });
      case '^':
        return one({ op: 'assert', what: 'start' });
      case '$':
        return one({ op: 'assert', what: 'end' });
      case '*':
      case '+':
      case '?':
        throw new Refused();
      case '\\':
        return this.#escape();
      default:
        return one({ op: 'char', code: character.codePointAt(0)! });
    }
  }

  #group(): Tree {
    let number = -1;
    if (this.#take('?')) {
      if (this.#take('<')) {
        // A name; `(?<=` and `(?<!` look around.
        while (/[A-Za-z0-9_]/.test(this.#peek())) this.#at++;
        if (!this.#take('>')) throw new Refused();
        number = ++this.groups;
      } else if (!this.#take(':')) throw new Refused();
    } else number = ++this.groups;
    if (this.groups > groupsMax) throw new Refused();
    const part = this.#either();
    if (!this.#take(')')) throw new Refused();
    return number < 0 ? part : { kind: 'group', part, number };
  }

  #escape(): Tree {
    const letter = this.#peek();
    if (letter === 'b' || letter === 'B') {
      this.#at++;
      return one({ op: 'assert', what: letter === 'b' ? 'word' : 'notWord' });
    }
    const found = this.#escaped();
    return typeof found === 'number' ? one({ op: 'char', code: found }) : one({ op: 'set', ranges: found, isNegated: false });
  }

  /** After the backslash: a character, or the characters of a class. */
  #escaped(): number | readonly Range[] {
    const letter = this.#characters[this.#at++];
    if (letter === undefined) throw new Refused();
    const ranges = classes[letter.toLowerCase()];
    if (ranges) return letter === letter.toLowerCase() ? ranges : opposite(ranges);
    const control = controls[letter];
    if (control !== undefined) return control;
    if (letter === 'x' || letter === 'u') {
      const rest = this.#characters.slice(this.#at, this.#at + 10).join('');
      const match = (letter === 'x' ? /^([0-9a-fA-F]{2})/ : /^(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]{1,6})\})/).exec(rest);
      const code = match ? Number.parseInt(match[1] ?? match[2]!, 16) : -1;
      if (!match || code > 0x10ffff) throw new Refused();
      this.#at += match[0].length;
      return code;
    }
    // Digits refer back, other letters mean something elsewhere: guessing would match the wrong thing.
    if (/[0-9A-Za-z]/.test(letter)) throw new Refused();
    return letter.codePointAt(0)!;
  }

  #set(): Tree {
    const isNegated = this.#take('^');
    const ranges: Range[] = [];
    const item = (): number | readonly Range[] => {
      const character = this.#characters[this.#at++];
      if (character === undefined) throw new Refused();
      if (character !== '\\') return character.codePointAt(0)!;
      if (this.#take('b')) return 8;
      return this.#escaped();
    };
    for (let isFirst = true; isFirst || this.#peek() !== ']'; isFirst = false) {
      if (isFirst && this.#peek() === ']') break;
      const from = item();
      if (typeof from !== 'number') ranges.push(...from);
      else if (this.#peek() === '-' && this.#characters[this.#at + 1] !== ']') {
        this.#at++;
        const to = item();
        if (typeof to !== 'number' || to < from) throw new Refused();
        ranges.push([from, to]);
      } else ranges.push([from, from]);
    }
    if (!this.#take(']')) throw new Refused();
    return one({ op: 'set', ranges, isNegated });
  }
}

const one = (instruction: Instruction): Tree => ({ kind: 'one', instruction });

function add<T extends Instruction>(program: Instruction[], instruction: T): T {
  if (program.length >= programMax) throw new Refused();
  program.push(instruction);
  return instruction;
}

function emit(program: Instruction[], tree: Tree): void {
  switch (tree.kind) {
    case 'one':
      add(program, tree.instruction);
      return;
    case 'all':
      for (const part of tree.parts) emit(program, part);
      return;
    case 'group':
      add(program, { op: 'save', slot: 2 * tree.number });
      emit(program, tree.part);
      add(program, { op: 'save', slot: 2 * tree.number + 1 });
      return;
    case 'either': {
      const jumps: { to: number }[] = [];
      tree.parts.forEach((part, index) => {
        const isLast = index === tree.parts.length - 1;
        const split = isLast ? null : add(program, { op: 'split', first: program.length + 1, second: 0 });
        emit(program, part);
        if (!split) return;
        jumps.push(add(program, { op: 'jump', to: 0 }));
        split.second = program.length;
      });
      for (const jump of jumps) jump.to = program.length;
      return;
    }
    case 'repeat': {
      for (let time = 0; time < tree.least; time++) emit(program, tree.part);
      const exits: { first: number; second: number }[] = [];
      const fork = () => {
        const split = add(program, { op: 'split', first: program.length + 1, second: program.length + 1 });
        exits.push(split);
      };
      if (tree.most === Number.POSITIVE_INFINITY) {
        const start = program.length;
        fork();
        emit(program, tree.part);
        add(program, { op: 'jump', to: start });
      } else {
        for (let time = tree.least; time < tree.most; time++) {
          fork();
          emit(program, tree.part);
        }
      }
      for (const exit of exits) exit[tree.isLazy ? 'first' : 'second'] = program.length;
    }
  }
}

/** Where groups begin and end, in UTF-16 units: [0] and [1] are the whole match; -1 for a group that took no part. */
export type Captures = readonly number[];

/** The first match at or after `from`. `charge` is told the steps taken, and may throw. */
export function findMatch(pattern: Pattern, text: string, from: number, charge: (steps: number) => void): Captures | null {
  const { program, flags } = pattern;
  let current: Threads = new Threads(program.length);
  let next: Threads = new Threads(program.length);
  let found: Captures | null = null;
  const none: Captures = new Array<number>(2 * pattern.groups).fill(-1);
  const stack: { at: number; captures: Captures }[] = [];

  /** Follows what takes no character, in the order of preference, without recursion. */
  const enter = (list: Threads, start: number, captures: Captures, at: number): void => {
    stack.push({ at: start, captures });
    while (stack.length > 0) {
      const thread = stack.pop()!;
      if (!list.add(thread.at)) continue;
      const instruction = program[thread.at]!;
      switch (instruction.op) {
        case 'jump':
          stack.push({ at: instruction.to, captures: thread.captures });
          break;
        case 'split':
          stack.push({ at: instruction.second, captures: thread.captures });
          stack.push({ at: instruction.first, captures: thread.captures });
          break;
        case 'save': {
          const saved = [...thread.captures];
          saved[instruction.slot] = at;
          stack.push({ at: thread.at + 1, captures: saved });
          break;
        }
        case 'assert':
          if (holds(instruction.what, text, at, flags.lines)) stack.push({ at: thread.at + 1, captures: thread.captures });
          break;
        default:
          list.keep(thread.at, thread.captures);
      }
    }
  };

  for (let at = from; at <= text.length; ) {
    if (!found) enter(current, 0, none, at);
    else if (current.size === 0) break;
    const code = at < text.length ? text.codePointAt(at)! : -1;
    const after = at + (code > 0xffff ? 2 : 1);
    charge(8 + 4 * current.entered);
    next.clear();
    for (let index = 0; index < current.size; index++) {
      const place = current.places[index]!;
      const instruction = program[place]!;
      if (instruction.op === 'match') {
        found = current.captures[index]!;
        break; // What comes after is preferred less.
      }
      if (code >= 0 && takes(instruction, code, flags.anyCase)) enter(next, place + 1, current.captures[index]!, after);
    }
    [current, next] = [next, current];
    at = after;
  }
  return found;
}

/** Threads by preference; a place is entered once for each character of the text. */
class Threads {
  size = 0;
  entered = 0;
  readonly places: number[] = [];
  readonly captures: Captures[] = [];
  readonly #seen: Uint32Array;
  #round = 1;

  constructor(length: number) {
    this.#seen = new Uint32Array(length);
  }

  add(place: number): boolean {
    if (this.#seen[place] === this.#round) return false;
    this.#seen[place] = this.#round;
    this.entered++;
    return true;
  }

  keep(place: number, captures: Captures): void {
    this.places[this.size] = place;
    this.captures[this.size++] = captures;
  }

  clear(): void {
    this.size = 0;
    this.entered = 0;
    this.#round++;
  }
}

function takes(instruction: Instruction, code: number, anyCase: boolean): boolean {
  if (instruction.op === 'char')
    return instruction.code === code || (anyCase && foldedCode(instruction.code) === foldedCode(code));
  if (instruction.op !== 'set') return false;
  const isIn = (one: number): boolean => instruction.ranges.some(([low, high]) => one >= low && one <= high);
  let has = isIn(code);
  if (!has && anyCase) {
    const text = String.fromCodePoint(code);
    has = isIn(text.toLowerCase().codePointAt(0)!) || isIn(text.toUpperCase().codePointAt(0)!);
  }
  return has !== instruction.isNegated;
}

const foldedCode = (code: number): number => String.fromCodePoint(code).toLowerCase().codePointAt(0)!;

function isWordAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at); // NaN outside the text
  return word.some(([low, high]) => code >= low && code <= high);
}

function holds(what: 'start' | 'end' | 'word' | 'notWord', text: string, at: number, lines: boolean): boolean {
  if (what === 'start') return at === 0 || (lines && text[at - 1] === '\n');
  if (what === 'end') return at === text.length || (lines && text[at] === '\n');
  return (isWordAt(text, at - 1) !== isWordAt(text, at)) === (what === 'word');
}
