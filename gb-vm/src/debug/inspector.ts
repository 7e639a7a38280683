import { frame, frameBase } from '../compiler/layout.ts';
import { BasicError } from '../runtime/errors.ts';
import { fromPlain, type JsonValue, toPlain } from '../runtime/functions/json.ts';
import { type Heap, ListRef, ObjectRef, type Value } from '../runtime/heap.ts';
import { objectSize, valueAddressAt } from '../runtime/objects.ts';
import { type Frame, framesOf, rawFrames } from './frames.ts';
import { parsePath, type Step } from './path.ts';
import type { StopTable } from './program.ts';
import { holdsNumbersOnly, type Inside, inside, type Named, propertyName, type Shown, show, showCopy } from './values.ts';
import { TooLarge, type Watches } from './watch.ts';

export type Evaluated = Shown | { readonly problem: string };

/** Where a variable lies: 8 bytes, and how they are to be read. */
interface Place {
  readonly address: number;
  readonly type: string;
  readonly name: string;
}

/**
 * Looks into a program that stands still, and changes what is in it. What it hands out is good until the program runs on:
 * the heap moves between statements, so `inside` of an earlier stop is refused rather than followed.
 */
export class Inspector {
  readonly #heap: Heap;
  readonly #table: StopTable;
  readonly #watches: Watches;
  readonly #locale: 'en' | 'pt-BR';
  /** Counts the stops. */
  #moment = 0;

  constructor(heap: Heap, table: StopTable, watches: Watches, locale: 'en' | 'pt-BR') {
    this.#heap = heap;
    this.#table = table;
    this.#watches = watches;
    this.#locale = locale;
  }

  /** To be called whenever the program has run. */
  moved(): void {
    this.#moment++;
    this.#look();
  }

  /** The calls, the running one first. */
  frames(): Frame[] {
    this.#look();
    return framesOf(this.#heap, this.#table);
  }

  /** The variables of a call by name, as the procedure has them. */
  variables(frameIndex: number): Named[] {
    this.#look();
    return this.#places(frameIndex).map((place) => ({ name: place.name, ...show(this.#heap, this.#read(place), this.#moment) }));
  }

  /** The variables of the main program, which all procedures see. */
  globals(): Named[] {
    return this.variables(-1);
  }

  /** What is in a list or an object, from one place on. */
  inside(what: Inside, from = 0, count = 100): Named[] {
    this.#look();
    if ('ref' in what && what.moment !== this.#moment) return [];
    return [...inside(this.#heap, what, from, Math.min(count, insideMax))].map(([name, value]) => ({
      name,
      ...('ref' in what ? show(this.#heap, value as Value, this.#moment) : showCopy(value as JsonValue)),
    }));
  }

  /** A variable, something inside one (`a.b`, `a[1]`), or any expression of the language over the variables of the frame. */
  evaluate(frameIndex: number, text: string): Evaluated {
    this.#look();
    const path = parsePath(text);
    const found = path && this.#follow(frameIndex, path);
    if (found) return show(this.#heap, this.#read(found), this.#moment);
    const computed = this.compute(frameIndex, text);
    return 'problem' in computed ? computed : showCopy(computed.value);
  }

  /** The value of an expression as plain data. */
  compute(frameIndex: number, text: string): { readonly value: JsonValue } | { readonly problem: string } {
    this.#look();
    const places = [...this.#places(-1), ...this.#places(frameIndex)];
    const named = new Map(places.map((place) => [place.name.toUpperCase(), place]));
    return this.#watches.compute(
      text,
      places.map(({ name }) => name),
      (name) => this.#copy(this.#read(named.get(name.toUpperCase())!)),
    );
  }

  /** Gives a variable, an item or a property the value of an expression; `target` as in `evaluate`. */
  set(frameIndex: number, target: string, text: string): Evaluated {
    const computed = this.compute(frameIndex, text);
    return 'problem' in computed ? computed : this.assign(frameIndex, target, computed.value);
  }

  /** The same with a value that is there already. */
  assign(frameIndex: number, target: string, value: JsonValue): Evaluated {
    const place = this.#find(frameIndex, target);
    return 'problem' in place ? place : this.#write(place, value);
  }

  /** A variable, an item or a property as it is, without computing anything. */
  look(frameIndex: number, target: string): Evaluated {
    const place = this.#find(frameIndex, target);
    return 'problem' in place ? place : show(this.#heap, this.#read(place), this.#moment);
  }

  #find(frameIndex: number, target: string): Place | { readonly problem: string } {
    this.#look();
    const path = parsePath(target);
    const place = path && this.#follow(frameIndex, path);
    return place ?? { problem: this.#say('There is no such variable.', 'Essa variável não existe.') };
  }

  // Places

  #places(frameIndex: number): Place[] {
    const raw = frameIndex < 0 ? { address: frameBase, procedure: 0 } : [...rawFrames(this.#heap)][frameIndex];
    if (!raw) return [];
    return (this.#table.map.procedures[raw.procedure]?.slots ?? []).flatMap(([name, type], slot) =>
      name === '' ? [] : [{ name, type, address: raw.address + frame.slots + 8 * slot }],
    );
  }

  #follow(frameIndex: number, [name, ...steps]: readonly [name: string, ...steps: Step[]]): Place | null {
    const places = [...this.#places(frameIndex), ...this.#places(-1)];
    const find = (wanted: string): Place | undefined => places.find((place) => place.name.toUpperCase() === wanted.toUpperCase());
    // In the old dialects a list and a number may share a name.
    let place: Place | null = (steps.length > 0 ? find(`${name}()`) : undefined) ?? find(name) ?? null;
    for (const step of steps) {
      if (!place) return null;
      const value = this.#read(place);
      place = value instanceof ListRef || value instanceof ObjectRef ? this.#member(value, step) : null;
    }
    return place;
  }

  #member(value: ListRef | ObjectRef, step: Step): Place | null {
    const heap = this.#heap;
    if (value instanceof ListRef) {
      const index = 'index' in step ? step.index : Number(step.name);
      if (!Number.isInteger(index) || index < 0 || index >= heap.listLength(value.at)) return null;
      return { name: String(index), type: holdsNumbersOnly(heap, value) ? 'n' : 'a', address: heap.itemAddress(value.at, index) };
    }
    const wanted = 'name' in step ? step.name : String(step.index);
    let similar = -1;
    for (let index = 0; index < objectSize(heap, value.at); index++) {
      const name = propertyName(heap, value.at, index);
      if (name === wanted) return { name, type: 'a', address: valueAddressAt(heap, value.at, index) };
      if (similar < 0 && name.toUpperCase() === wanted.toUpperCase()) similar = index;
    }
    return similar < 0 ? null : { name: wanted, type: 'a', address: valueAddressAt(heap, value.at, similar) };
  }

  #read({ type, address }: Place): Value {
    const heap = this.#heap;
    if (type === 'n') return heap.f64[address >>> 3]!;
    if (type === 'b') return heap.word(address) !== 0;
    if (type === 'a') return heap.valueAt(address);
    const cell = heap.word(address);
    if (type === 's') return cell === 0 ? '' : heap.text(cell);
    return cell === 0 ? null : new ListRef(cell);
  }

  #write(place: Place, value: JsonValue): Evaluated {
    const heap = this.#heap;
    const wanted = typeNames[place.type];
    const problem =
      wanted && typeof value !== wanted[0] ? this.#say(`Only ${wanted[1]} fits here.`, `Aqui só cabe ${wanted[2]}.`) : null;
    if (problem || place.type === 'p')
      return { problem: problem ?? this.#say('Its items can be changed one by one.', 'Os itens podem ser mudados um a um.') };
    try {
      const made = fromPlain(heap, value, 0);
      if (place.type === 's') heap.setWord(place.address, heap.makeText(made as string));
      else if (place.type === 'b') heap.setWord(place.address, Number(made));
      else if (place.type === 'n')
        heap.f64[place.address >>> 3] = place.name.endsWith('%') ? Math.round(made as number) : (made as number);
      else heap.setValueAt(place.address, made);
    } catch (error) {
      if (!(error instanceof BasicError)) throw error;
      return { problem: this.#say('There is no room for this value.', 'Não há espaço para este valor.') };
    }
    return show(heap, this.#read(place), this.#moment);
  }

  /** Counts as it goes: what is looked at may be huge, or hold itself. */
  #copy(value: Value): JsonValue {
    let left = copiedMax;
    const count = (one: Value): void => {
      if (--left < 0)
        throw new TooLarge(this.#say('This is too large to compute with here.', 'Isto é grande demais para calcular aqui.'));
      if (!(one instanceof ListRef || one instanceof ObjectRef)) return;
      for (const [, item] of inside(this.#heap, { ref: one, moment: 0 }, 0, left + 1)) count(item as Value);
    };
    try {
      count(value);
      return toPlain(this.#heap, value);
    } catch (error) {
      // Something that holds itself runs out of stack or of the depth of plain data, whichever is first.
      if (error instanceof RangeError || error instanceof BasicError)
        throw new TooLarge(
          this.#say('This holds itself and cannot be computed with.', 'Isto contém a si mesmo; não dá para calcular.'),
        );
      throw error;
    }
  }

  /** The memory may have grown, and what is read here is not the program's to pay for. */
  #look(): void {
    this.#heap.refresh();
    this.#heap.charactersRead = 0;
    this.#heap.limit = this.#heap.memory.buffer.byteLength;
    this.#heap.emptyText = this.#table.map.emptyText;
  }

  #say(en: string, pt: string): string {
    return this.#locale === 'pt-BR' ? pt : en;
  }
}

/** Of one list at once. */
const insideMax = 1000;
/** Values that one variable may hold to be copied into an expression. */
const copiedMax = 100_000;

const typeNames: Readonly<Record<string, readonly [type: string, en: string, pt: string]>> = {
  n: ['number', 'a number', 'um número'],
  s: ['string', 'a text', 'um texto'],
  b: ['boolean', 'TRUE or FALSE', 'TRUE ou FALSE'],
};
