import { ListRef, ObjectRef, type Value } from '../heap.ts';
import type { Host, HostFunctions } from '../host.ts';
import { objectSize } from '../objects.ts';
import { csvLine, writeCsv } from '../operations/csv.ts';
import { Arguments } from './arguments.ts';
import { merged } from './joining.ts';
import { entryValue, fromJson, fromPlain, type JsonValue, toJson, toPlain } from './json.ts';

/** Objects: their names and values, and JSON. */
export function objectFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const args = new Arguments(host);
  return {
    'fn:KEYS': (low, high, position) => args.giveList(args.keys(args.object(low!, high!, position!))),
    'fn:VALUES': (low, high, position) => {
      const object = args.object(low!, high!, position!);
      const count = objectSize(heap, object);
      heap.charge(count >>> 2);
      args.giveList(Array.from({ length: count }, (_, index) => entryValue(heap, object, index)));
    },
    'fn:HAS': (low, high, name) => {
      const holder = heap.value(low!, high!);
      return Number(holder instanceof ObjectRef && args.has(holder.at, args.text(name!)));
    },
    'fn:MERGE OBJECTS': (al, ah, bl, bh, position) => {
      const objects: Value[] = [];
      for (const [low, high] of [
        [al!, ah!],
        [bl!, bh!],
      ] as const) {
        if (heap.value(low, high) !== null) objects.push(new ObjectRef(args.object(low, high, position!)));
      }
      args.give(merged(args, objects));
    },
    'fn:CLONE': (low, high, position) => {
      const value = heap.value(low!, high!);
      const isHolder = value instanceof ListRef || value instanceof ObjectRef;
      args.give(isHolder ? fromPlain(heap, toPlain(heap, value, position!), position!) : value);
    },
    'fn:JSON': (low, high, position) => heap.makeText(toJson(heap, heap.value(low!, high!), position!)),
    'fn:CSV': (low, high, position) => {
      const text = csvText(toPlain(heap, heap.value(low!, high!), position!));
      heap.charge(text.length >>> 4);
      return heap.makeText(text);
    },
    'fn:PARSE': (cell, position) => args.give(fromJson(heap, heap.text(cell!), position!)),
    'fn:ISJSON': (cell) => {
      const text = args.text(cell!);
      heap.charge(text.length >>> 4);
      try {
        JSON.parse(text);
        return 1;
      } catch {
        return 0; // Not being JSON is one of the two answers.
      }
    },
  };
}

type PlainRow = { readonly [name: string]: JsonValue };

/** Rows as a table with a line of names; lists, and plain values, as lines without one. */
function csvText(value: JsonValue): string {
  const rows = Array.isArray(value) ? (value as readonly JsonValue[]) : value === null ? [] : [value];
  const isRow = (row: JsonValue): row is PlainRow => row !== null && typeof row === 'object' && !Array.isArray(row);
  if (rows.length > 0 && rows.every(isRow))
    return writeCsv({ columns: [...new Set(rows.flatMap((row) => Object.keys(row)))], rows });
  return rows.map((row) => csvLine(Array.isArray(row) ? (row as readonly JsonValue[]) : [row])).join('');
}
