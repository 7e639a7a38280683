import type { ConversationState, OutsideCall, PlainValue, TurnScope } from 'gb-core';
import { createMemoryDrive, type MemoryDrive } from './memory-drive.ts';
import { outsideCall } from './outside-call.ts';

export type Arguments = Readonly<Record<string, PlainValue>>;

export interface TestCall extends OutsideCall {
  readonly drive: MemoryDrive;
  /** What was streamed, in order. */
  readonly streamed: readonly string[];
}

let calls = 0;

/** A call under a key of its own, with whatever a story needs beside it. */
export function testCall(more: Partial<Omit<OutsideCall, 'drive'>> & { drive?: MemoryDrive } = {}): TestCall {
  const streamed: string[] = [];
  return {
    ...outsideCall({ key: `conversation:1:${++calls}` }),
    stream: (text) => {
      streamed.push(text);
    },
    ...more,
    drive: more.drive ?? createMemoryDrive(),
    streamed,
  };
}

/** The scope of a turn around a conversation's state, for operations that touch nothing else. */
export function testScope(state: ConversationState, more: Partial<TurnScope> = {}): TurnScope {
  const { drive: _, ...call } = testCall({ state });
  return { ...call, ...more } as unknown as TurnScope;
}
