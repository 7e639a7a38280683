import type { Attachment, BotConversation, Card, Form, FormAnswer, FormField, Locale, ScriptFile, TimeMs } from './entities.ts';
import type { ChannelId, ConversationId, FileId, Seq, UserId } from './ids.ts';

/** Bodies of the REST API about bots: their keys, tools, runs, clocks and tables, and the conversations of contacts. */

/** Any value that JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };
export type JsonObject = { readonly [name: string]: JsonValue };

/** What lets a program talk to one bot: as a connector, as a caller of its tools. */
export interface BotKey {
  readonly id: string;
  readonly name: string;
  readonly createdBy: UserId;
  readonly createdAt: TimeMs;
  /** Exact to some minutes; null when it never was. */
  readonly lastUsedAt: TimeMs | null;
}

/** The only time the token is shown. */
export interface BotKeyMade {
  readonly key: BotKey;
  readonly token: string;
}

/** A script that a model, a form, REST or MCP can run. */
export interface BotTool {
  readonly name: string;
  readonly description: string;
  readonly script: string;
  /** JSON schema of the arguments. */
  readonly parameters: JsonObject;
  /** The same as a form for people. */
  readonly fields: readonly FormField[];
}

/** A run that was asked for: with its value when it has ended, else to be asked for again. */
export interface RunAnswer {
  readonly runId: ConversationId;
  readonly isDone: boolean;
  readonly value?: JsonValue;
}

/** One conversation with all that a debugger needs to go on from here. */
export interface BotConversationDetail {
  readonly conversation: BotConversation;
  /** Goes up with everything that happens to it; what changes it says which one it has seen. */
  readonly revision: number;
  /** Base64; null when nothing is kept. */
  readonly snapshot: string | null;
  /** What it asked of the host and waits for. */
  readonly request: { readonly name: string; readonly args: JsonObject } | null;
  readonly result: JsonValue;
  /** What it keeps beside its program's variables. */
  readonly state: JsonObject;
  /** What was said while it was busy. */
  readonly inbox: readonly string[];
  readonly program: BotProgram | null;
}

export interface BotProgram {
  readonly hash: string;
  /** JSON text. */
  readonly debugMap: string;
  /** Base64. */
  readonly wasm: string;
  /** The scripts of the newest version that is this program; empty when there is none. */
  readonly files: readonly ScriptFile[];
}

/** What happened in one turn. */
export interface BotTurn {
  readonly turn: number;
  readonly at: TimeMs;
  readonly cause: 'start' | 'answer' | 'result' | 'timeout';
  readonly programHash: string;
  readonly fuel: number;
  readonly input: BotTurnInput;
  readonly output: {
    readonly status: BotConversation['status'];
    readonly replies: readonly {
      readonly text: string;
      readonly suggestions?: readonly string[];
      readonly files?: readonly string[];
      readonly card?: Card;
      readonly form?: Form;
    }[];
    readonly request: { readonly name: string } | null;
    readonly error: {
      readonly code: string;
      readonly message: string;
      readonly file: string;
      readonly line: number;
      readonly column: number;
    } | null;
  };
}

/** With the snapshot before it, everything a turn depends on. */
export interface BotTurnInput {
  readonly answer: string | null;
  readonly files?: readonly JsonValue[];
  readonly result: JsonValue;
  readonly nowMs: TimeMs;
  readonly seed: number;
  readonly locale: Locale;
  readonly variables: JsonObject;
  /** What came of the operations within the turn, in order; null when it was too much to keep. */
  readonly results: readonly { readonly name: string; readonly result: JsonValue }[] | null;
}

/** Newest last. With `hasOlder`, the turns before these are `before=` the number of the first. */
export interface BotTurnPage {
  readonly turns: readonly BotTurn[];
  readonly hasOlder: boolean;
  /** What people changed by hand after these turns, oldest first. */
  readonly edits: readonly BotConversationEdit[];
}

/** Variables that somebody changed in a conversation while it waited. */
export interface BotConversationEdit {
  readonly id: string;
  /** The last turn that was run before. */
  readonly turn: number;
  readonly at: number;
  readonly userId: UserId;
  readonly changes: readonly VariableChanged[];
}

/** One variable, or a place inside one, that is to have another value. */
export interface VariableChange {
  /** Of the calls, the running one first; -1 for the variables of the main program. */
  readonly frame: number;
  /** `total`, `order.items[2]`, `a["key"]`. */
  readonly target: string;
  readonly value: JsonValue;
}

export interface VariableChanged {
  readonly target: string;
  /** As a debugger shows it, cut where it is long. */
  readonly before: string;
  readonly after: string;
}

/** Changes variables of a conversation that waits: all of them, or none. */
export interface ChangeConversation {
  /** The one they were looked at in; when it has gone on since, nothing is changed. */
  readonly revision: number;
  readonly changes: readonly VariableChange[];
}

export interface ConversationChanged {
  readonly revision: number;
  readonly changes: readonly VariableChanged[];
}

/** One turn with all that is needed to run it again. */
export interface BotTurnDetail {
  readonly turn: BotTurn;
  /** Base64; before the turn; null at a start. */
  readonly snapshot: string | null;
  readonly program: BotProgram | null;
}

/** Those named, or all that wait in an older version, in the order of their ids. */
export interface MigrateConversations {
  readonly conversationIds?: readonly ConversationId[];
  readonly after?: ConversationId;
}

/** What became of conversations that were asked to go on in the published version. */
export interface Migrated {
  readonly migrated: number;
  readonly refused: readonly { readonly conversationId: ConversationId; readonly reason: string }[];
  /** Where another call goes on, with `after`; null when all were looked at. */
  readonly next: ConversationId | null;
}

export interface BotSchedule {
  readonly id: string;
  readonly script: string;
  /** As its author wrote it. */
  readonly text: string;
  readonly label: string;
  /** What it means, in words. */
  readonly says: string;
  /** `asked`: by a running program. */
  readonly origin: 'declared' | 'asked';
  readonly timeZone: string;
  /** null when it is paused, or will not come again. */
  readonly wakeAt: TimeMs | null;
  readonly lastAt: TimeMs | null;
  readonly isPaused: boolean;
}

/** What starts a script besides people and the clock. */
export interface BotTrigger {
  /** `webhook`, `insert`, `update`, `delete`, `email`, `change`, `form`, `event`, `session`, `login` or `transfer`. */
  readonly kind: string;
  readonly name: string;
  readonly script: string;
  readonly details: JsonObject;
  /** Of a webhook, the path that calls it; of `email`, the path that takes mail. */
  readonly path?: string;
  /** Of the same two: whether config.csv has a `webhook-secret`. Without one anybody may call a webhook, and no mail is taken. */
  readonly hasSecret?: boolean;
}

/**
 * What became of a mail that was taken. `again`: everything it starts was started before. `automatic`: another program, or
 * the bot itself, wrote it. `unwanted`: no script waits for it. After any of them it need not be sent again.
 */
export interface MailTaken {
  readonly outcome: 'started' | 'again' | 'automatic' | 'unwanted';
  /** Those it started. */
  readonly runIds: readonly ConversationId[];
}

export interface BotTable {
  readonly name: string;
  /** A `sheet` has no declared columns: rows of a file of the package, or what programs saved. */
  readonly kind: 'table' | 'sheet';
  readonly columns: readonly { readonly name: string; readonly type: string | null }[];
  readonly rows: number;
}

export interface BotRowPage {
  readonly columns: readonly string[];
  readonly rows: readonly JsonObject[];
  readonly hasMore: boolean;
}

/** A row of config.csv as it was published. */
export interface BotSetting {
  readonly name: string;
  /** null for what is secret. */
  readonly value: string | null;
}

/** What a package became. */
export interface PackagePublished {
  readonly version: number;
  readonly scripts: number;
  /** Files of knowledge, data, drive and theme that are new or changed, and those that were taken away. */
  readonly filesChanged: number;
  readonly filesRemoved: number;
  readonly sheets: readonly { readonly name: string; readonly rows: number }[];
  /** Warnings of the compiler and of the files. */
  readonly warnings: readonly JsonValue[];
}

/** Somebody who talks to a bot from elsewhere, without an account. */
export interface Contact {
  /** As the connector knows them: a telephone number, an address, any text. */
  readonly id: string;
  readonly name: string;
  readonly locale: Locale;
}

export interface NewContact {
  readonly id: string;
  readonly name?: string;
  readonly locale?: Locale;
}

/** The one conversation of a contact with a bot. */
export interface ContactConversation {
  readonly id: ChannelId;
  readonly contact: Contact;
  /** Messages after this are new. */
  readonly cursor: Seq;
}

export interface ContactMessage {
  readonly conversationId: ChannelId;
  readonly seq: Seq;
  readonly from: 'contact' | 'bot';
  /** Markdown. */
  readonly text: string;
  readonly at: TimeMs;
  readonly suggestions: readonly string[];
  readonly attachments: readonly Attachment[];
  readonly card?: Card;
  readonly form?: Form;
  readonly formAnswer?: FormAnswer;
  /** The bot waits for a password: hide what is typed next, where your network can. */
  readonly asksSecret?: true;
  /** A password the contact gave: what it was is not here. */
  readonly isSecret?: true;
}

/** Oldest first; `after=cursor` gives what comes next. */
export interface ContactMessagePage {
  readonly messages: readonly ContactMessage[];
  readonly cursor: Seq;
  readonly hasMore: boolean;
}

export interface PostContactMessage {
  /** Any text that names this message for the connector: the same one again gives the first result. */
  readonly clientId: string;
  readonly text?: string;
  readonly attachmentIds?: readonly FileId[];
  readonly formAnswer?: FormAnswer;
  /** As in `PostMessage`. */
  readonly isSecret?: boolean;
}

export interface ContactPosted {
  readonly conversationId: ChannelId;
  readonly clientId: string;
  readonly seq: Seq;
  readonly at: TimeMs;
}
