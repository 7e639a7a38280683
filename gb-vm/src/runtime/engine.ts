import type { BotReply, CompiledProgram, TurnInput, TurnOutput } from 'gb-core';
import type { ErrorCode } from 'gb-protocol';
import { GbError, LruMap } from 'gb-utils';
import { constantBase, type DebugMap, frame, frameBase, header, status, tag } from '../compiler/layout.ts';
import { BasicError, ProgramEnded, placeOf, type RuntimeErrorCode, sentence } from './errors.ts';
import { dateFunctions } from './functions/dates.ts';
import { formatFunctions } from './functions/format.ts';
import { listFunctions } from './functions/lists.ts';
import { numberFunctions, seedRandom } from './functions/numbers.ts';
import { textFunctions } from './functions/text.ts';
import { toText, valueFunctions } from './functions/values.ts';
import { Heap, ListRef } from './heap.ts';
import { askAgain, readAnswer, readChoice } from './hear.ts';
import type { Host, HostFunction, HostFunctions } from './host.ts';
import { refusal, restore, SnapshotWriter } from './snapshot.ts';

/** Everything of a turn except how its program is fetched. */
export type EngineInput = Omit<TurnInput, 'program'>;

export interface EngineOptions {
  /** Loop iterations and calls after which other turns get their chance. */
  readonly sliceFuel?: number;
  /** Compiled programs kept ready. */
  readonly programsMax?: number;
}

/** A program ready to run in this engine's memory. */
export interface LoadedProgram {
  readonly hash: string;
}

/** A turn that is being run, slice by slice. */
export interface Turn {
  readonly output: TurnOutput | null;
}

/**
 * Runs turns in this thread: the heart of each worker, and usable without workers in tests, benches and browsers.
 * All programs share one linear memory, one turn at a time; before another turn is put into it, everything the last one
 * touched is set to zero.
 */
export interface TurnEngine {
  /** Takes a compiled program; throws `ProgramInvalid` when its bytes are not what our compiler makes. */
  load(program: CompiledProgram): LoadedProgram;
  /** A program loaded earlier and still kept. */
  loaded(hash: string): LoadedProgram | null;
  begin(program: LoadedProgram, input: EngineInput): Turn;
  /** Runs one slice; `turn.output` is set when the turn is over. */
  step(turn: Turn): void;
  /** Begins and steps until the end. */
  runTurn(program: LoadedProgram, input: EngineInput): TurnOutput;
  /** For tests: the memory all turns run in. */
  readonly memory: WebAssembly.Memory;
}

export class ProgramInvalid extends GbError {
  constructor(message: string, cause: unknown) {
    super('program_invalid' satisfies ErrorCode, message, { cause });
  }
}

export function createTurnEngine(options: EngineOptions = {}): TurnEngine {
  return new Engine(options);
}

const initialPages = 8;
const pagesMax = 16_384;
/** Below this a turn is not worth compacting. */
const compactBytesMin = 256 * 1024;
/** Charges are passed on to the fuel gauge in portions, because reading it from outside is slow. */
const chargePortion = 1000;
/** A plain procedure cannot give way. It ends before the watch takes the thread for stuck, and other turns with it. */
const sliceMsMax = 500;
/** What one turn may say, in UTF-16 units, over all its messages. */
const talkCharactersMax = 256_000;
/** Machine code of the programs kept ready is several times the size of what is counted here. */
const programBytesMax = 64 * 1024 * 1024;

interface Loaded extends LoadedProgram {
  readonly map: DebugMap;
  readonly hashBytes: Uint8Array;
  readonly instance: Instance;
}

interface Instance {
  resume(): number;
  loadConstants(): void;
  readonly fuel: WebAssembly.Global<'i32'>;
  readonly floor: WebAssembly.Global<'i32'>;
  readonly depth: WebAssembly.Global<'i32'>;
}

class RunningTurn implements Turn {
  output: TurnOutput | null = null;
  readonly program: Loaded;
  readonly input: EngineInput;
  readonly replies: BotReply[] = [];
  /** Where it stopped while another turn has the memory. */
  image: Uint8Array | null = null;
  fuelUsed = 0;
  talkCharacters = 0;
  wallMs = 0;

  constructor(program: Loaded, input: EngineInput) {
    this.program = program;
    this.input = input;
  }
}

class Engine implements TurnEngine, Host {
  readonly memory = new WebAssembly.Memory({ initial: initialPages, maximum: pagesMax });
  readonly heap = new Heap(this.memory);
  nowMs = 0;
  locale: 'en' | 'pt-BR' = 'en';
  readonly #sliceFuel: number;
  readonly #programs: LruMap<string, Loaded>;
  #programBytes = 0;
  readonly #writer = new SnapshotWriter();
  readonly #functions: HostFunctions;
  /** The turn whose state is in memory. */
  #resident: RunningTurn | null = null;
  #slice = 0;
  #sliceStart = 0;
  #debt = 0;
  #isPressed = false;
  #heapEnd = 0;

  constructor(options: EngineOptions) {
    this.#sliceFuel = Math.max(1, Math.min(options.sliceFuel ?? 1_000_000, 0x3fffffff));
    this.#programs = new LruMap(options.programsMax ?? 2000);
    this.heap.charge = (units) => this.#charge(units);
    this.heap.onPressure = () => {
      this.#isPressed = true;
      this.#charge(chargePortion);
    };
    this.#functions = this.#metered({
      ...valueFunctions(this),
      ...textFunctions(this),
      ...numberFunctions(this),
      ...listFunctions(this),
      ...dateFunctions(this),
      ...formatFunctions(this),
      talk: (text, position) => this.#talk(this.heap.text(text!), position!),
    });
  }

  /** Each call of the host costs at least what a loop round does, so that none can be made millions of times unseen. */
  #metered(functions: HostFunctions): HostFunctions {
    const metered = Object.entries(functions).map(([name, call]): [string, HostFunction] => [
      name,
      // Named, because gathering arguments into an array costs more than most of these calls; no function has more.
      (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => {
        if (++this.#debt >= chargePortion) this.#charge(0);
        return call(a, b, c, d, e, f, g);
      },
    ]);
    return Object.fromEntries(metered);
  }

  load(program: CompiledProgram): LoadedProgram {
    const known = this.loaded(program.hash);
    if (known) return known;
    let loaded: Loaded;
    try {
      const map = JSON.parse(program.debugMap) as DebugMap;
      const module = new WebAssembly.Module(program.wasm as Uint8Array<ArrayBuffer>);
      const instance = new WebAssembly.Instance(module, { gb: { memory: this.memory, ...this.#functions } });
      const hashBytes = Uint8Array.from(program.hash.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
      if (hashBytes.length !== 32) throw new Error('the hash is not 64 hexadecimal digits');
      loaded = { hash: program.hash, map, hashBytes, instance: instance.exports as unknown as Instance };
    } catch (cause) {
      throw new ProgramInvalid(cause instanceof Error ? cause.message : String(cause), cause);
    }
    const bytes = program.wasm.length + program.debugMap.length;
    if (this.#programBytes + bytes > programBytesMax) {
      // Simple rather than exact: what is still needed is fetched again. Running turns hold on to their own.
      this.#programs.clear();
      this.#programBytes = 0;
    }
    this.#programBytes += bytes;
    this.#programs.set(program.hash, loaded);
    return loaded;
  }

  loaded(hash: string): LoadedProgram | null {
    return this.#programs.get(hash) ?? null;
  }

  begin(program: LoadedProgram, input: EngineInput): Turn {
    return new RunningTurn(program as Loaded, input);
  }

  runTurn(program: LoadedProgram, input: EngineInput): TurnOutput {
    const turn = new RunningTurn(program as Loaded, input);
    while (!turn.output) this.step(turn);
    return turn.output;
  }

  step(turn: Turn): void {
    const running = turn as RunningTurn;
    if (running.output) return;
    try {
      if (this.#resident !== running) this.#enter(running);
      if (!running.output) this.#run(running);
    } catch (error) {
      this.#fail(running, error);
    }
  }

  // Getting a turn into memory

  #enter(turn: RunningTurn): void {
    const other = this.#resident;
    if (other) {
      this.#resident = null;
      try {
        other.image = this.#image(other).slice();
      } catch (error) {
        this.#fail(other, error);
      }
    }
    this.#wipe();
    this.nowMs = turn.input.nowMs;
    this.locale = turn.input.locale;
    this.#heapEnd = turn.program.map.heapBase;
    this.heap.limit = turn.input.limits.memoryBytesMax;
    this.heap.emptyText = turn.program.map.emptyText;
    this.#resident = turn;
    if (turn.program.map.heapBase > this.memory.buffer.byteLength) {
      this.memory.grow(Math.ceil((turn.program.map.heapBase - this.memory.buffer.byteLength) / 65536) + 4);
      this.heap.refresh();
    }
    turn.program.instance.loadConstants();
    if (turn.image) {
      this.#putBack(turn, turn.image);
      turn.image = null;
    } else if (turn.input.snapshot) this.#continue(turn, turn.input.snapshot);
    else this.#start(turn);
  }

  /** Sets everything the resident turn may have touched to zero, from the header to the end of its heap. */
  #wipe(): void {
    const { heap } = this;
    const frames = Math.max(heap.word(header.spHigh), heap.word(header.sp), frameBase);
    const end = Math.min(heap.word(header.hp), heap.u8.length);
    heap.u8.fill(0, 0, frames);
    // The constants of the last program go too: they are its owner's.
    if (this.#heapEnd > 0) heap.u8.fill(0, constantBase, Math.max(end, this.#heapEnd));
  }

  #start(turn: RunningTurn): void {
    const { heap } = this;
    const { map } = turn.program;
    const main = map.procedures[0]!;
    heap.setWord(header.fp, frameBase);
    heap.setWord(header.sp, frameBase + main.size);
    heap.setWord(header.spHigh, frameBase + main.size);
    heap.setWord(header.hp, map.heapBase);
    heap.setWord(frameBase + frame.size, main.size);
    this.#allow();
    seedRandom(heap, turn.input.seed);
    main.slots.forEach(([, type], index) => {
      const at = frameBase + frame.slots + 8 * index;
      if (type === 'a') heap.setWordsAt(at, 0, tag.null);
      else if (type === 's') heap.setWord(at, heap.emptyText);
    });
    heap.setWordsAt(header.choices, 0, tag.null);
    heap.setWordsAt(header.fallback, 0, tag.null);
    this.#provide(turn, false);
  }

  /** The first safe limit of the heap: beyond it the host is asked, which notices pressure. */
  #allow(): void {
    const { heap } = this;
    const live = heap.word(header.hp) - this.#heapEnd;
    heap.setWord(
      header.heapLimit,
      Math.min(heap.limit, this.memory.buffer.byteLength, heap.word(header.hp) + Math.max(compactBytesMin, live)),
    );
  }

  /** Gives the program the variables of the host: all at a start, later those it never assigns itself. */
  #provide(turn: RunningTurn, isRefresh: boolean): void {
    for (const { name, slot, isRefreshed } of turn.program.map.host) {
      if (isRefresh && !isRefreshed) continue;
      const value = turn.input.variables[name];
      if (value !== undefined || isRefresh) this.heap.setValueAt(frameBase + frame.slots + 8 * slot, value ?? null);
    }
  }

  #putBack(turn: RunningTurn, image: Uint8Array): void {
    const { map } = turn.program;
    const end = map.heapBase + image.length;
    if (end > this.memory.buffer.byteLength) {
      this.memory.grow(Math.ceil((end - this.memory.buffer.byteLength) / 65536));
      this.heap.refresh();
    }
    restore(this.heap, image, map);
    this.#allow();
  }

  /** Goes on at the HEAR a snapshot waits at, if the answer fits; else asks again and leaves the snapshot as it is. */
  #continue(turn: RunningTurn, image: Uint8Array): void {
    const { heap } = this;
    const { map, hashBytes } = turn.program;
    const reason = refusal(image, map, hashBytes, turn.input.limits.memoryBytesMax);
    if (reason) throw new BasicError('snapshot_invalid', null, reason);
    this.#putBack(turn, image);
    const hear = map.hears[heap.word(header.hearing) - 1];
    if (!hear) throw new BasicError('snapshot_invalid', null, 'waits for nothing');
    const choices = this.#choices();
    const text = turn.input.answer ?? '';
    const read = (given: string) =>
      hear.type === 'MENU' ? readChoice(choices, given, hear.isOpen) : readAnswer(hear.type, given, this.locale);
    let answer = hear.hasFallback && text.trim() === '' ? read(toText(heap, heap.valueAt(header.fallback))) : read(text);
    if (hear.hasFallback && text.trim() === '' && answer === null)
      throw new BasicError('type_mismatch', hear.position, 'an unusable default', hear.type);
    if (answer === '' && turn.input.answer === null) answer = null;
    if (answer === null) {
      const suggestions = hear.type === 'MENU' ? { suggestions: choices } : {};
      turn.replies.push({ text: askAgain(hear.type, this.locale), ...suggestions });
      return this.#finish(turn, { status: 'waiting', snapshot: image, error: null });
    }
    heap.setWord(header.hearing, 0);
    heap.setWordsAt(header.choices, 0, tag.null);
    heap.setWordsAt(header.fallback, 0, tag.null);
    this.#provide(turn, true);
    if (typeof answer === 'string') heap.setWord(header.mail, heap.makeText(answer));
    else if (typeof answer === 'number') heap.f64[header.mail >>> 3] = answer;
    else heap.setWord(header.mail, Number(answer));
  }

  #choices(): string[] {
    const { heap } = this;
    const list = heap.valueAt(header.choices);
    if (!(list instanceof ListRef)) return [];
    return heap
      .listValues(list.at)
      .flatMap((item) =>
        item instanceof ListRef ? heap.listValues(item.at).map((one) => toText(heap, one)) : [toText(heap, item)],
      );
  }

  // Running

  #run(turn: RunningTurn): void {
    const { instance } = turn.program;
    const { limits } = turn.input;
    const budget = limits.fuelMax - turn.fuelUsed;
    this.#slice = Math.max(1, Math.min(this.#sliceFuel, budget));
    this.#debt = 0;
    this.#isPressed = false;
    this.#sliceStart = performance.now();
    instance.fuel.value = this.#slice;
    instance.floor.value = Math.max(-0x7fff0000, this.#slice - Math.max(1, Math.min(budget, 0x7ffe0000)));
    instance.depth.value = 0;
    let result: number;
    try {
      result = instance.resume();
    } finally {
      turn.fuelUsed += Math.max(0, this.#slice - instance.fuel.value + this.#debt);
      turn.wallMs += performance.now() - this.#sliceStart;
    }
    if (result === status.sliceUsed) this.#afterSlice(turn);
    else if (result === status.waiting) this.#wait(turn);
    else this.#finish(turn, { status: 'finished', snapshot: null, error: null });
  }

  #afterSlice(turn: RunningTurn): void {
    const { limits } = turn.input;
    const position = this.heap.word(header.position);
    if (turn.fuelUsed >= limits.fuelMax) throw new BasicError('fuel_exhausted', position);
    if (turn.wallMs > limits.wallMsMax) throw new BasicError('time_exhausted', position);
    if (this.#isPressed) this.#compact(turn);
  }

  /** Between two slices everything is in frames, so the heap may move: write the live part out and put it back. */
  #compact(turn: RunningTurn): void {
    const image = this.#image(turn);
    this.#wipe();
    turn.program.instance.loadConstants();
    this.#putBack(turn, image);
  }

  /** What a turn has in memory, to be put back in this process. */
  #image(turn: RunningTurn): Uint8Array {
    try {
      return this.#writer.writeLoose(this.heap, turn.program.map, turn.program.hashBytes, turn.input.limits.memoryBytesMax);
    } catch (error) {
      // Texts that shared a buffer are written apart, so the image of a full heap may be larger than the heap.
      throw error instanceof BasicError && error.code === 'snapshot_too_large' ? new BasicError('out_of_memory', null) : error;
    }
  }

  #charge(units: number): void {
    this.#debt += units;
    const turn = this.#resident;
    if (this.#debt < chargePortion || !turn) return;
    const { fuel, floor } = turn.program.instance;
    const left = fuel.value - this.#debt;
    this.#debt = 0;
    fuel.value = Math.max(-0x7fffffff, left);
    if (left < floor.value) throw new BasicError('fuel_exhausted', null);
    // When memory is short the slice ends at the next safe point, where the heap is compacted.
    if (this.#isPressed && left > 0) {
      this.#slice -= left;
      fuel.value = 0;
      floor.value -= left;
    }
    const sliceMs = performance.now() - this.#sliceStart;
    if (sliceMs > sliceMsMax || turn.wallMs + sliceMs > turn.input.limits.wallMsMax) throw new BasicError('time_exhausted', null);
  }

  #talk(text: string, position: number): void {
    const turn = this.#resident!;
    if (turn.replies.length >= turn.input.limits.messagesMax)
      throw new BasicError('too_many_messages', position, turn.input.limits.messagesMax);
    this.#charge(10 + (text.length >>> 6));
    // A message without text is none: nobody could see it.
    if (text.trim() === '') return;
    turn.talkCharacters += text.length;
    // A long text becomes several messages, so texts are bounded as messages are.
    if (turn.talkCharacters > talkCharactersMax)
      throw new BasicError('too_many_messages', position, turn.input.limits.messagesMax);
    turn.replies.push({ text });
  }

  // Ends of a turn

  #wait(turn: RunningTurn): void {
    const { map, hashBytes } = turn.program;
    const hear = map.hears[this.heap.word(header.hearing) - 1]!;
    if (hear.type === 'MENU') {
      const suggestions = this.#choices();
      if (suggestions.length === 0) throw new BasicError('type_mismatch', hear.position, 'no choices for a menu', 'a list');
      const last = turn.replies.at(-1);
      if (last && !last.suggestions) turn.replies[turn.replies.length - 1] = { ...last, suggestions };
      else turn.replies.push({ text: askAgain('CHOOSE', this.locale), suggestions });
    }
    let snapshot: Uint8Array;
    try {
      snapshot = this.#writer.write(this.heap, map, hashBytes, turn.input.limits.snapshotBytesMax);
    } catch (error) {
      throw error instanceof BasicError ? new BasicError(error.code, hear.position, ...error.args) : error;
    }
    this.#finish(turn, { status: 'waiting', snapshot, error: null });
  }

  #finish(turn: RunningTurn, end: Pick<TurnOutput, 'status' | 'snapshot' | 'error'>): void {
    turn.output = { ...end, replies: turn.replies, fuelUsed: turn.fuelUsed };
    if (this.#resident === turn) this.#leave();
  }

  /** What was said before a failure is kept: the person may have seen it stream by. */
  #fail(turn: RunningTurn, error: unknown): void {
    if (error instanceof ProgramEnded) return this.#finish(turn, { status: 'finished', snapshot: null, error: null });
    const { map } = turn.program;
    const { code, position, args } = this.#diagnose(error, map);
    const { file, line, column, word } = placeOf(map, position);
    const place =
      line > 0
        ? ` (${file}, ${this.locale === 'pt-BR' ? 'linha' : 'line'} ${line}${word && word !== '=' ? `, ${word}` : ''})`
        : '';
    const locale = turn.input.locale;
    this.#finish(turn, {
      status: 'failed',
      snapshot: null,
      error: { code, message: sentence(code, locale, args) + place, file, line, column },
    });
  }

  #diagnose(
    error: unknown,
    map: DebugMap,
  ): { code: RuntimeErrorCode; position: number | null; args: readonly (string | number)[] } {
    if (error instanceof BasicError)
      return { code: error.code, position: error.position ?? markedPosition(error, map), args: error.args };
    // The stack of the machine itself ran out before our own count did, in procedures with very many variables.
    if (error instanceof RangeError) return { code: 'recursion_too_deep', position: markedPosition(error, map), args: [] };
    const message = error instanceof Error ? error.message : String(error);
    return { code: 'internal', position: error instanceof Error ? markedPosition(error, map) : null, args: [message] };
  }

  #leave(): void {
    this.#resident = null;
  }
}

/** Finds the statement in the stack trace: engines name the byte offset in the module, the debug map says what begins there. */
function markedPosition(error: Error, map: DebugMap): number | null {
  const match = /wasm-function\[\d+\](?:\S*?):0x([0-9a-f]+)/.exec(error.stack ?? '');
  if (!match) return null;
  // Helpers come after the procedures; their frames have no mark, so look at each frame from the innermost out.
  for (const [, hex] of (error.stack ?? '').matchAll(/wasm-function\[\d+\](?:\S*?):0x([0-9a-f]+)/g)) {
    const offset = Number.parseInt(hex!, 16);
    const position = positionAt(map.marks, offset);
    if (position !== null) return position;
  }
  return null;
}

function positionAt(marks: DebugMap['marks'], offset: number): number | null {
  let low = 0;
  let high = marks.length - 1;
  if (high < 0 || marks[0]![0] > offset) return null;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (marks[middle]![0] <= offset) low = middle;
    else high = middle - 1;
  }
  const position = marks[low]![1];
  return position < 0 ? null : position;
}
