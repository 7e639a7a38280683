import { type DebugMap, frame, header } from '../compiler/layout.ts';
import { type Heap, ListRef } from '../runtime/heap.ts';
import type { StopTable } from './program.ts';

export interface Frame {
  /** 0 is the running one, the last is the main program. */
  readonly index: number;
  /** As written; the main program has no name of its own. */
  readonly procedure: string;
  readonly isMain: boolean;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where a frame lies, and whose it is. */
export interface RawFrame {
  readonly address: number;
  readonly procedure: number;
}

/** The frames in memory, the running one first. */
export function* rawFrames(heap: Heap): Generator<RawFrame> {
  for (let address = heap.word(header.fp); address !== 0; address = heap.word(address + frame.previous))
    yield { address, procedure: heap.word(address + frame.procedure) };
}

/** The calls in memory with the places they are at: the running one before a statement or at its HEAR, the others at a call. */
export function framesOf(heap: Heap, table: StopTable): Frame[] {
  const { map } = table;
  return [...rawFrames(heap)].map(({ address, procedure }, index) => {
    const position = index === 0 ? runningPosition(heap, table) : callPosition(heap, map, address, procedure);
    return { index, procedure: map.procedures[procedure]?.name ?? '', isMain: procedure === 0, ...table.place(position ?? -1) };
  });
}

/** What the running frame stands before; null while a statement is half done. */
export function stopPosition(heap: Heap, table: StopTable): number | null {
  const address = heap.word(header.fp);
  return address === 0 ? null : table.positionOf(heap.word(address + frame.procedure), heap.word(address + frame.state));
}

function runningPosition(heap: Heap, table: StopTable): number | null {
  const stop = stopPosition(heap, table);
  if (stop !== null) return stop;
  const hear = table.map.hears[heap.word(header.hearing) - 1];
  return hear ? hear.position : heap.word(header.position);
}

function callPosition(heap: Heap, map: DebugMap, address: number, procedure: number): number | null {
  const state = heap.word(address + frame.state);
  return map.procedures[procedure]?.calls?.find(([block]) => block === state)?.[1] ?? null;
}

/** How deep the program is in calls and GOSUBs, for stepping over and out of them. */
export function depthOf(heap: Heap, map: DebugMap): number {
  let depth = 0;
  for (const { address, procedure } of rawFrames(heap)) {
    depth++;
    const gosub = map.procedures[procedure]?.identity?.slots.find(([, , role]) => role === '*~gosub');
    if (!gosub) continue;
    const list = heap.valueAt(address + frame.slots + 8 * gosub[0]);
    if (list instanceof ListRef) depth += heap.listLength(list.at);
  }
  return depth;
}
