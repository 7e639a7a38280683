import type { BotId, ChannelId, ClientId, CustomerId, Message, Seq, UserId } from 'gb-protocol';
import { GbError, uuidFromText } from 'gb-utils';
import { argumentsFrom, beginRun, checkedArguments, toolForm, toolFormPrefix } from '../commands/bot-runs.ts';
import type { Context } from '../context.ts';
import type { ManifestTool, NewRun, PlainValue } from '../ports/index.ts';
import { postedEvent } from '../posted-event.ts';

/** What somebody wrote to a bot, where it would answer. */
export interface Said {
  readonly customerId: CustomerId;
  readonly botId: BotId;
  readonly botUserId: UserId;
  readonly channelId: ChannelId;
  readonly userId: UserId;
  /** 0 outside threads. */
  readonly threadSeq: Seq;
  readonly message: Message;
  /** Without the mention of the bot. */
  readonly text: string;
}

/**
 * Tools and forms that people fill in, before a program hears anything of it. `/name` of a tool shows its form, and the
 * answer starts the tool; the answer to a form that a script waits for with ON FORM SUBMIT starts that script. All of it is
 * done under ids made of the entry it came in, so an entry that is delivered twice does it once.
 */
export class FormDesk {
  readonly #ctx: Context;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** True when no program is to hear it. */
  async take(said: Said): Promise<boolean> {
    const { message, text } = said;
    if (message.formAnswer) return this.#answer(said, message.formAnswer.seq, message.formAnswer.values);
    const [, name] = /^\/([a-z0-9_-]{1,64})$/i.exec(text) ?? [];
    return name === undefined ? false : this.#show(said, name.toLowerCase());
  }

  async #answer(said: Said, formSeq: Seq, values: Readonly<Record<string, PlainValue>>): Promise<boolean> {
    const { customerId, botId, channelId } = said;
    const { form, tools, triggers, isHeard } = await this.#ctx.store.read(customerId, async (tx) => {
      const asked = await tx.messages.get(channelId, formSeq);
      const place = { botId, channelId, userId: said.userId, threadSeq: said.threadSeq };
      return {
        // A form that somebody else showed says nothing to this bot.
        form: asked?.authorId === said.botUserId ? asked.form : undefined,
        tools: (await tx.bots.published(botId))?.about?.manifest.tools ?? [],
        triggers: (await tx.triggers.list(botId)).filter(({ kind }) => kind === 'form'),
        isHeard: (await tx.conversations.find(place))?.status === 'waiting',
      };
    });
    if (!form) return false;
    if (form.name.startsWith(toolFormPrefix)) {
      const tool = tools.find(({ name }) => name === form.name.slice(toolFormPrefix.length));
      if (tool) await this.#startTool(said, tool, values);
      return tool !== undefined;
    }
    const named = triggers.filter(({ name }) => name === form.name.toLowerCase());
    // A script for any form leaves those alone that a program shows and waits for.
    const found = named.length > 0 ? named : isHeard ? [] : triggers.filter(({ name }) => name === '*');
    const params = { form: form.name, data: values, ...lowered(values) };
    for (const { script } of found) await this.#run(said, { script, params, cause: 'form', key: script });
    return found.length > 0;
  }

  async #show(said: Said, name: string): Promise<boolean> {
    const { customerId, botId } = said;
    const published = await this.#ctx.store.read(customerId, (tx) => tx.bots.published(botId));
    const tool = published?.about?.manifest.tools.find((one) => one.name.toLowerCase() === name);
    if (!tool) return false;
    if (tool.fields.length === 0) await this.#startTool(said, tool, {});
    else await this.#say(said, 'form', tool.description || tool.name, tool);
    return true;
  }

  async #startTool(said: Said, tool: ManifestTool, values: Readonly<Record<string, PlainValue>>): Promise<void> {
    try {
      const params = checkedArguments(tool, argumentsFrom(tool, values));
      await this.#run(said, { script: tool.script, params, cause: 'form', key: tool.name });
    } catch (error) {
      // What the person wrote does not fit, or there is no room: they are told. Everything else is tried again.
      if (!(error instanceof GbError) || error.retryable) throw error;
      await this.#say(said, 'refused', error.message, null);
    }
  }

  #run(said: Said, run: Pick<NewRun, 'script' | 'params' | 'cause' | 'key'>): Promise<unknown> {
    const { customerId, botId, channelId, userId, threadSeq, message } = said;
    return beginRun(this.#ctx, customerId, {
      ...run,
      key: `said:${channelId}:${message.seq}:${run.key}`,
      botId,
      userId,
      place: { channelId, threadSeq },
    });
  }

  /** As the bot, under an id made of what it answers. */
  async #say(said: Said, what: string, text: string, tool: ManifestTool | null): Promise<void> {
    const { customerId, channelId, botUserId, threadSeq, message } = said;
    const answer = {
      channelId,
      authorId: botUserId,
      clientId: (await uuidFromText(`said:${botUserId}:${channelId}:${message.seq}:${what}`)) as ClientId,
      text,
      threadSeq: threadSeq === 0 ? null : threadSeq,
      mentions: [],
      mentionsChannel: false,
      suggestions: [],
      ...(tool ? { parts: { form: toolForm(tool) } } : {}),
    };
    try {
      const appended = await this.#ctx.store.appendMessage(customerId, answer);
      if (!appended.isDuplicate) this.#ctx.bus.publish({ customerId, event: postedEvent(answer, appended) });
    } catch (error) {
      // It was said before, in the words of the version of that time.
      if (!(error instanceof GbError && error.code === 'duplicate_client_id')) throw error;
    }
  }
}

function lowered(values: Readonly<Record<string, PlainValue>>): Record<string, PlainValue> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
}
