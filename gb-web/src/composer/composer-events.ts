import type { ChannelId, Seq } from 'gb-protocol';

/** Lets the message list talk to the composer below it (quote, focus) without either knowing the other. */
export interface ComposerEvent {
  readonly channelId: ChannelId;
  readonly threadSeq: Seq | null;
  readonly insert: string;
}

const listeners = new Set<(event: ComposerEvent) => void>();

export function insertIntoComposer(channelId: ChannelId, threadSeq: Seq | null, insert: string): void {
  for (const listener of listeners) listener({ channelId, threadSeq, insert });
}

export function onComposerEvent(listener: (event: ComposerEvent) => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
