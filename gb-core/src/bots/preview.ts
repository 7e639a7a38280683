import type { CustomerId, PreviewResult, PreviewTurn, UserId } from 'gb-protocol';
import { LruMap, uuidv7 } from 'gb-utils';
import { checkFiles } from '../commands/bots.ts';
import type { Actor, Context } from '../context.ts';
import { fail, notFound, ProgramInvalid } from '../fail.ts';
import { requireFullMember } from '../policies/role.ts';
import type { CompiledProgram } from '../ports/index.ts';
import { planOf } from './plans.ts';

interface Preview {
  readonly customerId: CustomerId;
  readonly userId: UserId;
  readonly program: CompiledProgram;
  readonly snapshot: Uint8Array;
}

const runningPerPersonMax = 2;
const runningMax = 16;
const keptPerPersonMax = 3;

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
    const me = await this.#ctx.store.read(actor.customerId, (tx) => tx.users.get(actor.userId));
    if (!me) throw notFound('person');
    const running = input.previewId === undefined ? null : this.#mine(actor, input.previewId);
    const program = running?.program ?? (await this.#compile(input, me.locale));
    const startedMs = performance.now();
    const output = await this.#ctx.runtime.runTurn({
      customerId: actor.customerId,
      program: { hash: program.hash, load: async () => program },
      snapshot: running?.snapshot ?? null,
      answer: running ? (input.answer ?? '') : null,
      nowMs: this.#ctx.clock.nowMs(),
      seed: Math.floor(Math.random() * 0xffff_ffff),
      locale: me.locale,
      variables: {
        username: me.name,
        handle: me.handle,
        role: me.role,
        locale: me.locale,
        channel: 'preview',
        message: input.answer ?? '',
      },
      limits: planOf('free').turn,
    });
    if (input.previewId !== undefined) this.#previews.delete(input.previewId);
    let previewId: string | null = null;
    if (output.status === 'waiting' && output.snapshot) {
      previewId = uuidv7();
      this.#previews.set(previewId, { customerId: actor.customerId, userId: actor.userId, program, snapshot: output.snapshot });
      const person = `${actor.customerId}:${actor.userId}`;
      const kept = [...(this.#keptByPerson.get(person) ?? []), previewId];
      for (const old of kept.splice(0, kept.length - keptPerPersonMax)) this.#previews.delete(old);
      this.#keptByPerson.set(person, kept);
    }
    const elapsedMs = Math.round((performance.now() - startedMs) * 10) / 10;
    return {
      previewId,
      status: output.status,
      replies: output.replies,
      error: output.error,
      fuelUsed: output.fuelUsed,
      elapsedMs,
    };
  }

  /** Another person's preview is answered like one that never was. */
  #mine(actor: Actor, previewId: string): Preview {
    const preview = this.#previews.get(previewId);
    if (!preview || preview.customerId !== actor.customerId || preview.userId !== actor.userId) throw notFound('preview');
    return preview;
  }

  async #compile(input: PreviewTurn, locale: 'en' | 'pt-BR'): Promise<CompiledProgram> {
    const { program, diagnostics } = await this.#ctx.compiler.compile(checkFiles(input.files), locale);
    if (!program) throw new ProgramInvalid(diagnostics);
    return program;
  }
}
