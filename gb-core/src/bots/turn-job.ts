import type { Channel, ConversationId, CustomerId, Locale, Me, UserId } from 'gb-protocol';
import { LruMap } from 'gb-utils';
import { isAdmin } from '../policies/role.ts';
import type {
  CompiledProgram,
  ConversationRow,
  ConversationState,
  Heard,
  JournalEntry,
  OperationResult,
  PlainValue,
  PublishedBot,
  Store,
  TableStyle,
  Tx,
} from '../ports/index.ts';
import { type BotPlan, planOf } from './plans.ts';

/** A turn that is to be run, with all it depends on: read in one transaction, so that it is of one instant. */
export interface TurnJob {
  readonly customerId: CustomerId;
  readonly botUserId: UserId;
  /** What the database holds; null when the conversation begins. */
  readonly previous: ConversationRow | null;
  /** The conversation as the turn finds it. */
  readonly row: ConversationRow;
  readonly cause: JournalEntry['cause'];
  readonly answer: Heard | null;
  readonly result: OperationResult | null;
  readonly person: Me | null;
  readonly channel: Channel | null;
  readonly published: PublishedBot | null;
  readonly plan: BotPlan;
}

/** What a turn reads about whom it is with. */
export async function surroundings(
  tx: Tx,
  row: Pick<ConversationRow, 'botId' | 'userId' | 'channelId'>,
): Promise<Pick<TurnJob, 'person' | 'channel' | 'published' | 'plan'>> {
  // Asked in one go: the way to the database and back is most of what each of them takes.
  const [{ tier, callsMax }, person, channel, published] = await Promise.all([
    tx.instance.get(),
    tx.users.get(row.userId),
    row.channelId === null ? null : tx.channels.get(row.channelId),
    tx.bots.published(row.botId),
  ]);
  return { person, channel, published, plan: planOf(tier, callsMax) };
}

/** The language a conversation is held in: what SET LANGUAGE said, else the person's. */
export function localeOf({ row, person, published }: Pick<TurnJob, 'row' | 'person' | 'published'>): Locale {
  const asked = row.state.talk?.['language'] ?? (row.kind === 'run' ? published?.about?.settings['language'] : undefined);
  if (typeof asked === 'string') return /^pt/i.test(asked) ? 'pt-BR' : 'en';
  return person?.locale ?? 'en';
}

/** What SET OUTPUT, SET MAX LINES and SET MAX COLUMNS said. */
export function tableStyleOf({ talk, data }: ConversationState): TableStyle {
  const form = tableForms.find((one) => one === talk?.['output']);
  const [columnsMax, rowsMax] = [talk?.['maxColumns'], data?.['linesMax']];
  return {
    ...(form ? { form } : {}),
    ...(typeof columnsMax === 'number' && columnsMax > 0 ? { columnsMax } : {}),
    ...(typeof rowsMax === 'number' && rowsMax > 0 ? { rowsMax } : {}),
  };
}

const tableForms = ['table', 'list', 'csv', 'json'] as const;

/** What a program finds set. */
export function variablesOf(job: TurnJob, text: string, botName: string): Readonly<Record<string, PlainValue>> {
  const { row, person, channel, published } = job;
  return {
    ...published?.about?.manifest.variables,
    id: row.id,
    session_id: row.id,
    bot_id: row.botId,
    bot_name: published?.about?.settings['bot-name'] || botName,
    user_id: row.userId,
    user_name: person?.name ?? '',
    username: person?.name ?? '',
    handle: person?.handle ?? '',
    user: person?.handle ?? '',
    from: person?.email || person?.handle || '',
    role: person?.role ?? '',
    locale: localeOf(job),
    channel: channel?.name ?? '',
    message: text,
    ...row.state.run?.params,
  };
}

export function seesDetails(person: Me | null): boolean {
  return person !== null && isAdmin(person);
}

/** The generator of a conversation: what begins it again after a crash draws the same numbers. */
export function seedFrom(id: ConversationId): number {
  return Number.parseInt(id.slice(-8), 16) >>> 0;
}

/** Programs never change, so what was read once is right for ever. A turn that holds a transaction must find its program here. */
export class Programs {
  readonly #store: Store;
  readonly #loaded = new LruMap<string, CompiledProgram>(500);

  constructor(store: Store) {
    this.#store = store;
  }

  async load(customerId: CustomerId, hash: string): Promise<CompiledProgram> {
    const key = `${customerId}/${hash}`;
    const known = this.#loaded.get(key);
    if (known) return known;
    const program = await this.#store.read(customerId, (tx) => tx.bots.program(hash));
    if (!program) throw new Error(`Program ${hash} is not in the database.`);
    this.#loaded.set(key, program);
    return program;
  }
}
