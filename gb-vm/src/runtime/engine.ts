import type { CompiledProgram, OperationRequest, TurnOutput } from 'gb-core';
import type { ErrorCode } from 'gb-protocol';
import { GbError, LruMap } from 'gb-utils';
import { abiVersion, constantBase, type DebugMap, frame, frameBase, header, status, tag } from '../compiler/layout.ts';
import type { Profile } from '../compiler/profile.ts';
import { controlFunctions } from './control.ts';
import { BasicError, nameFunction, ProgramEnded, placeOf, type RuntimeErrorCode, sentence } from './errors.ts';
import { callersOf, diagnose, goOnAtHandler } from './failure.ts';
import { dateFunctions } from './functions/dates.ts';
import { formatFunctions } from './functions/format.ts';
import { fromJson, toJson } from './functions/json.ts';
import { listFunctions } from './functions/lists.ts';
import { numberFunctions } from './functions/numbers.ts';
import { seedRandom } from './functions/random.ts';
import { textFunctions } from './functions/text.ts';
import { parseNumber, toText, valueFunctions } from './functions/values.ts';
import { Heap, ListRef, ObjectRef } from './heap.ts';
import { askAgain, readAnswer, readChoice } from './hear.ts';
import type { Host, HostFunction, HostFunctions } from './host.ts';
import { printFunctions } from './print/functions.ts';
import { type InputKind, readInput, retryText } from './print/input.ts';
import { Printer } from './print/printer.ts';
import { fileMeant, replyOf } from './shown.ts';
import { refusal, restore, SnapshotWriter } from './snapshot.ts';
import { tableText } from './table-text.ts';
import {
  type EngineInput,
  type Instance,
  type JsonValue,
  type Loaded,
  type LoadedProgram,
  type Operations,
  RunningTurn,
  type Turn,
  talkCharactersMax,
} from './turn.ts';

export type { EngineConsole, EngineInput, JsonValue, LoadedProgram, Operations, Turn } from './turn.ts';

export interface EngineOptions {
  /** Loop iterations and calls after which other turns get their chance. */
  readonly sliceFuel?: number;
  /** How long a turn may run before others get their chance, whatever fuel is left: where work grows with its data, fuel is slow. */
  readonly sliceMs?: number;
  /** How long a plain procedure, which cannot give way, may run in one go by the clock. Noticed where it asks the host. */
  readonly sliceMsMax?: number;
  /** Loop iterations and calls a plain procedure may run in one go: what bounds those that ask the host nothing. */
  readonly plainFuelMax?: number;
  /** What slices and `wallMsMax` are measured by, in ms; the time of day when nothing is said. */
  readonly clockMs?: () => number;
  /** Compiled programs kept ready. */
  readonly programsMax?: number;
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
const firstSliceFuel = 65_536;
/** Fuel of one go as the gauge can hold it. */
const goFuelMax = 0x7ffe0000;
/** Charges are passed on to the fuel gauge in portions, because reading it from outside is slow. */
const chargePortion = 1000;
/** A plain procedure cannot give way. It ends before the watch takes the thread for stuck, and other turns with it. */
const defaultSliceMsMax = 500;
/** Machine code of the programs kept ready is several times the size of what is counted here. */
const programBytesMax = 64 * 1024 * 1024;

class Engine implements TurnEngine, Host {
  readonly memory = new WebAssembly.Memory({ initial: initialPages, maximum: pagesMax });
  readonly heap = new Heap(this.memory);
  nowMs = 0;
  locale: 'en' | 'pt-BR' = 'en';
  utcOffsetMinutes = 0;
  profile: Profile = 'bot';
  printer = new Printer('bot', () => {});
  readonly #sliceFuel: number;
  readonly #sliceMs: number;
  readonly #sliceMsMax: number;
  readonly #plainFuelMax: number;
  readonly #clockMs: () => number;
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
    this.#sliceMs = options.sliceMs ?? Number.POSITIVE_INFINITY;
    this.#sliceMsMax = options.sliceMsMax ?? defaultSliceMsMax;
    this.#plainFuelMax = Math.min(options.plainFuelMax ?? goFuelMax, goFuelMax);
    this.#clockMs = options.clockMs ?? (() => performance.now());
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
      ...printFunctions(this),
      ...controlFunctions(this, () => this.#resident!.program.map),
      randomize: (seed) => seedRandom(this.heap, Number.isNaN(seed!) ? this.nowMs : seed!),
      talk: (cell, position) => {
        const text = this.heap.text(cell!);
        this.#charge(10 + (text.length >>> 6));
        this.#resident!.talk(text, position!);
      },
      talkValue: (low, high, position) => this.#talkValue(low!, high!, position!),
      returned: (low, high, position) => {
        const json = toJson(this.heap, this.heap.value(low!, high!), position!);
        this.#charge(json.length >>> 4);
        this.#resident!.returned = JSON.parse(json) as JsonValue;
      },
    });
  }

  /** Each call of the host costs at least what a loop round does, so that none can be made millions of times unseen. */
  #metered(functions: HostFunctions): HostFunctions {
    const metered = Object.entries(functions).map(([name, call]): [string, HostFunction] => [
      name,
      // Named, because gathering arguments into an array costs more than most of these calls; no function has more.
      (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => {
        if (++this.#debt >= chargePortion) this.#charge(0);
        this.heap.charactersRead = 0;
        try {
          return call(a, b, c, d, e, f, g);
        } catch (error) {
          nameFunction(error, name);
          throw error;
        }
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
      if (map.abi !== abiVersion) throw new Error(`it was made for version ${map.abi} of the machine; publish the bot again`);
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
    this.#sliceStart = this.#clockMs();
    this.heap.charactersRead = 0;
    try {
      if (this.#resident !== running) this.#enter(running);
      if (running.output) return;
    } catch (error) {
      return this.#fail(running, error);
    }
    try {
      this.#run(running);
    } catch (error) {
      if (!goOnAtHandler(this, running, error)) return this.#fail(running, error);
    }
    if (running.output) return;
    try {
      this.#between(running);
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
      const now = this.#clockMs();
      other.wallMs += now - this.#sliceStart;
      this.#sliceStart = now;
    }
    this.#wipe();
    this.nowMs = turn.input.nowMs;
    this.locale = turn.input.locale;
    this.utcOffsetMinutes = turn.input.utcOffsetMinutes ?? 0;
    this.profile = turn.program.map.profile ?? 'bot';
    this.printer = turn.printer;
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
    const room = Math.min(Math.max(compactBytesMin, live), heap.roomUntilSwept(heap.word(header.hp)));
    heap.setWord(header.heapLimit, Math.min(this.memory.buffer.byteLength, heap.word(header.hp) + room));
  }

  /** Gives the program the variables of the host: all at a start, later those it never assigns itself. */
  #provide(turn: RunningTurn, isRefresh: boolean): void {
    for (const { name, slot, isRefreshed } of turn.program.map.host) {
      if (isRefresh && !isRefreshed) continue;
      // A script may well call a variable `constructor`.
      const value = Object.hasOwn(turn.input.variables, name) ? turn.input.variables[name] : undefined;
      const at = frameBase + frame.slots + 8 * slot;
      if (typeof value === 'object' && value !== null)
        this.heap.setValueAt(at, fromJson(this.heap, JSON.stringify(value), turn.program.map.procedures[0]!.size));
      else if (value !== undefined || isRefresh) this.heap.setValueAt(at, value ?? null);
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
    if (hear.type === 'INPUT') return this.#continueInput(turn, image, hear);
    if (hear.type === 'OPERATION') return this.#continueOperation(turn, hear);
    if (turn.input.isTimedOut) {
      this.#answered(turn);
      turn.refused = new BasicError('hear_timed_out', hear.position);
      return;
    }
    const file = hear.isAny ? fileMeant(hear.type, turn.input.files ?? []) : null;
    if (file) {
      this.#answered(turn);
      heap.setValueAt(header.mail, fromJson(heap, JSON.stringify(file), hear.position));
      return;
    }
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
      turn.reply({ text: askAgain(hear.type, this.locale), ...suggestions });
      return this.#finish(turn, { status: 'waiting', snapshot: image, error: null, ...secrecyOf(hear.type) });
    }
    this.#answered(turn);
    if (hear.isAny) heap.setValueAt(header.mail, answer);
    else if (typeof answer === 'string') heap.setWord(header.mail, heap.makeText(answer));
    else if (typeof answer === 'number') heap.f64[header.mail >>> 3] = answer;
    else heap.setWord(header.mail, Number(answer));
  }

  #answered(turn: RunningTurn): void {
    const { heap } = this;
    heap.setWord(header.hearing, 0);
    heap.setWordsAt(header.choices, 0, tag.null);
    heap.setWordsAt(header.fallback, 0, tag.null);
    this.#provide(turn, true);
  }

  /** What the host did meanwhile, in another process perhaps. */
  #continueOperation(turn: RunningTurn, hear: DebugMap['hears'][number]): void {
    const { result } = turn.input;
    if (!result) throw new BasicError('snapshot_invalid', hear.position, 'waits for the host, not for an answer');
    this.heap.setWord(header.hearing, 0);
    this.#provide(turn, true);
    this.#give(turn, hear, 'unavailable' in result ? null : result);
  }

  /** The line of INPUT as a list of values, one for each variable; what does not fit is asked for again. */
  #continueInput(turn: RunningTurn, image: Uint8Array, hear: DebugMap['hears'][number]): void {
    const { heap, profile, locale } = this;
    const kinds = [...(hear.kinds ?? '')];
    const wanted = kinds.map((kind): InputKind => (kind === 'n' ? 'n' : 's'));
    const reading = readInput(profile, wanted, turn.input.answer ?? '', hear.isLine ?? false, locale);
    if ('problem' in reading) {
      const asked = toText(heap, heap.valueAt(header.fallback));
      const again = retryText(profile, locale, reading.problem);
      // ECMA-55 reports what is wrong with a reply; that is not output of the program.
      if (profile === 'minimal' && turn.input.console) turn.input.console.warn(again);
      else turn.printer.text(`${again}\n`);
      turn.printer.text(asked);
      turn.flushPrinted();
      return this.#finish(turn, { status: 'waiting', snapshot: image, error: null });
    }
    if (reading.notice) turn.printer.text(`${reading.notice}\n`);
    this.#answered(turn);
    const values = reading.values.map((value, index) =>
      kinds[index] === 'a' && typeof value === 'string' && !hear.isLine ? (parseNumber(value) ?? value) : value,
    );
    heap.setValueAt(header.mail, new ListRef(heap.makeListOf(values)));
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
    // The first slices are short: code that was just compiled runs slowly until the engine's better compiler is done,
    // and only a new entry picks up what it made.
    this.#slice = Math.max(1, Math.min(this.#sliceFuel, budget, firstSliceFuel * 2 ** Math.min(turn.slices++, 16)));
    this.#debt = 0;
    this.#isPressed = false;
    instance.fuel.value = this.#slice;
    instance.floor.value = Math.max(-0x7fff0000, this.#slice - Math.max(1, Math.min(budget, this.#plainFuelMax)));
    instance.depth.value = 0;
    this.#takeResult(turn);
    const { refused } = turn;
    turn.refused = null;
    if (refused) throw refused;
    try {
      const result = instance.resume();
      this.#count(turn);
      if (result === status.waiting) this.#wait(turn);
      else if (result !== status.sliceUsed) this.#end(turn);
    } finally {
      this.#count(turn);
    }
  }

  /** Adds what was used since the last count. */
  #count(turn: RunningTurn): void {
    const { fuel } = turn.program.instance;
    turn.fuelUsed += Math.max(0, this.#slice - fuel.value + this.#debt);
    this.#slice = fuel.value;
    this.#debt = 0;
  }

  /** What an operation gave waits where images keep it, because other turns may have run meanwhile. */
  #takeResult(turn: RunningTurn): void {
    if (!turn.hasResult) return;
    turn.hasResult = false;
    const { heap } = this;
    heap.setWordsAt(header.result, heap.word(header.choices), heap.word(header.choices + 4));
    heap.setWordsAt(header.choices, 0, tag.null);
  }

  #end(turn: RunningTurn): void {
    turn.flushPrinted();
    this.#finish(turn, { status: 'finished', snapshot: null, error: null });
  }

  /** After a slice, an operation or a handled error: whatever a turn stops for, it meets its limits here. */
  #between(turn: RunningTurn): void {
    const { limits } = turn.input;
    const position = this.heap.word(header.position);
    if (turn.fuelUsed >= limits.fuelMax) throw new BasicError('fuel_exhausted', position);
    if (this.#isPressed) this.#compact(turn, position);
    turn.wallMs += this.#clockMs() - this.#sliceStart;
    if (turn.wallMs > limits.wallMsMax) throw new BasicError('time_exhausted', position);
  }

  /** Between two slices everything is in frames, so the heap may move: write the live part out and put it back. */
  #compact(turn: RunningTurn, position: number): void {
    const image = this.#image(turn, position);
    this.#wipe();
    turn.program.instance.loadConstants();
    this.#putBack(turn, image);
  }

  /** What a turn has in memory, to be put back in this process. */
  #image(turn: RunningTurn, position: number | null = null): Uint8Array {
    try {
      return this.#writer.writeLoose(this.heap, turn.program.map, turn.program.hashBytes, turn.input.limits.memoryBytesMax);
    } catch (error) {
      // Texts that shared a buffer are written apart, so the image of a full heap may be larger than the heap.
      throw error instanceof BasicError && error.code === 'snapshot_too_large'
        ? new BasicError('out_of_memory', position)
        : error;
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
    const sliceMs = this.#clockMs() - this.#sliceStart;
    // The slice ends at the next safe point when memory is short, for there the heap is compacted, and when others waited.
    if ((this.#isPressed || sliceMs > this.#sliceMs) && left > 0) {
      this.#slice -= left;
      fuel.value = 0;
      floor.value -= left;
    }
    if (sliceMs > this.#sliceMsMax || turn.wallMs + sliceMs > turn.input.limits.wallMsMax)
      throw new BasicError('time_exhausted', null);
  }

  /** Exceptions a program goes on after: for whoever sits at the console; a person in a chat is not troubled with them. */
  warn(code: RuntimeErrorCode, position: number): void {
    const turn = this.#resident!;
    this.#charge(100);
    turn.input.console?.warn(sentence(code, this.locale) + this.#at(placeOf(turn.program.map, position)));
  }

  #at({ file, shownLine: line, word }: ReturnType<typeof placeOf>, callers: readonly ReturnType<typeof placeOf>[] = []): string {
    if (line <= 0) return '';
    const isPortuguese = this.locale === 'pt-BR';
    const lineWord = isPortuguese ? 'linha' : 'line';
    // A script is named where the chain goes over into it.
    const from = callers
      .map((at, index) => {
        const isSame = at.file === (callers[index - 1]?.file ?? file);
        return `${isSame ? '' : `${at.file} `}${lineWord} ${at.shownLine}`;
      })
      .join(', ');
    const chain = from ? `; ${isPortuguese ? 'chamado em' : 'called from'} ${from}` : '';
    return ` (${file}, ${lineWord} ${line}${word && word !== '=' ? `, ${word}` : ''}${chain})`;
  }

  // Ends of a turn

  #wait(turn: RunningTurn): void {
    const hear = turn.program.map.hears[this.heap.word(header.hearing) - 1]!;
    try {
      if (hear.type === 'OPERATION') this.#operate(turn, hear);
      else this.#ask(turn, hear);
    } catch (error) {
      throw error instanceof BasicError && error.position === null
        ? new BasicError(error.code, hear.position, ...error.args)
        : error;
    }
  }

  #ask(turn: RunningTurn, hear: DebugMap['hears'][number]): void {
    const { map, hashBytes } = turn.program;
    turn.flushPrinted();
    if (hear.type === 'MENU') {
      const choices = this.#choices();
      if (choices.length === 0) throw new BasicError('type_mismatch', hear.position, 'no choices for a menu', 'a list');
      turn.offer(choices);
    } else this.#suggest(turn);
    const snapshot = this.#writer.write(this.heap, map, hashBytes, turn.input.limits.snapshotBytesMax);
    this.#finish(turn, { status: 'waiting', snapshot, error: null, ...secrecyOf(hear.type) });
  }

  /** A file, a card, a form, or several: shown as what it is. Everything else is text. */
  #talkValue(low: number, high: number, position: number): void {
    const { heap } = this;
    const turn = this.#resident!;
    const value = heap.value(low, high);
    if (value instanceof ObjectRef || value instanceof ListRef) {
      const plain = JSON.parse(toJson(heap, value, position)) as JsonValue;
      const reply = replyOf(plain);
      if (reply && !turn.input.console) {
        this.#charge(100);
        return turn.show(reply, position);
      }
      const table = turn.input.console ? null : tableText(plain, turn.input.tables ?? {}, this.locale);
      if (table !== null) {
        this.#charge(10 + (table.length >>> 4));
        return turn.talk(table, position);
      }
    }
    const text = toText(heap, value);
    this.#charge(10 + (text.length >>> 6));
    turn.talk(text, position);
  }

  /** What ADD SUGGESTION collected is shown with the question it helps to answer. */
  #suggest(turn: RunningTurn): void {
    const taken = turn.input.operations?.('TAKE SUGGESTIONS', {}) ?? null;
    if (taken === null || !('value' in taken) || !Array.isArray(taken.value) || taken.value.length === 0) return;
    turn.offer(taken.value.map(String));
  }

  /** Lets the host do what the program asked for, and puts the result where it will look for it. */
  #operate(turn: RunningTurn, hear: DebugMap['hears'][number]): void {
    const { heap } = this;
    const name = hear.name ?? '';
    heap.setWord(header.position, hear.position);
    const args = JSON.parse(toJson(heap, heap.valueAt(header.choices), hear.position)) as Record<string, JsonValue>;
    heap.setWordsAt(header.choices, 0, tag.null);
    this.#charge(100);
    if (!turn.input.operations && turn.input.takesRequests) return this.#request(turn, { name, args });
    heap.setWord(header.hearing, 0);
    const asked = this.#clockMs();
    const answer = turn.input.operations?.(name, args) ?? null;
    // It holds the thread as the program does, but is no reason to stop a slice.
    const tookMs = this.#clockMs() - asked;
    turn.wallMs += tookMs;
    this.#sliceStart += tookMs;
    this.#give(turn, hear, answer);
    const { refused } = turn;
    turn.refused = null;
    if (refused) throw refused;
  }

  /** Puts a result where images keep it until the program takes it; what the host refused is raised when the program runs. */
  #give(turn: RunningTurn, { name = '', position }: DebugMap['hears'][number], answer: ReturnType<Operations>): void {
    if (answer === null) turn.refused = new BasicError('operation_unavailable', position, name);
    else if ('error' in answer) turn.refused = new BasicError(answer.code ?? 'operation_failed', position, name, answer.error);
    else {
      const value = fromJson(this.heap, JSON.stringify(answer.value ?? null), position);
      this.heap.setValueAt(header.choices, value);
      turn.hasResult = true;
    }
  }

  /** The host answers later: the turn ends here, and goes on in another. */
  #request(turn: RunningTurn, request: OperationRequest): void {
    const { map, hashBytes } = turn.program;
    turn.flushPrinted();
    const snapshot = this.#writer.write(this.heap, map, hashBytes, turn.input.limits.snapshotBytesMax);
    this.#finish(turn, { status: 'waiting', snapshot, error: null, request });
  }

  #finish(turn: RunningTurn, end: Pick<TurnOutput, 'status' | 'snapshot' | 'error' | 'request' | 'asksSecret'>): void {
    if (turn.input.console && end.status === 'finished' && turn.printer.column > 0) turn.printer.line();
    const returned = turn.returned === undefined ? {} : { returned: turn.returned };
    turn.output = { ...end, ...returned, replies: turn.replies, fuelUsed: turn.fuelUsed };
    if (this.#resident === turn) this.#leave();
  }

  /** What was said before a failure is kept: the person may have seen it stream by. */
  #fail(turn: RunningTurn, error: unknown): void {
    if (error instanceof ProgramEnded) {
      try {
        return this.#end(turn);
      } catch (tooMuch) {
        return this.#fail(turn, tooMuch);
      }
    }
    const fits = turn.talkCharacters + turn.printed.length <= talkCharactersMax;
    if (fits && turn.replies.length < turn.input.limits.messagesMax) turn.flushPrinted();
    const { map } = turn.program;
    const { code, position, args } = diagnose(error, map);
    const at = placeOf(map, position);
    const { file, line, column } = at;
    const place = this.#at(at, callersOf(this.heap, error, map));
    const locale = turn.input.locale;
    this.#finish(turn, {
      status: 'failed',
      snapshot: null,
      error: {
        code,
        message: ((error instanceof BasicError ? error.said : null) ?? sentence(code, locale, args)) + place,
        file,
        line,
        column,
      },
    });
  }

  #leave(): void {
    this.#resident = null;
  }
}

function secrecyOf(type: string): { readonly asksSecret?: true } {
  return type === 'PASSWORD' ? { asksSecret: true } : {};
}
