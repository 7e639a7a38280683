import type { BotId, ConversationId, CustomerId, Locale, UserId } from 'gb-protocol';
import type { Context } from '../context.ts';
import { type BytesHeld, bytesInFlight } from '../files/bytes-in-flight.ts';
import { createDrive } from '../files/drive.ts';
import type {
  BotReply,
  ConversationState,
  Drive,
  OperationRequest,
  OperationResult,
  OutsideCall,
  PreviewHost,
  Suspension,
  TurnScope,
  Tx,
} from '../ports/index.ts';
import { tooManyCalls } from './plans.ts';

/** What a draft's operation may take, while somebody looks at the preview. */
const operationMsMax = 60_000;

export interface PreviewOwner {
  readonly customerId: CustomerId;
  readonly userId: UserId;
  readonly locale: Locale;
  readonly settings: Readonly<Record<string, string>>;
  readonly conversationId: ConversationId;
  /** Missing while the bot has not been saved. */
  readonly botId?: BotId;
  readonly botUserId?: UserId;
}

/** A draft wanted the database: what is only tried out does not write there. */
class NotInPreview extends Error {}

/**
 * What a draft asks for while it is tried. Tables and memories are made up for the preview and go with it; the world is
 * asked for real, as the author wants to see what comes; nobody else is written to, and no pause is kept.
 */
export class PreviewOperations {
  readonly host: PreviewHost;
  readonly #ctx: Context;
  readonly #owner: PreviewOwner;
  readonly #state: ConversationState = {};
  #count = 0;
  /** Operations outside since the person last said something. */
  #calls = 0;

  constructor(ctx: Context, host: PreviewHost, owner: PreviewOwner) {
    this.#ctx = ctx;
    this.host = host;
    this.#owner = owner;
  }

  /** The person said something: what a draft may ask of the world begins anew, as in a conversation. */
  answered(): void {
    this.#calls = 0;
  }

  /** `callsMax` is what the plan allows of the world since the last answer. */
  async perform(request: OperationRequest, say: (reply: BotReply) => void, callsMax: number): Promise<OperationResult> {
    const { operations } = this.#ctx;
    const made = this.host.keeps(request.name) ? this.host.perform(request) : null;
    if (made) return made;
    const kind = operations.kindOf(request);
    if (kind === null) return this.host.perform(request) ?? { unavailable: true };
    let suspension: Suspension | null = null;
    try {
      if (kind === 'outside') {
        if (this.#calls >= callsMax) return tooManyCalls(callsMax, this.#owner.locale);
        this.#calls += 1;
        const held = bytesInFlight(this.#ctx.objects).hold(this.#owner.customerId);
        try {
          return await operations.outside(request, this.#call(held));
        } finally {
          held.release();
        }
      }
      const result = await operations.inTurn(
        request,
        this.#scope(say, (until) => {
          suspension = until;
        }),
      );
      // Whatever it would wait for has passed.
      return suspension ? { value: (suspension as Suspension).timedOut ?? null } : result;
    } catch (error) {
      if (error instanceof NotInPreview) return this.host.perform(request) ?? this.#onlyPublished();
      throw error;
    }
  }

  suggestions(): readonly string[] {
    return [...(this.#state.suggestions ?? []).map(({ label }) => label), ...this.host.takeSuggestions()];
  }

  #onlyPublished(): OperationResult {
    const error =
      this.#owner.locale === 'pt-BR' ? 'só funciona depois de publicar o robô' : 'it works only when the bot is published';
    return { error, code: 'not_allowed' };
  }

  #base() {
    const { customerId, userId, locale, settings, conversationId, botId, botUserId } = this.#owner;
    return {
      customerId,
      botId: (botId ?? conversationId) as BotId,
      botUserId: botUserId ?? userId,
      conversationId,
      channelId: null,
      threadSeq: 0,
      userId,
      locale,
      nowMs: this.#ctx.clock.nowMs(),
      key: `${conversationId}:${++this.#count}`,
      settings,
      state: this.#state,
    };
  }

  #scope(say: (reply: BotReply) => void, suspend: (until: Suspension) => void): TurnScope {
    const refuse = () => Promise.reject(new NotInPreview());
    return {
      ...this.#base(),
      tx: noDatabase,
      say,
      post: () => {
        throw new NotInPreview();
      },
      record: () => {},
      start: refuse,
      announce: refuse,
      suspend,
    };
  }

  #call(held: BytesHeld): OutsideCall {
    const { customerId, userId, botId } = this.#owner;
    // What a draft makes belongs to whoever tries it: no message shows it, and nobody else may see it.
    const drive: Drive = botId
      ? createDrive(this.#ctx, { customerId, botId, botUserId: userId, held })
      : noDrive(this.#onlyPublished());
    return {
      ...this.#base(),
      drive,
      signal: AbortSignal.timeout(operationMsMax),
      stream: () => {},
      runScript: async () => this.#onlyPublished(),
      read: (work) => this.#ctx.store.read(customerId, work),
      write: () => Promise.reject(new NotInPreview()),
    };
  }
}

const noDatabase: Tx = new Proxy({} as Tx, {
  get() {
    throw new NotInPreview();
  },
});

function noDrive(result: OperationResult): Drive {
  return new Proxy({} as Drive, {
    get: () => async () => {
      throw new Error('error' in result ? result.error : 'there is no drive');
    },
  });
}
