import { functionKeywords } from '../../../compiler/keywords/index.ts';
import { header, tag } from '../../../compiler/layout.ts';
import type { Profile } from '../../../compiler/profile.ts';
import { Heap, type Value } from '../../heap.ts';
import type { Host, HostFunctions } from '../../host.ts';
import { Printer } from '../../print/printer.ts';
import { dateFunctions } from '../dates.ts';
import { formatFunctions } from '../format.ts';
import { fromPlain, type JsonValue, toPlain } from '../json.ts';
import { listFunctions } from '../lists.ts';
import { numberFunctions } from '../numbers.ts';
import { seedRandom } from '../random.ts';
import { textFunctions } from '../text.ts';

const heapBase = 0x20000;
const limit = 16 * 1024 * 1024;

/** A host without a program: the library, a heap, and what was charged. */
export interface Library {
  readonly host: Host;
  readonly functions: HostFunctions;
  /** Fuel used since the last call. */
  fuel: number;
}

export function library(changes: Partial<Pick<Host, 'profile' | 'locale' | 'nowMs' | 'utcOffsetMinutes'>> = {}): Library {
  const heap = new Heap(new WebAssembly.Memory({ initial: limit / 65536, maximum: limit / 65536 }));
  heap.limit = limit;
  const profile: Profile = changes.profile ?? 'bot';
  const host: Host = {
    heap,
    nowMs: Date.UTC(2026, 10, 23, 14, 30, 0),
    locale: 'en',
    utcOffsetMinutes: 0,
    printer: new Printer(profile, () => {}),
    warn: () => {},
    ...changes,
    profile,
  };
  const functions = {
    ...textFunctions(host),
    ...numberFunctions(host),
    ...listFunctions(host),
    ...dateFunctions(host),
    ...formatFunctions(host),
  };
  const made: Library = { host, functions, fuel: 0 };
  heap.charge = (units) => {
    made.fuel += units;
  };
  return made;
}

/** Calls a function as compiled code does, by what the table says it takes, and gives its result as plain data. */
export function callFunction(lib: Library, name: string, args: readonly JsonValue[]): JsonValue {
  const { heap } = lib.host;
  const keyword = functionKeywords.get(name);
  const call = lib.functions[`fn:${name}`];
  if (!keyword || !call) throw new Error(`there is no function ${name}`);
  heap.u8.fill(0, 0, heap.word(header.hp));
  heap.setWord(header.hp, heapBase);
  heap.setWord(header.heapLimit, limit);
  seedRandom(heap, 7);
  heap.emptyText = heap.makeText('?');
  heap.setWord(heap.emptyText + 4, 0);
  lib.fuel = 0;
  heap.charactersRead = 0;
  const words: number[] = [];
  // Of functions of any number of values the compiler asks the host only for those of one list.
  const params = keyword.params?.includes('...') ? 'v' : keyword.params;
  (params ? params.split(' ') : []).forEach((param, index) => {
    const value = args[index];
    if (param[0] === 'n') words.push(Number(value ?? (param.includes('=') ? param.slice(2) : Number.NaN)));
    else if (param[0] === 's') words.push(textCell(heap, String(value ?? param.slice(2))));
    else if (param[0] === 'b') words.push(value ? 1 : 0);
    else {
      const slot = heap.alloc(16);
      heap.setValueAt(slot, value === undefined ? null : fromPlain(heap, value, 0));
      words.push(heap.word(slot), heap.word(slot + 4));
    }
  });
  heap.setWordsAt(header.result, 0, tag.null);
  const result = call(...words, 99);
  if (keyword.result === 'n') return result as number;
  if (keyword.result === 's') return heap.text(result as number);
  if (keyword.result === 'b') return result === 1;
  return toPlain(heap, heap.valueAt(header.result) satisfies Value);
}

function textCell(heap: Heap, text: string): number {
  return text === '' ? heap.emptyText : heap.makeText(text);
}
