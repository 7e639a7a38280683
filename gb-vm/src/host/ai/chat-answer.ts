import type { ChatAnswer, ToolCall } from 'gb-core';
import { ModelFailed } from './model-failed.ts';

const answerCharsMax = 400_000;
const toolCallsMax = 32;
const argumentsCharsMax = 65_536;

interface Piece {
  readonly choices?: readonly {
    readonly delta?: Delta;
    readonly message?: Delta;
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } | null;
  readonly error?: { readonly message?: string } | string | null;
}

interface Delta {
  readonly content?: string | null;
  readonly tool_calls?: readonly {
    readonly index?: number;
    readonly id?: string;
    readonly function?: { readonly name?: string; readonly arguments?: string };
  }[];
}

/**
 * Puts an answer together out of the pieces of a stream, or out of one whole. Calls of tools come in pieces too, side by
 * side: `index` says whose piece it is, and servers that leave it out send each call whole.
 */
export class ChatAnswerReader {
  #text = '';
  #stop: string | null = null;
  #usage: ChatAnswer['usage'] = null;
  readonly #calls = new Map<number, { id: string; name: string; argumentsText: string }>();

  get text(): string {
    return this.#text;
  }

  /** Whether the answer said that it is complete. */
  get isComplete(): boolean {
    return this.#stop !== null;
  }

  /** True when the text grew. */
  take(json: string): boolean {
    const piece = readPiece(json);
    if (piece.error) {
      const message = typeof piece.error === 'string' ? piece.error : (piece.error.message ?? 'an error in the stream');
      throw new ModelFailed('broken', message);
    }
    if (piece.usage)
      this.#usage = { promptTokens: piece.usage.prompt_tokens ?? 0, answerTokens: piece.usage.completion_tokens ?? 0 };
    const choice = piece.choices?.[0];
    const delta = choice?.delta ?? choice?.message;
    if (typeof choice?.finish_reason === 'string') this.#stop = choice.finish_reason;
    for (const call of delta?.tool_calls ?? []) this.#takeCall(call);
    const more = typeof delta?.content === 'string' ? delta.content : '';
    this.#text += more;
    if (this.#text.length > answerCharsMax) throw new ModelFailed('broken', 'the answer is too long');
    return more !== '';
  }

  answer(): ChatAnswer {
    const toolCalls = [...this.#calls.values()]
      .filter((call) => call.name !== '')
      .map((call, n): ToolCall => ({ ...call, id: call.id || `call_${n + 1}` }));
    return { text: this.#text, toolCalls, stop: stopOf(this.#stop, toolCalls), usage: this.#usage };
  }

  #takeCall(piece: NonNullable<Delta['tool_calls']>[number]): void {
    const known = [...this.#calls.entries()].find(([, call]) => piece.id !== undefined && call.id === piece.id)?.[0];
    const index = piece.index ?? known ?? this.#calls.size;
    if (!this.#calls.has(index) && this.#calls.size >= toolCallsMax)
      throw new ModelFailed('broken', 'the answer calls too many tools');
    const call = this.#calls.get(index) ?? { id: '', name: '', argumentsText: '' };
    call.id ||= piece.id ?? '';
    call.name += piece.function?.name ?? '';
    call.argumentsText += piece.function?.arguments ?? '';
    if (call.argumentsText.length > argumentsCharsMax) throw new ModelFailed('broken', 'the arguments of a tool are too long');
    this.#calls.set(index, call);
  }
}

function readPiece(json: string): Piece {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below, as anything else that is no object.
  }
  throw new ModelFailed('broken', 'a piece of the answer cannot be read');
}

function stopOf(reason: string | null, toolCalls: readonly ToolCall[]): ChatAnswer['stop'] {
  if (reason === 'length') return 'length';
  if (reason === 'content_filter') return 'filtered';
  return toolCalls.length > 0 ? 'tools' : 'end';
}
