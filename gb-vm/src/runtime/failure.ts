import { type DebugMap, frame, frameBase, header } from '../compiler/layout.ts';
import { BasicError, errorNumber, isCatchable, placeOf, type RuntimeErrorCode, sentence } from './errors.ts';
import { fromJson } from './functions/json.ts';
import type { Heap } from './heap.ts';
import type { Host } from './host.ts';
import type { RunningTurn } from './turn.ts';

/** A recursion gone wrong is as deep as it may be; a person reads a few lines of it. */
const callersMax = 8;

/**
 * Looks from the running frame outwards for one that handles errors, gives up what is inside it, and lets it go on
 * at its handler. False when there is none, or when the error is one of the limits.
 */
export function goOnAtHandler(host: Host, turn: RunningTurn, error: unknown): boolean {
  const { heap } = host;
  const { map } = turn.program;
  if (!(error instanceof BasicError) || !isCatchable(error.code) || typeof map.error !== 'number') return false;
  const { code, position, args } = diagnose(error, map);
  for (let at = heap.word(header.fp); at !== 0; at = heap.word(at + frame.previous)) {
    const slots = map.procedures[heap.word(at + frame.procedure)]!.handler;
    if (!slots) continue;
    const [handlerSlot, handlingSlot, atSlot, nextSlot, failedAtSlot, failedNextSlot] = slots;
    const word = (slot: number): number => (at + frame.slots + 8 * slot) >>> 3;
    const handler = heap.f64[word(handlerSlot)]!;
    if (handler === 0) continue;
    heap.setWord(header.fp, at);
    heap.setWord(header.sp, at + heap.word(at + frame.size));
    if (atSlot !== undefined && nextSlot !== undefined && failedAtSlot !== undefined && failedNextSlot !== undefined) {
      // The handler's own statements write over these.
      heap.f64[word(failedAtSlot)] = heap.f64[word(atSlot)]!;
      heap.f64[word(failedNextSlot)] = heap.f64[word(nextSlot)]!;
    }
    if (handler < 0 && nextSlot !== undefined) heap.setWord(at + frame.state, heap.f64[word(nextSlot)]!);
    else {
      heap.f64[word(handlerSlot)] = 0;
      heap.f64[word(handlingSlot)] = handler;
      heap.setWord(at + frame.state, handler - 1);
    }
    const { file, shownLine: line, column } = placeOf(map, position);
    const message = error.said ?? sentence(code, host.locale, args);
    const details = { number: errorNumber(code, args), code, message, file, line, column };
    try {
      const value = fromJson(heap, JSON.stringify(details), 0);
      heap.setValueAt(frameBase + frame.slots + 8 * map.error, value);
    } catch {
      // No memory for the details of an error: then it is fatal.
      return false;
    }
    // A handler that fails at once, for ever, uses up its fuel like any other loop.
    turn.fuelUsed += 100;
    heap.setWord(header.position, position ?? 0);
    return true;
  }
  return false;
}

/** What went wrong and, as far as anybody knows, where. */
export function diagnose(
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

/** The places of the calls that led to an error, innermost first: of plain procedures by the stack, of others by their frames. */
export function callersOf(heap: Heap, error: unknown, map: DebugMap): ReturnType<typeof placeOf>[] {
  const places = markedPositions(error, map)
    .slice(1)
    .map((position) => placeOf(map, position));
  let at = heap.word(header.fp);
  for (let depth = 0; at !== 0 && depth < callersMax; depth++) {
    at = heap.word(at + frame.previous);
    if (at === 0) break;
    const state = heap.word(at + frame.state);
    const call = map.procedures[heap.word(at + frame.procedure)]?.calls?.find(([block]) => block === state);
    if (call) places.push(placeOf(map, call[1]));
  }
  return places.slice(0, callersMax);
}

/** Finds the statement in the stack trace: engines name the byte offset in the module, the debug map says what begins there. */
function markedPosition(error: Error, map: DebugMap): number | null {
  return markedPositions(error, map)[0] ?? null;
}

/** Of all frames from the innermost out. Helpers come after the procedures; their frames have no mark and are passed over. */
function markedPositions(error: unknown, map: DebugMap): number[] {
  if (!(error instanceof Error)) return [];
  const positions: number[] = [];
  for (const [, hex] of (error.stack ?? '').matchAll(/wasm-function\[\d+\](?:\S*?):0x([0-9a-f]+)/g)) {
    const position = positionAt(map.marks, Number.parseInt(hex!, 16));
    if (position !== null) positions.push(position);
  }
  return positions;
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
