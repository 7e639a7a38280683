import {
  type BotId,
  type ConversationId,
  type CustomerId,
  type Locale,
  limits,
  type Me,
  type PreviewResult,
  type PreviewTurn,
  type ScriptFile,
  type UserId,
} from 'gb-protocol';
import { LruMap, uuidv7 } from 'gb-utils';
import { checkFiles } from '../commands/bots.ts';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { partsOf } from '../files/message-parts.ts';
import { requireFullMember } from '../policies/role.ts';
import type { BotReply, PreviewHost, TurnInput, TurnOutput } from '../ports/index.ts';
import { type BotPlan, planOf } from './plans.ts';
import { fillPreview } from './preview-data.ts';
import { PreviewOperations } from './preview-operations.ts';
import { type BuiltVersion, buildVersion } from './publish.ts';
import { addReplies, canTakeChoices } from './replies.ts';
import { readThemeFiles } from './theme-files.ts';

interface Preview {
  readonly customerId: CustomerId;
  readonly userId: UserId;
  readonly built: BuiltVersion;
  readonly snapshot: Uint8Array;
  readonly host: PreviewHost;
  readonly operations: PreviewOperations;
}

type BaseInput = Omit<TurnInput, 'snapshot' | 'answer' | 'limits'>;

const runningPerPersonMax = 2;
const runningMax = 16;
const keptPerPersonMax = 3;
/** With all that it asks of the world. */
const playMsMax = 60_000;

/**
 * Runs a draft beside the editor. Nothing of it is stored and nobody else sees it; a preview lives in this process'
 * memory until it ends, is one of too many, or the process stops - then trying again simply starts over.
 */
export class BotPreviews {
  readonly #ctx: Context;
  readonly #previews = new LruMap<string, Preview>(500);
  /** The previews of each person, oldest first: an editor needs one, and each may hold megabytes. */
  readonly #keptByPerson = new LruMap<string, string[]>(500);
  readonly #running = new Map<string, number>();
  #runningCount = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Fails with `rate_limited` while the person's last turns still run, with `overloaded` while too many others' do. */
  async turn(actor: Actor, input: PreviewTurn): Promise<PreviewResult> {
    requireFullMember(actor);
    const person = `${actor.customerId}:${actor.userId}`;
    const mine = this.#running.get(person) ?? 0;
    if (mine >= runningPerPersonMax) throw fail('rate_limited', 'The last preview still runs.', { retryAfterMs: 500 });
    if (this.#runningCount >= runningMax) throw fail('overloaded', 'Too many previews run.', { retryAfterMs: 1_000 });
    this.#running.set(person, mine + 1);
    this.#runningCount += 1;
    try {
      return await this.#turn(actor, input);
    } finally {
      this.#runningCount -= 1;
      const left = this.#running.get(person)! - 1;
      if (left === 0) this.#running.delete(person);
      else this.#running.set(person, left);
    }
  }

  async #turn(actor: Actor, input: PreviewTurn): Promise<PreviewResult> {
    const { me, plan } = await this.#around(actor);
    const running = input.previewId === undefined ? null : this.#mine(actor, input.previewId);
    const bot = await this.#botOf(actor, input.botId);
    const played = running ?? (await this.#open(actor, me, bot, input));
    const { built, operations } = played;
    const startedMs = performance.now();
    operations.answered();
    const { output, replies, fuelUsed } = await this.#play(this.#inputOf(me, actor, built, input), operations, plan, {
      snapshot: running?.snapshot ?? null,
      answer: running ? (input.answer ?? '') : null,
    });
    if (input.previewId !== undefined) this.#previews.delete(input.previewId);
    const isOpen = output.status === 'waiting' && output.snapshot !== null;
    const previewId = isOpen ? this.#keep({ ...played, snapshot: output.snapshot! }, input.previewId) : null;
    const elapsedMs = Math.round((performance.now() - startedMs) * 10) / 10;
    return {
      previewId,
      status: output.status,
      replies: await this.#shown(actor.customerId, bot?.botUserId ?? actor.userId, replies),
      error: output.error,
      fuelUsed,
      elapsedMs,
      ...(output.asksSecret ? { asksSecret: true } : {}),
      ...(built.about.manifest.theme ? { theme: built.about.manifest.theme } : {}),
    };
  }

  async #around({ customerId, userId }: Actor): Promise<{ me: Me; plan: BotPlan }> {
    const [me, { tier, callsMax }] = await this.#ctx.store.read(customerId, (tx) =>
      Promise.all([tx.users.get(userId), tx.instance.get()]),
    );
    if (!me) throw notFound('person');
    return { me, plan: planOf(tier, callsMax) };
  }

  /** The draft compiled, with tables and memories of its own. */
  async #open(
    { customerId, userId }: Actor,
    { locale }: Me,
    bot: { botId: BotId; botUserId: UserId } | null,
    input: PreviewTurn,
  ): Promise<Omit<Preview, 'snapshot'>> {
    const built = await this.#build(customerId, bot?.botId, input.files, locale);
    const { settings } = built.about;
    const host = this.#ctx.previewHost({ locale, settings });
    const conversationId = uuidv7() as ConversationId;
    const operations = new PreviewOperations(this.#ctx, host, { customerId, userId, locale, settings, conversationId, ...bot });
    if (bot) await fillPreview(this.#ctx, customerId, bot.botId, host);
    return { customerId, userId, built, host, operations };
  }

  #inputOf(me: Me, { customerId }: Actor, { start, about }: BuiltVersion, input: PreviewTurn): BaseInput {
    return {
      customerId,
      program: { hash: start.hash, load: async () => start },
      takesRequests: true,
      nowMs: this.#ctx.clock.nowMs(),
      seed: Math.floor(Math.random() * 0xffff_ffff),
      locale: me.locale,
      variables: {
        ...about.manifest.variables,
        username: me.name,
        handle: me.handle,
        role: me.role,
        locale: me.locale,
        channel: 'preview',
        message: input.answer ?? '',
        ...(input.formValues ? { form: input.formValues } : {}),
      },
    };
  }

  /** Under an id of its own, in the place of the one it went on from; the oldest ones of the person go. */
  #keep(preview: Preview, former: string | undefined): string {
    const id = uuidv7();
    this.#previews.set(id, preview);
    const person = `${preview.customerId}:${preview.userId}`;
    const kept = [...(this.#keptByPerson.get(person) ?? []).filter((one) => one !== former), id];
    for (const old of kept.splice(0, kept.length - keptPerPersonMax)) this.#previews.delete(old);
    this.#keptByPerson.set(person, kept);
    return id;
  }

  /** A turn and all that it asks for, until it waits for the person or ends. */
  async #play(
    base: BaseInput,
    operations: PreviewOperations,
    { turn: bounds, operationsPerTurnMax, callsMax }: BotPlan,
    begin: Pick<TurnInput, 'snapshot' | 'answer'>,
  ): Promise<{ output: TurnOutput; replies: readonly BotReply[]; fuelUsed: number }> {
    const replies: BotReply[] = [];
    let fuelUsed = 0;
    let output = await this.#ctx.runtime.runTurn({ ...base, ...begin, limits: bounds });
    const endAt = performance.now() + playMsMax;
    for (let count = 1; ; count++) {
      addReplies(replies, output.replies);
      fuelUsed += output.fuelUsed;
      if (!output.request) break;
      const isOver = count > operationsPerTurnMax || performance.now() > endAt;
      const result = await operations.perform(output.request, (reply) => void replies.push(reply), callsMax);
      output = await this.#ctx.runtime.runTurn({
        ...base,
        snapshot: output.snapshot,
        answer: null,
        result,
        hasSpoken: canTakeChoices(replies),
        limits: {
          ...bounds,
          fuelMax: isOver ? 0 : Math.max(0, bounds.fuelMax - fuelUsed),
          messagesMax: Math.max(0, bounds.messagesMax - replies.length),
        },
      });
    }
    const suggestions = operations.suggestions();
    const last = replies.at(-1);
    if (suggestions.length > 0 && last && !last.suggestions)
      replies[replies.length - 1] = { ...last, suggestions: suggestions.slice(0, limits.suggestionsMax) };
    return { output, replies, fuelUsed };
  }

  /** Files are told as messages tell them. */
  async #shown(customerId: CustomerId, botUserId: UserId, replies: readonly BotReply[]): Promise<PreviewResult['replies']> {
    if (replies.every(({ files, card, form }) => !files && !card && !form))
      return replies.map(({ text, suggestions }) => ({ text, ...(suggestions ? { suggestions } : {}) }));
    return this.#ctx.store.read(customerId, (tx) =>
      Promise.all(
        replies.map(async (reply) => ({
          text: reply.text,
          ...(reply.suggestions ? { suggestions: reply.suggestions } : {}),
          ...(await partsOf(tx, botUserId, reply)),
        })),
      ),
    );
  }

  /** The bot the draft belongs to, so that what it makes has an owner. */
  async #botOf(actor: Actor, botId: BotId | undefined): Promise<{ botId: BotId; botUserId: UserId } | null> {
    if (botId === undefined) return null;
    const bot = await this.#ctx.store.read(actor.customerId, (tx) => tx.bots.get(botId));
    if (!bot) throw notFound('bot');
    return { botId, botUserId: bot.userId };
  }

  async #build(
    customerId: CustomerId,
    botId: BotId | undefined,
    files: readonly ScriptFile[],
    locale: Locale,
  ): Promise<BuiltVersion> {
    const checked = checkFiles(files);
    const themeFiles = botId === undefined ? [] : await readThemeFiles(this.#ctx, customerId, botId);
    return buildVersion(this.#ctx, checked, locale, themeFiles);
  }

  /** Another person's preview is answered like one that never was. */
  #mine(actor: Actor, previewId: string): Preview {
    const preview = this.#previews.get(previewId);
    if (!preview || preview.customerId !== actor.customerId || preview.userId !== actor.userId) throw notFound('preview');
    return preview;
  }
}
