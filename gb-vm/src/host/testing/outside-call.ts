import type { ConversationState, OperationResult, OutsideCall, PlainValue, TurnScope } from 'gb-core';
import { createMemoryDrive, type MemoryDrive } from './memory-drive.ts';

export interface TestCall extends OutsideCall {
  readonly drive: MemoryDrive;
  readonly state: ConversationState;
  /** What was streamed, in order. */
  readonly streamed: readonly string[];
}

/** A call of a bot with a drive in memory. What a story needs beside it, it gives; what it did not give, it may not use. */
export function testCall(more: Partial<Omit<OutsideCall, 'drive'>> & { drive?: MemoryDrive } = {}): TestCall {
  const streamed: string[] = [];
  const missing = (what: string) => (): Promise<never> => Promise.reject(new Error(`this test has no ${what}`));
  return {
    customerId: '018f0000-0000-7000-8000-000000000001' as OutsideCall['customerId'],
    botId: '018f0000-0000-7000-8000-000000000002' as OutsideCall['botId'],
    botUserId: '018f0000-0000-7000-8000-000000000003' as OutsideCall['botUserId'],
    conversationId: '018f0000-0000-7000-8000-000000000004' as OutsideCall['conversationId'],
    channelId: '018f0000-0000-7000-8000-000000000005' as OutsideCall['channelId'],
    threadSeq: 0,
    userId: '018f0000-0000-7000-8000-000000000006' as OutsideCall['userId'],
    locale: 'en',
    nowMs: Date.UTC(2026, 4, 7, 12),
    key: `conversation:1:${++calls}`,
    settings: {},
    signal: new AbortController().signal,
    stream: (text) => {
      streamed.push(text);
    },
    runScript: missing('scripts') as () => Promise<OperationResult>,
    read: missing('store'),
    write: missing('store'),
    ...more,
    state: more.state ?? {},
    drive: more.drive ?? createMemoryDrive(),
    streamed,
  };
}

let calls = 0;

/** The scope of a turn around a conversation's state, for operations that touch nothing else. */
export function testScope(state: ConversationState, more: Partial<TurnScope> = {}): TurnScope {
  const { drive: _, ...call } = testCall({ state });
  return { ...call, ...more } as unknown as TurnScope;
}

export type Arguments = Readonly<Record<string, PlainValue>>;
