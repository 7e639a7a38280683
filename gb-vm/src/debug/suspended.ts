import type { CompiledProgram } from 'gb-core';
import type { VariableChange } from 'gb-protocol';
import { constantBase, type DebugMap, header } from '../compiler/layout.ts';
import { constantsOf } from '../runtime/constants.ts';
import type { JsonValue } from '../runtime/functions/json.ts';
import { Heap } from '../runtime/heap.ts';
import { hashBytesOf } from '../runtime/migrate.ts';
import { refusal, restore, SnapshotWriter } from '../runtime/snapshot.ts';
import type { Frame } from './frames.ts';
import { type Evaluated, Inspector } from './inspector.ts';
import { StopTable } from './program.ts';
import type { Inside, Named } from './values.ts';
import { Watches } from './watch.ts';

const pageBytes = 65_536;
/** Room for what a person adds by hand. */
const sparePages = 16;

/**
 * A conversation between two turns, opened to look into and to change, without running any of it. Works with the build the
 * conversation runs in. `snapshot` gives the changed conversation back.
 */
export class SuspendedConversation {
  readonly #program: CompiledProgram;
  readonly #map: DebugMap;
  readonly #memory: WebAssembly.Memory;
  readonly #inspector: Inspector;
  readonly #changes: VariableChange[] = [];

  /** Throws when the bytes are not a snapshot of this program. */
  constructor(program: CompiledProgram, snapshot: Uint8Array, locale: 'en' | 'pt-BR' = 'en') {
    this.#program = program;
    this.#map = JSON.parse(program.debugMap) as DebugMap;
    const problem = refusal(snapshot, this.#map, hashBytesOf(program.hash), Number.POSITIVE_INFINITY);
    if (problem) throw new Error(`the snapshot cannot be read: ${problem}`);
    const pages = Math.ceil((this.#map.heapBase + snapshot.length) / pageBytes) + sparePages;
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const heap = new Heap(this.#memory);
    heap.u8.set(constantsOf(program.wasm), constantBase);
    restore(heap, snapshot, this.#map);
    heap.setWord(header.heapLimit, this.#memory.buffer.byteLength);
    this.#inspector = new Inspector(heap, new StopTable(this.#map), new Watches(locale), locale);
  }

  frames(): Frame[] {
    return this.#inspector.frames();
  }

  variables(frameIndex: number): Named[] {
    return this.#inspector.variables(frameIndex);
  }

  globals(): Named[] {
    return this.#inspector.globals();
  }

  inside(what: Inside, from?: number, count?: number): Named[] {
    return this.#inspector.inside(what, from, count);
  }

  evaluate(frameIndex: number, text: string): Evaluated {
    return this.#inspector.evaluate(frameIndex, text);
  }

  set(frameIndex: number, target: string, text: string): Evaluated {
    const computed = this.#inspector.compute(frameIndex, text);
    return 'problem' in computed ? computed : this.assign(frameIndex, target, computed.value);
  }

  /** Gives a variable, an item or a property a value, and notes it in `changes`. */
  assign(frame: number, target: string, value: JsonValue): Evaluated {
    const set = this.#inspector.assign(frame, target, value);
    if (!('problem' in set)) this.#changes.push({ frame, target, value });
    return set;
  }

  /** A variable, an item or a property as it is, without computing anything. */
  look(frameIndex: number, target: string): Evaluated {
    return this.#inspector.look(frameIndex, target);
  }

  /** What was changed up to now by its path, in order: made again in the same conversation, it is the same change. */
  get changes(): readonly VariableChange[] {
    return this.#changes;
  }

  /** As it stands now; throws when it has become larger than `bytesMax`. */
  snapshot(bytesMax: number = Number.MAX_SAFE_INTEGER): Uint8Array {
    // Writing spoils the memory it reads, so a copy of it is written.
    const copy = new WebAssembly.Memory({ initial: this.#memory.buffer.byteLength / pageBytes });
    new Uint8Array(copy.buffer).set(new Uint8Array(this.#memory.buffer));
    const heap = new Heap(copy);
    heap.emptyText = this.#map.emptyText;
    return new SnapshotWriter().write(heap, this.#map, hashBytesOf(this.#program.hash), bytesMax);
  }
}
