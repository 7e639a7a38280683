import type { ConversationState, Drive, OutsideCall } from 'gb-core';
import type { BotId, ChannelId, ConversationId, CustomerId, Locale, UserId } from 'gb-protocol';
import { createMemoryDrive } from './memory-drive.ts';

export interface OutsideCallOptions {
  readonly drive?: Drive;
  readonly locale?: Locale;
  readonly settings?: Readonly<Record<string, string>>;
  readonly state?: ConversationState;
  readonly customerId?: string;
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/** A call of an operation with everything an operation may ask for except a database. */
export function outsideCall(options: OutsideCallOptions = {}): OutsideCall {
  const absent = (what: string) => async (): Promise<never> => {
    throw new Error(`this call has no ${what}`);
  };
  return {
    customerId: (options.customerId ?? '00000000-0000-7000-8000-00000000c001') as CustomerId,
    botId: '00000000-0000-7000-8000-00000000b001' as BotId,
    botUserId: '00000000-0000-7000-8000-00000000b002' as UserId,
    conversationId: '00000000-0000-7000-8000-00000000d001' as ConversationId,
    channelId: '00000000-0000-7000-8000-00000000e001' as ChannelId,
    threadSeq: 0,
    userId: '00000000-0000-7000-8000-00000000a001' as UserId,
    locale: options.locale ?? 'en',
    nowMs: Date.UTC(2026, 4, 31, 12),
    key: options.key ?? 'conversation:1:0',
    settings: options.settings ?? {},
    state: options.state ?? {},
    drive: options.drive ?? createMemoryDrive(),
    signal: options.signal ?? new AbortController().signal,
    stream: () => {},
    runScript: absent('scripts'),
    read: absent('database'),
    write: absent('database'),
  };
}
