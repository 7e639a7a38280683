import { ApiError, createHttp, createRest, type Rest } from 'gb-client';
import type { BotConversationDetail, BotId, ConversationId, ScriptFile } from 'gb-protocol';
import type { Locale } from 'gb-vm/compiler';
import { SuspendedConversation } from 'gb-vm/debug';
import { readServerAccess } from '../../config.ts';
import { UsageError } from '../command-line.ts';

const timeoutMs = 60_000;

interface Place {
  readonly botId: BotId;
  readonly conversationId: ConversationId;
}

interface Copy {
  readonly conversation: SuspendedConversation;
  readonly revision: number;
  readonly files: readonly ScriptFile[];
}

/**
 * A conversation of a bot on a server, where it waits. What is looked at and changed is a copy; `apply` makes the changes
 * in the conversation itself, unless it has gone on since the copy was made.
 */
export class RealConversation {
  readonly #rest: Rest;
  readonly #place: Place;
  readonly #locale: Locale;
  #copy: Copy;

  private constructor(rest: Rest, place: Place, copy: Copy, locale: Locale) {
    this.#rest = rest;
    this.#place = place;
    this.#copy = copy;
    this.#locale = locale;
  }

  /** Asks the server of GB_URL, as who GB_TOKEN says. Fails with a `UsageError` for people. */
  static async open(handle: string, conversationId: string, locale: Locale): Promise<RealConversation> {
    const { url, token } = readServerAccess();
    if (token === null)
      throw new UsageError(
        locale === 'pt-BR'
          ? 'GB_TOKEN não está definido; "gb bot help" diz como obter um.'
          : 'GB_TOKEN is not set; "gb bot help" tells how to get one.',
      );
    const rest = createRest(createHttp({ baseUrl: url, fetch, token: () => token, timeoutMs }));
    return explained(async () => {
      const name = handle.toLowerCase().replace(/^@/, '');
      const bot = (await rest.bots()).bots.find((one) => one.handle === name);
      if (!bot) throw new UsageError(locale === 'pt-BR' ? `Não há um robô @${name}.` : `There is no bot @${name}.`);
      const place = { botId: bot.id, conversationId: conversationId as ConversationId };
      return new RealConversation(rest, place, await copyOf(rest, place, locale), locale);
    });
  }

  get conversation(): SuspendedConversation {
    return this.#copy.conversation;
  }

  get files(): readonly ScriptFile[] {
    return this.#copy.files;
  }

  /** Makes the changes of the copy in the conversation itself, all or none, and looks at it anew. Gives how many. */
  async apply(): Promise<number> {
    const { conversation, revision } = this.#copy;
    const { changes } = conversation;
    if (changes.length === 0) return 0;
    const { botId, conversationId } = this.#place;
    return explained(async () => {
      await this.#rest.changeBotConversation(botId, conversationId, { revision, changes });
      await this.look();
      return changes.length;
    });
  }

  /** The conversation as it stands now, without what was changed in the copy. */
  async look(): Promise<void> {
    this.#copy = await explained(() => copyOf(this.#rest, this.#place, this.#locale));
  }
}

async function copyOf(rest: Rest, { botId, conversationId }: Place, locale: Locale): Promise<Copy> {
  const detail: BotConversationDetail = await rest.botConversation(botId, conversationId);
  const { program, snapshot, revision } = detail;
  if (!program || snapshot === null)
    throw new UsageError(
      locale === 'pt-BR' ? 'Esta conversa não espera por nada.' : 'This conversation does not wait for anything.',
    );
  const { hash, debugMap, wasm, files } = program;
  const compiled = { hash, debugMap, wasm: new Uint8Array(Buffer.from(wasm, 'base64')) };
  const conversation = new SuspendedConversation(compiled, new Uint8Array(Buffer.from(snapshot, 'base64')), locale);
  return { conversation, revision, files };
}

/** What a server refuses is a sentence for the person at the editor. */
async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError) throw new UsageError(error.message);
    throw error;
  }
}
