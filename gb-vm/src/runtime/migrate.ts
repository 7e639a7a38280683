import type { CompiledProgram } from 'gb-core';
import { type DebugMap, frame, frameBase, frameBytesMax, type SlotType, tag } from '../compiler/layout.ts';
import { align } from './align.ts';
import { constantsOf } from './constants.ts';
import { crc32c } from './crc32c.ts';
import { HeapMove } from './migrate-heap.ts';
import { refusal } from './snapshot.ts';

/** Why a conversation cannot go on in another program, for whoever asked for it. */
export interface MigrationRefused {
  readonly reason: { readonly en: string; readonly pt: string };
}

/**
 * A waiting conversation of one program as one of another: of the next version of a bot, or of the stepping build that a
 * debugger runs. It waits at the same statement, found by its text and its place among the others, with the same values
 * in the variables of the same names; variables that are new have no value yet. What cannot be carried over faithfully is
 * refused with a reason: a HEAR that is gone or stands in another loop, a procedure in the middle of its work that is
 * gone, a value that its variable cannot hold any more. Pure; takes time by the sizes of the snapshot and the programs.
 */
export function migrateSnapshot(snapshot: Uint8Array, from: CompiledProgram, to: CompiledProgram): Uint8Array | MigrationRefused {
  const [fromMap, toMap] = [from, to].map(({ debugMap }) => JSON.parse(debugMap) as DebugMap) as [DebugMap, DebugMap];
  const problem = refusal(snapshot, fromMap, hashBytesOf(from.hash), Number.POSITIVE_INFINITY);
  if (problem) return { reason: { en: `the snapshot cannot be read: ${problem}`, pt: `o estado não pode ser lido: ${problem}` } };
  if (from.hash === to.hash) return snapshot;
  try {
    return new Migration(snapshot, fromMap, constantsOf(from.wasm), toMap, to.hash).run();
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.reason };
    throw error;
  }
}

class Refusal extends Error {
  readonly reason: MigrationRefused['reason'];
  constructor(en: string, pt: string) {
    super(en);
    this.reason = { en, pt };
  }
}

type ProcedureMap = DebugMap['procedures'][number];

const headBytes = 64;
const nullWords = [0, tag.null] as const;

class Migration {
  readonly #image: Uint8Array;
  readonly #view: DataView;
  readonly #from: DebugMap;
  readonly #to: DebugMap;
  readonly #hash: string;
  readonly #heap: HeapMove;
  /** By number of the old procedure. */
  readonly #pairs = new Map<number, Pair>();

  constructor(image: Uint8Array, from: DebugMap, constants: Uint8Array, to: DebugMap, hash: string) {
    this.#image = image;
    this.#view = new DataView(image.buffer, image.byteOffset, image.byteLength);
    this.#from = from;
    this.#to = to;
    this.#hash = hash;
    const heapStart = align16(headBytes + this.#view.getUint32(16, true));
    this.#heap = new HeapMove(image.subarray(heapStart, heapStart + this.#view.getUint32(20, true)), {
      from: from.heapBase,
      to: to.heapBase,
      constants,
      emptyText: to.emptyText,
    });
  }

  run(): Uint8Array {
    const olds = this.#frames();
    const sizes = olds.map((old) => this.#to.procedures[this.#pair(this.#word(old + frame.procedure)).number]!.size);
    const frameBytes = sizes.reduce((sum, size) => sum + size, 0);
    if (frameBytes > frameBytesMax)
      throw new Refusal(
        'the calls it waits in need more room than there is',
        'as chamadas em que ela espera precisam de mais espaço do que há',
      );
    const heapStart = align16(headBytes + frameBytes);
    const head = new Uint8Array(heapStart);
    const view = new DataView(head.buffer);
    head.set(this.#image.subarray(0, headBytes));
    head.set(hashBytesOf(this.#hash).subarray(0, 8), 8);
    let [at, previous] = [frameBase, 0];
    // From main outwards to the one that runs, as they lie.
    olds.toReversed().forEach((old, index) => {
      const isTop = index === olds.length - 1;
      const pair = this.#pair(this.#word(old + frame.procedure));
      const place = headBytes + at - frameBase;
      const point = this.#pointOf(pair, this.#word(old + frame.state), isTop);
      view.setUint32(place + frame.procedure, pair.number, true);
      view.setUint32(place + frame.state, point.block, true);
      view.setUint32(place + frame.previous, previous, true);
      view.setUint32(place + frame.size, pair.to.size, true);
      if (isTop) view.setUint32(28, point.wait, true);
      this.#slots(pair, point.carried, old, view, place + frame.slots);
      previous = at;
      at += pair.to.size;
    });
    view.setUint32(16, frameBytes, true);
    view.setUint32(24, previous, true);
    for (const variant of [32, 40])
      view.setUint32(variant, this.#heap.variant(view.getUint32(variant, true), view.getUint32(variant + 4, true)), true);
    this.#heap.follow();
    const heap = this.#heap.bytes();
    view.setUint32(20, heap.length, true);
    const image = new Uint8Array(heapStart + heap.length + 4);
    image.set(head);
    image.set(heap, heapStart);
    new DataView(image.buffer).setUint32(image.length - 4, crc32c(image, image.length - 4), true);
    return image;
  }

  /** Addresses of the frames, the running one first. */
  #frames(): number[] {
    const found: number[] = [];
    const end = frameBase + this.#view.getUint32(16, true);
    for (let at = this.#view.getUint32(24, true); at !== 0; at = this.#word(at + frame.previous)) {
      const below = found.at(-1) ?? end;
      if (at < frameBase || at >= below || !this.#from.procedures[this.#word(at + frame.procedure)])
        throw new Refusal(
          'the snapshot cannot be read: its calls are not in order',
          'o estado não pode ser lido: suas chamadas estão fora de ordem',
        );
      found.push(at);
    }
    return found;
  }

  /** A word of the old frames, by its address in memory. */
  #word(address: number): number {
    return this.#view.getUint32(headBytes + address - frameBase, true);
  }

  #pair(number: number): Pair {
    const known = this.#pairs.get(number);
    if (known) return known;
    const from = this.#from.procedures[number]!;
    // The main program is the first, whatever its script is called.
    const other = number === 0 ? 0 : this.#to.procedures.findIndex(({ name }, index) => index > 0 && same(name, from.name));
    const to = this.#to.procedures[other];
    if (!to)
      throw new Refusal(
        `it waits inside ${from.name}, which is gone or does not wait any more`,
        `ela espera dentro de ${from.name}, que não existe mais ou não espera mais`,
      );
    const pair = new Pair(from, to, other);
    this.#pairs.set(number, pair);
    return pair;
  }

  /** The block where a frame goes on; `isTop` is the frame that waits, the others wait for a call. */
  #pointOf(pair: Pair, block: number, isTop: boolean): Point {
    const point = pair.pointOf(block, isTop);
    if (point === 'gone') {
      const place = this.#placeOf(pair, block, isTop);
      throw new Refusal(
        `the statement it waits at is gone or changed: ${place.en}`,
        `o comando em que ela espera sumiu ou mudou: ${place.pt}`,
      );
    }
    if (point === 'moved') {
      const place = this.#placeOf(pair, block, isTop);
      throw new Refusal(
        `the statement it waits at stands in another loop or TRY now: ${place.en}`,
        `o comando em que ela espera está em outro laço ou TRY agora: ${place.pt}`,
      );
    }
    return point;
  }

  #placeOf(pair: Pair, block: number, isTop: boolean): { en: string; pt: string } {
    const wait = this.#view.getUint32(28, true);
    const number = isTop ? this.#from.hears[wait - 1]?.position : pair.from.calls?.find(([one]) => one === block)?.[1];
    const position = number === undefined ? undefined : this.#from.positions[number];
    if (!position) return { en: pair.from.name, pt: pair.from.name };
    const [file, line, , word] = position;
    const name = this.#from.files[file] ?? '';
    return { en: `${word}, ${name} line ${line}`, pt: `${word}, ${name} linha ${line}` };
  }

  // Variables

  #slots(pair: Pair, carried: Carried, old: number, view: DataView, at: number): void {
    for (const [slot, [, type]] of pair.to.slots.entries()) {
      const before = carried.slots[slot];
      const put = (low: number, high: number): void => {
        view.setUint32(at + 8 * slot, low, true);
        view.setUint32(at + 8 * slot + 4, high, true);
      };
      if (before === undefined || before < 0) {
        put(...this.#nothing(type));
        continue;
      }
      const [name, oldType] = pair.from.slots[before]!;
      const address = old + frame.slots + 8 * before;
      const [low, high] = [this.#word(address), this.#word(address + 4)];
      const role = carried.roles[slot] ?? '';
      if (role[0] === '@' || role[0] === '#') {
        view.setFloat64(at + 8 * slot, this.#block(carried, role, this.#number(address)), true);
        continue;
      }
      if (role[0] === '*' && high === tag.array) {
        const isMapped = this.#heap.changeNumbers(low, (block) => carried.blockOf(block));
        if (!isMapped)
          throw new Refusal(
            'a GOSUB it has yet to return from is gone or changed',
            'um GOSUB do qual ela ainda não voltou sumiu ou mudou',
          );
      }
      const words = this.#converted(low, high, oldType, type);
      if (!words)
        throw new Refusal(
          `${name || 'a value in the middle of a statement'} cannot hold what it holds now`,
          `${name || 'um valor no meio de um comando'} não pode mais guardar o que guarda agora`,
        );
      put(...words);
    }
  }

  #number(address: number): number {
    return this.#view.getFloat64(headBytes + address - frameBase, true);
  }

  /** What catches errors, or where a loop goes round: a block that must still be there if it is still wanted. */
  #block(carried: Carried, role: string, value: number): number {
    const shift = role[0] === '@' ? 1 : 0;
    if (value < shift) return value;
    const block = carried.blockOf(value - shift);
    if (block !== null) return block + shift;
    // These are written anew by each statement, and read only while an error is being handled.
    if (/^#~(at|next|failedAt|failedNext)$/.test(role)) return 0;
    throw role.startsWith('@start')
      ? new Refusal('a loop it is in is gone or changed', 'um laço em que ela está sumiu ou mudou')
      : new Refusal('what handles its errors is gone or changed', 'o que trata os erros dela sumiu ou mudou');
  }

  #nothing(type: SlotType): readonly [number, number] {
    if (type === 'a') return nullWords;
    return type === 's' ? [this.#to.emptyText, 0] : [0, 0];
  }

  /** The value as the new slot holds it; null when it cannot. */
  #converted(low: number, high: number, from: SlotType, to: SlotType): readonly [number, number] | null {
    if (from === to) {
      if (from === 's' || from === 'p') return low === 0 ? this.#nothing(to) : [this.#heap.address(low), 0];
      return from === 'a' ? [this.#heap.variant(low, high), high] : [low, high];
    }
    const [oldLow, oldHigh] = asVariant(low, high, from);
    if (to === 'a') return [this.#heap.variant(oldLow, oldHigh), oldHigh];
    if (oldHigh === tag.null) return this.#nothing(to);
    if (to === 's' && oldHigh === tag.string) return [this.#heap.address(oldLow), 0];
    if (to === 'b' && oldHigh === tag.boolean) return [oldLow, 0];
    if (to === 'n' && !isTagged(oldHigh)) return [oldLow, oldHigh];
    if (to === 'p' && oldHigh === tag.array && this.#heap.isNumbers(oldLow)) return [this.#heap.address(oldLow), 0];
    // A variable nobody gave a value yet may become anything.
    return this.#isNothing(low, high, from) ? this.#nothing(to) : null;
  }

  #isNothing(low: number, high: number, type: SlotType): boolean {
    if (type === 's') return low === 0 || low === this.#from.emptyText;
    return type === 'a' ? high === tag.null : low === 0 && high === 0;
  }
}

function asVariant(low: number, high: number, type: SlotType): readonly [number, number] {
  if (type === 's') return low === 0 ? nullWords : [low, tag.string];
  if (type === 'p') return low === 0 ? nullWords : [low, tag.array];
  return type === 'b' ? [low, tag.boolean] : [low, high];
}

const isTagged = (high: number): boolean => high >= tag.null && high <= tag.object;

interface Point {
  readonly block: number;
  readonly wait: number;
  readonly carried: Carried;
}

/** A procedure before and after. */
class Pair {
  readonly from: ProcedureMap;
  readonly to: ProcedureMap;
  readonly number: number;
  /** By old statement the new one. */
  readonly #statements: readonly (number | null)[];

  constructor(from: ProcedureMap, to: ProcedureMap, number: number) {
    this.from = from;
    this.to = to;
    this.number = number;
    if (!from.identity || !to.identity)
      throw new Refusal(
        'it was compiled by a version that cannot move conversations',
        'foi compilado por uma versão que não sabe mover conversas',
      );
    this.#statements = align(from.identity.statements, to.identity.statements);
  }

  /** Where a call or a wait goes on. */
  pointOf(old: number, isWaiting: boolean): Point | 'gone' | 'moved' {
    const base = new Carried(this.from, this.to, this.#statements);
    for (const { statement, role } of base.namesOf(old)) {
      const found = base.placeOf(statement, role);
      // A call may be followed by the same block as a statement begins with; only its own name says that it goes on there.
      if (!found || (isWaiting ? found.wait === 0 : role[0] !== 'c')) continue;
      const around = this.#around(statement);
      return around ? { ...found, carried: new Carried(this.from, this.to, around) } : 'moved';
    }
    return 'gone';
  }

  /**
   * Loops and TRYs keep state in the frame, so those around the point must be the same ones, from the outermost in. Many
   * look alike; whatever else they were taken for, here they are what stands around the same point.
   */
  #around(statement: number): (number | null)[] | null {
    const [before, after] = [this.from.identity!, this.to.identity!];
    const old = keepersAround(before, statement);
    const now = keepersAround(after, this.#statements[statement] ?? -1);
    if (old.length !== now.length) return null;
    const statements = [...this.#statements];
    for (const [index, one] of old.entries()) {
      if (before.statements[one] !== after.statements[now[index]!]) return null;
      statements[one] = now[index]!;
    }
    return statements;
  }
}

/** What became of the blocks and slots of one frame. */
class Carried {
  /** By new slot: the old one, or -1; and its role, for those nobody named. */
  readonly slots: number[];
  readonly roles: string[] = [];
  readonly #statements: readonly (number | null)[];
  readonly #names = new Map<number, { statement: number; role: string }[]>();
  readonly #places = new Map<string, { block: number; wait: number }>();

  constructor(from: ProcedureMap, to: ProcedureMap, statements: readonly (number | null)[]) {
    this.#statements = statements;
    for (const [block, statement, role] of from.identity!.blocks) {
      const known = this.#names.get(block);
      if (known) known.push({ statement, role });
      else this.#names.set(block, [{ statement, role }]);
    }
    for (const [block, statement, role, wait = 0] of to.identity!.blocks)
      this.#places.set(`${statement} ${role}`, { block, wait });
    this.slots = to.slots.map(() => -1);
    const named = new Map(from.slots.flatMap(([name], slot) => (name === '' ? [] : [[name.toUpperCase(), slot] as const])));
    for (const [slot, [name]] of to.slots.entries()) if (name !== '') this.slots[slot] = named.get(name.toUpperCase()) ?? -1;
    const hidden = new Map(
      from.identity!.slots.map(([slot, statement, role]) => [
        `${statement < 0 ? -1 : (statements[statement] ?? 'gone')} ${role}`,
        slot,
      ]),
    );
    for (const [slot, statement, role] of to.identity!.slots) {
      this.slots[slot] = hidden.get(`${statement} ${role}`) ?? -1;
      this.roles[slot] = role;
    }
  }

  namesOf(old: number): readonly { readonly statement: number; readonly role: string }[] {
    return this.#names.get(old) ?? [];
  }

  blockOf(old: number): number | null {
    for (const { statement, role } of this.namesOf(old)) {
      const found = this.placeOf(statement, role);
      if (found) return found.block;
    }
    return null;
  }

  placeOf(statement: number, role: string): { block: number; wait: number } | undefined {
    const now = statement < 0 ? -1 : this.#statements[statement];
    return now === null || now === undefined ? undefined : this.#places.get(`${now} ${role}`);
  }
}

/** The statements around one that keep state, the outermost first. What an expression left behind is its own affair. */
function keepersAround({ parents, slots }: NonNullable<ProcedureMap['identity']>, statement: number): number[] {
  const keepers = new Set(slots.filter(([, , role]) => role[0] !== 'v').map(([, one]) => one));
  return ancestors(parents, statement)
    .filter((one) => keepers.has(one))
    .reverse();
}

function ancestors(parents: readonly number[], statement: number): number[] {
  const found: number[] = [];
  for (let at = parents[statement] ?? -1; at >= 0; at = parents[at] ?? -1) found.push(at);
  return found;
}

const same = (a: string, b: string): boolean => a.toUpperCase() === b.toUpperCase();

const align16 = (value: number): number => (value + 15) & ~15;

export function hashBytesOf(hash: string): Uint8Array {
  return Uint8Array.from(hash.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
