import type { ClientConfig } from 'pg';
import { Link, moveLocks } from './link.ts';
import type { MovedTable } from './moved-tables.ts';
import { MoveRefused } from './refused.ts';

/** In the order in which they come; move-bucket.ts says what each is. */
export const moveSteps = [
  'registered',
  'captured',
  'batch',
  'copied',
  'compared',
  'locked',
  'last changes',
  'closed',
  'committed',
  'opened',
  'released',
  'taken over',
  'handed over',
  'batch swept',
  'swept',
] as const;
export type MoveStep = (typeof moveSteps)[number];

export interface MoveProgress {
  readonly step: MoveStep | 'waiting' | 'again';
  /** Of the step that is under way: rows copied, compared, swept; changes that wait; entries not handed out yet. */
  readonly rows?: number;
  readonly table?: string;
  /** Why it begins again where it was. */
  readonly error?: unknown;
}

export interface MoveOptions {
  /** Log-ins of owners, by the names of the map; the first is the control database. */
  readonly shards: ReadonlyMap<string, ClientConfig>;
  readonly bucket: number;
  readonly to: string;
  readonly onProgress?: (progress: MoveProgress) => void;
  /** Counts and sums up everything once more while writers wait. Their pause is as long as that takes. */
  readonly comparesInPause?: boolean;
  /** How long databases may be away before it gives up; the command can be run again. */
  readonly patienceMs?: number;
  /** How long the source's relay may take to hand out what is left. */
  readonly handOverMsMax?: number;
  /** Readings that began before the bucket went may need tables of bots for so long; rows they see in any case. */
  readonly readingMsMax?: number;
  /** Who is stopped for so long loses the move to whoever runs it again. */
  readonly silenceMsMax?: number;
  readonly signal?: AbortSignal;
  /** Where a test lets it die. */
  readonly onStep?: (step: MoveStep) => void | Promise<void>;
}

export interface MoveReport {
  readonly source: string;
  readonly target: string;
  readonly rows: number;
  readonly compared: number;
  readonly tookMs: number;
  /** Until the target took writers; what is left at the source is cleared afterwards. */
  readonly openedAfterMs: number;
  /** From asking for the lock until the target took writers; null when that was before this run. */
  readonly pauseMs: number | null;
}

/** A row of control.bucket_moves, or what is to become one. */
export interface MoveRecord {
  readonly source: string;
  readonly target: string;
  /** The one the bucket leaves with; it arrives with the next. */
  readonly epoch: number;
  readonly phase: 'copying' | 'committed' | 'aborting';
}

/** Of one run, however often it began again. */
export interface MoveTally {
  rows: number;
  compared: number;
  openedAfterMs: number;
  /** When the source was closed, on the clock that only goes forward. */
  closedAtMs: number | null;
  pauseMs: number | null;
}

/** At the commit people wait for the answer of the control database. */
const answerMsMax = 10_000;

/** Between these the bucket is closed, or about to be: who asks to stop is heard when it is open again. */
const uninterrupted: ReadonlySet<MoveStep> = new Set(['last changes', 'closed', 'committed']);

/** One attempt to move a bucket: the connections it has, what it knows, and whom it tells. */
export class Move {
  readonly options: MoveOptions;
  readonly tally: MoveTally;
  readonly startedMs: number = performance.now();
  control!: Link;
  source!: Link;
  target!: Link;
  tables: readonly MovedTable[] = [];
  /** A bot made or changed a table since the tables were looked at. */
  hasNewTables = false;
  readonly #links: Link[] = [];

  constructor(options: MoveOptions, tally: MoveTally) {
    this.options = options;
    this.tally = tally;
  }

  async openControl(): Promise<void> {
    this.control = await this.open([...this.options.shards.keys()][0]!, 'control');
  }

  async open(shard: string, part: keyof typeof moveLocks): Promise<Link> {
    const { shards, bucket, silenceMsMax } = this.options;
    const owner = shards.get(shard);
    if (!owner)
      throw new MoveRefused({
        en: `There is no address of the database ${shard} in DATABASE_SHARDS.`,
        pt: `Não há endereço do banco ${shard} em DATABASE_SHARDS.`,
      });
    const link = await Link.open(
      owner,
      { key: moveLocks[part], bucket },
      {
        ...(silenceMsMax === undefined ? {} : { silenceMs: silenceMsMax }),
        ...(part === 'control' ? { answerMs: answerMsMax } : {}),
      },
    );
    this.#links.push(link);
    return link;
  }

  /** Also gives the locks back. */
  async close(): Promise<void> {
    await Promise.all(this.#links.splice(0).map((link) => link.close()));
  }

  tell(progress: MoveProgress): void {
    this.options.onProgress?.(progress);
  }

  async step(step: MoveStep): Promise<void> {
    if (!uninterrupted.has(step)) this.options.signal?.throwIfAborted();
    this.tell({ step });
    await this.options.onStep?.(step);
  }

  report({ source, target }: MoveRecord): MoveReport {
    const { rows, compared, pauseMs, openedAfterMs } = this.tally;
    return { source, target, rows, compared, pauseMs, openedAfterMs, tookMs: performance.now() - this.startedMs };
  }
}
