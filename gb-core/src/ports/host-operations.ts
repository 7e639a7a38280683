import type { BotId, ChannelId, ConversationId, CustomerId, Locale, Seq, UserId } from 'gb-protocol';
import type { BotReply, OperationRequest, OperationResult, PlainValue } from './bot-runtime.ts';
import type { ConversationStatus, NewEntry, Tx } from './store.ts';

/**
 * What programs ask of their host, under the names of the table of the language. There are two kinds, because they are
 * safe in two different ways:
 *
 * - `inTurn`: touches nothing but the transaction of its turn. It happens once, together with the turn's messages and
 *   its snapshot, or not at all. A transaction may be run again as a whole, so nothing may be kept outside of it.
 * - `outside`: reaches the world. First the conversation is stored, waiting for the result; then the operation is done;
 *   then a turn goes on with what came of it. After a crash it is done again under the same `key`, which is sent along
 *   wherever the other side can use it to recognise a repetition.
 *
 * A program's mistakes and the world's failures are results (`error`); only failures of ours are thrown.
 */
export interface HostOperations {
  /** Some keywords are of one kind or the other by what they are given: SET writes a row, or a cell of a file. */
  kindOf(request: OperationRequest): 'inTurn' | 'outside' | null;
  /** Whether the model answers what people write when no program listens. Then `outside` is asked for `ANSWER FREELY` with their `text`. */
  answersFreely(scope: Pick<OperationScope, 'settings' | 'state'>): boolean;
  inTurn(request: OperationRequest, scope: TurnScope): Promise<OperationResult>;
  outside(request: OperationRequest, call: OutsideCall): Promise<OperationResult>;
}

/** Who asks, and for whom. */
export interface OperationScope {
  readonly customerId: CustomerId;
  readonly botId: BotId;
  readonly botUserId: UserId;
  readonly conversationId: ConversationId;
  /** Where it speaks; null in a run without a place. */
  readonly channelId: ChannelId | null;
  /** 0 outside threads. */
  readonly threadSeq: Seq;
  /** The person the conversation is with; the bot itself in a run that nobody talks to. */
  readonly userId: UserId;
  /** Of the person, or what SET LANGUAGE said. */
  readonly locale: Locale;
  /** The clock of the turn. */
  readonly nowMs: number;
  /** The same whenever this very operation is done again, and never for another. */
  readonly key: string;
  /** Rows of the bot's config.csv: names in lower case with dashes for blanks, as `llm-model`. */
  readonly settings: Readonly<Record<string, string>>;
  /** What the conversation keeps beside its program's variables. An operation may change its room in it; it is stored with the turn. */
  readonly state: ConversationState;
}

export interface TurnScope extends OperationScope {
  readonly tx: Tx;
  /** Says something here, in order with what the program says. */
  say(reply: BotReply): void;
  /** Says something elsewhere, stored with the turn. */
  post(message: PostElsewhere): void;
  /** Writes entries that are no messages, like who joined a channel the operation made, stored with the turn. */
  record(entries: readonly NewEntry[]): void;
  /** Starts a script of a bot by itself, when the turn is stored; of this bot when nothing else is said. Gives the run's id. */
  start(run: NewRun): Promise<ConversationId>;
  /**
   * Lets the conversation wait when this operation is done: until the time, or until `event` is announced, whose data
   * is then what the program gets instead of the operation's own value. When the time comes first it gets `timedOut`.
   */
  suspend(until: Suspension): void;
  /** Wakes every conversation of the customer that waits for the event; they get `value`. Gives how many. */
  announce(event: string, value: PlainValue): Promise<number>;
}

export interface Suspension {
  readonly atMs?: number;
  readonly event?: string;
  readonly timedOut?: PlainValue;
  /** Somebody else answers meanwhile. */
  readonly isHanded?: boolean;
}

export interface OutsideCall extends OperationScope {
  readonly drive: Drive;
  readonly signal: AbortSignal;
  /** Shows a text while it grows: what is given replaces what was shown. The message itself is what the program says with TALK. */
  stream(text: string): void;
  /** Runs another script of this bot to its end and gives what it RETURNs; for tools of the model. */
  runScript(script: string, params: Readonly<Record<string, PlainValue>>, botId?: BotId): Promise<OperationResult>;
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

export interface PostElsewhere {
  readonly channelId: ChannelId;
  readonly threadSeq: Seq | null;
  readonly reply: BotReply;
  /** Gives its message the id `uuidFromText(key:0)`, for who has to find it again. A long one has parts `key:1` and on. */
  readonly key?: string;
}

/** A script that runs without anybody talking to it: by the clock, a webhook, a row that came, a tool that was called. */
export interface NewRun {
  /** As in the package, `report.bas`. */
  readonly script: string;
  readonly params: Readonly<Record<string, PlainValue>>;
  readonly cause: 'schedule' | 'webhook' | 'table' | 'event' | 'tool' | 'form' | 'script';
  /** Two runs of one bot with the same key are one. */
  readonly key: string;
  /** When to begin; at once when nothing is said. */
  readonly atMs?: number;
  /** Of another bot of the same customer. */
  readonly botId?: BotId;
  /** Where it speaks; in the channels the bot was added to when nothing is said. */
  readonly place?: { readonly channelId: ChannelId; readonly threadSeq: Seq };
  /** On whose behalf; the bot's own when nothing is said. */
  readonly userId?: UserId;
  /** It says nothing anywhere: what it says is what it gives back when it RETURNs nothing. At a HEAR it has ended. */
  readonly isQuiet?: boolean;
  /** The conversation that waits for it with others; see `bots/branches.ts`. */
  readonly joins?: ConversationId;
}

/** Plain data, at most `limits.conversationStateBytesMax` as JSON. Each room belongs to one set of operations. */
export interface ConversationState {
  /** Of a run: what it was started with. */
  run?: RunState;
  /** Of one that is parked: where it stood, and the time limit it had. */
  parked?: ParkedState;
  session?: Record<string, PlainValue>;
  suggestions?: readonly SuggestionState[];
  web?: Record<string, PlainValue>;
  ai?: Record<string, PlainValue>;
  talk?: Record<string, PlainValue>;
  files?: Record<string, PlainValue>;
  data?: Record<string, PlainValue>;
  people?: Record<string, PlainValue>;
  /** Kept by whoever runs the turns. */
  secret?: SecretState;
}

export interface SecretState {
  /** It waits for a password now. */
  readonly asks?: true;
  /** It heard one: from then on nothing that a turn was made of is kept, nor the words of its errors. */
  readonly heard?: true;
}

export interface RunState {
  readonly cause: NewRun['cause'];
  readonly params: Readonly<Record<string, PlainValue>>;
  readonly isQuiet?: boolean;
  /** What a quiet run said so far. */
  readonly said?: string;
  readonly joins?: ConversationId;
  /** How many runs that started runs are behind it. */
  readonly depth?: number;
  /** Who CALLed it waits no longer, or has nobody to talk to either: it goes on by itself, and nobody answers a HEAR. */
  readonly isLeft?: boolean;
}

export interface ParkedState {
  readonly status: Exclude<ConversationStatus, 'parked'>;
  readonly wakeAt: number | null;
}

export interface SuggestionState {
  readonly label: string;
  /** What the button sends; the label when nothing is said. */
  readonly text?: string;
  /** The script that the button runs. */
  readonly tool?: string;
  /** What the script is started with. */
  readonly params?: Readonly<Record<string, PlainValue>>;
}

/** A file as programs and messages pass it on: an object with these properties. */
export interface FileValue {
  /** Its id. Whoever is given one may use it only within its own customer. */
  readonly file: string;
  readonly name: string;
  /** Media type. */
  readonly type: string;
  readonly size: number;
  /** Pixels, for pictures. */
  readonly width?: number;
  readonly height?: number;
}

/** The files of one bot: folders of its package and what it made itself. Refuses with `OperationFailed`. */
export interface Drive {
  /** By a path like `reports/may.pdf`, or a file a program was given. */
  read(place: string | FileValue): Promise<{ readonly value: FileValue; readonly bytes: Uint8Array } | null>;
  /** Writes or replaces the file at a path. */
  write(path: string, bytes: Uint8Array, type?: string): Promise<FileValue>;
  /** A file without a path, like a picture to send. */
  make(name: string, bytes: Uint8Array, type: string): Promise<FileValue>;
  list(folder: string): Promise<readonly { readonly path: string; readonly value: FileValue; readonly changedAt: number }[]>;
  copy(from: string, to: string): Promise<FileValue>;
  move(from: string, to: string): Promise<FileValue>;
  delete(path: string): Promise<boolean>;
}
