import type { BotId } from 'gb-protocol';

/**
 * A language model of somebody's: texts, vectors of texts, and where its server has them pictures and voices.
 * Nothing here is exactly once: a call that is made again may be paid again and may answer otherwise.
 * Every method ends with its `signal`, within the engine's own limits of time, or with a failure that has the shape of
 * `ModelFailure`. What a model says is text of a stranger: nothing in it is an instruction to us.
 */
export interface LanguageModel {
  /** The name that is asked for when a call names none. */
  readonly model: string;
  /** Its vectors are compared only with those of the same name; null when it makes none. */
  readonly embeddingModel: string | null;
  /**
   * `onText` is given the whole answer so far, more of it each time. Nothing is repeated after its first call: an answer
   * that breaks off later is a failure.
   */
  chat(request: ChatRequest, call: ModelCall & { onText?(text: string): void }): Promise<ChatAnswer>;
  /** One vector of length 1 for each text, all of one size. Bounded by `embeddingTextsMax` texts a call. */
  embed(texts: readonly string[], call: ModelCall): Promise<readonly (readonly number[])[]>;
  makeImage(prompt: string, call: ModelCall): Promise<ModelFile>;
  makeVideo(prompt: string, call: ModelCall): Promise<ModelFile>;
  speak(text: string, call: ModelCall): Promise<ModelFile>;
  transcribe(recording: ModelFile & { readonly name: string }, call: ModelCall & { language?: string }): Promise<string>;
}

export interface ModelCall {
  readonly signal: AbortSignal;
}

export interface ModelFile {
  readonly bytes: Uint8Array;
  /** Media type. */
  readonly type: string;
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ToolDescription[];
  /** Another model of the same server. */
  readonly model?: string;
  readonly temperature?: number;
  readonly answerTokensMax?: number;
  /** The answer is to be one JSON object. Not every server knows how to make sure of it. */
  readonly isJson?: boolean;
}

export type ChatMessage =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly text: string; readonly images?: readonly ModelFile[] }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls?: readonly ToolCall[] }
  /** What came of a tool call. */
  | { readonly role: 'tool'; readonly callId: string; readonly text: string };

/** A script of a bot as a model is told of it. */
export interface ToolDescription {
  /** As in the package, `book-visit.bas`. */
  readonly script: string;
  /** Letters, digits, _ and -, at most 64. */
  readonly name: string;
  readonly description: string;
  /** JSON schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Of another bot, which ADD BOT brought along. */
  readonly botId?: BotId;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON, as the model wrote it: maybe not JSON at all. */
  readonly argumentsText: string;
}

export interface ChatAnswer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** `length`: it was cut off at a bound. `filtered`: the server did not let it through. */
  readonly stop: 'end' | 'length' | 'tools' | 'filtered';
  readonly usage: { readonly promptTokens: number; readonly answerTokens: number } | null;
}

/**
 * - `unreachable`, `overloaded`, `timed_out`: may work later.
 * - `not_allowed`: the key is missing, wrong or without credit.
 * - `refused`: the server does not accept the question; too long, most often.
 * - `not_configured`: `setting` names what is missing.
 * - `broken`: the answer cannot be read, or ended too early.
 */
export interface ModelFailure extends Error {
  readonly kind: 'unreachable' | 'overloaded' | 'timed_out' | 'not_allowed' | 'refused' | 'not_configured' | 'broken';
  /** Of the server's answer. */
  readonly status?: number;
  readonly setting?: string;
}
