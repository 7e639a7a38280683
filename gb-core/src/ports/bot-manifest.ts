import type { BotTheme, FormField, ScriptFile } from 'gb-protocol';
import type { CompiledProgram, PlainValue, ProgramDiagnostic } from './bot-runtime.ts';

/** A package as it was read, whatever it came from: a folder, a zip file, the editor. */
export interface BotPackageFiles {
  readonly scripts: readonly ScriptFile[];
  /** Rows of config.csv: names in lower case with dashes, as `welcome-message`. */
  readonly settings: Readonly<Record<string, string>>;
  /** The text of config.csv, of several one behind the other; null without one. */
  readonly configText: string | null;
  readonly files: readonly PackageFile[];
  /** What is wrong with the files themselves; with an error among them nothing may be published. `file` is a path. */
  readonly problems: readonly ProgramDiagnostic[];
}

export type PackageFolder = 'kb' | 'data' | 'drive' | 'theme';

export interface PackageFile {
  readonly folder: PackageFolder;
  /** Below the folder, with `/`: `faq/prices.md`. No two of one folder differ only by case. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A file of the theme as the compiler sees it. */
export interface ThemeFile {
  /** Below the folder. */
  readonly path: string;
  readonly size: number;
  /** Of style sheets that are not too large; of everything else null, and nobody looks inside. */
  readonly bytes: Uint8Array | null;
}

/** What `publish` needs to know beside the files. */
export interface PublishOptions {
  readonly locale: 'en' | 'pt-BR';
  /** What "tomorrow" of a SET SCHEDULE is counted from. */
  readonly nowMs: number;
  /** IANA name, as `America/Sao_Paulo`. */
  readonly timeZone: string;
  readonly themeFiles?: readonly ThemeFile[];
}

/** All or nothing: without a manifest there are no programs either, and `diagnostics` says everything that is wrong. */
export interface PublishOutcome {
  readonly manifest: BotManifest | null;
  /** Each once, though several scripts may share one. */
  readonly programs: readonly CompiledProgram[];
  readonly diagnostics: readonly ProgramDiagnostic[];
}

/**
 * What a version of a bot says about itself, worked out when it is published. Plain data, kept with the version.
 * Scripts are named here by their key: lower case with the ending, `report.bas`; see `scriptKey`.
 */
export interface BotManifest {
  /** The hash of the program that begins with this script. */
  readonly entries: Readonly<Record<string, string>>;
  /** Where conversations begin. */
  readonly start: string;
  readonly tools: readonly ManifestTool[];
  readonly tables: readonly ManifestTable[];
  readonly schedules: readonly ManifestSchedule[];
  readonly webhooks: readonly ManifestWebhook[];
  readonly triggers: readonly ManifestTrigger[];
  readonly websites: readonly ManifestWebsite[];
  /** Of `param-NAME` settings, by the name in lower case: variables that every program of the bot finds set. */
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  /** Of the theme's files and settings; absent when they say nothing. */
  readonly theme?: BotTheme;
}

/** A script that a model, a form, REST or MCP can run. */
export interface ManifestTool {
  readonly script: string;
  /** Letters, digits, `_` and `-`, at most 64, as language models ask for; of one bot no two are the same. */
  readonly name: string;
  readonly description: string;
  /** JSON schema of an object, in the part of draft 2020-12 that function calling takes. */
  readonly parameters: { readonly [keyword: string]: PlainValue };
  /** The same as a form for people. */
  readonly fields: readonly FormField[];
}

export type ManifestColumnType =
  | 'text'
  | 'integer'
  | 'bigint'
  | 'number'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'uuid'
  | 'json';

/** TABLE … END TABLE. Names as they are written: letters, digits and `_`, at most 63; no two differ only by case. */
export interface ManifestTable {
  readonly name: string;
  /** Of another database; null is the customer's own. */
  readonly connection: string | null;
  /** Roles; empty is everybody. */
  readonly readBy: readonly string[];
  readonly writeBy: readonly string[];
  readonly columns: readonly ManifestColumn[];
  /** Columns that together are unique, beside the key. */
  readonly uniques: readonly (readonly string[])[];
  readonly indexes: readonly ManifestIndex[];
  /** Of several columns together to another table; to its key when `otherColumns` is null. */
  readonly references?: readonly {
    readonly columns: readonly string[];
    readonly table: string;
    readonly otherColumns: readonly string[] | null;
  }[];
}

export interface ManifestColumn {
  readonly name: string;
  readonly type: ManifestColumnType;
  /** Of `text`: characters; of `decimal`: digits. */
  readonly size?: number;
  /** Of `decimal`: digits behind the point. */
  readonly scale?: number;
  /** Of `json`: it is a list, of values of this type. */
  readonly items?: ManifestColumnType;
  readonly isKey: boolean;
  readonly isRequired: boolean;
  readonly isUnique: boolean;
  readonly references?: { readonly table: string; readonly column: string | null };
  /** What a row without this column gets: a value, the time it is made, a new id, or the next number. */
  readonly default?: { readonly value: string | number | boolean } | { readonly made: 'now' | 'today' | 'uuid' | 'next' };
  /** Worked out from the other columns of its row, whenever one of them changes; nobody writes it. */
  readonly computed?: ManifestComputed;
}

/** Parts of a closed list, put together by the compiler; a column by its name. `op` is one of those the database knows. */
export type ManifestComputed =
  | { readonly column: string }
  | { readonly text: string }
  | { readonly number: string }
  | { readonly boolean: boolean }
  | { readonly date: string }
  | { readonly nothing: true }
  | { readonly op: string; readonly of: readonly ManifestComputed[] };

export interface ManifestIndex {
  readonly name: string;
  readonly columns: readonly string[];
  readonly isUnique: boolean;
}

/**
 * When something happens. `cron` has five fields, or six with one fixed second; `every` counts from 1970, so it never
 * drifts; `once` is a time on the wall, or an instant when it ends with Z.
 */
export type ScheduleRule =
  | { readonly kind: 'cron'; readonly cron: string }
  | { readonly kind: 'minutes'; readonly every: number }
  /** Days whose number since 1970-01-01 leaves `phase` when divided by `every`, at `time` on the wall, `09:30`. */
  | { readonly kind: 'days'; readonly every: number; readonly phase: number; readonly time: string }
  | { readonly kind: 'once'; readonly at: string };

export interface ManifestSchedule {
  readonly script: string;
  readonly rule: ScheduleRule;
  /** As the author wrote it. */
  readonly text: string;
  readonly label: string | null;
}

export interface ManifestWebhook {
  /** The part of its address: lower-case letters, digits and dashes. */
  readonly name: string;
  readonly script: string;
}

/** `procedure` is the part of the script between ON … and END ON; without it the whole script runs. */
export type ManifestTrigger = { readonly script: string; readonly procedure?: string } & (
  | { readonly kind: 'insert' | 'update' | 'delete'; readonly table: string }
  /** Mail to `address`, or to any address of the bot. */
  | { readonly kind: 'email'; readonly address: string | null; readonly from: string | null; readonly subject: string | null }
  /** A file of a folder of the drive; no `events` are all. */
  | { readonly kind: 'change'; readonly folder: string; readonly events: readonly ('created' | 'changed' | 'deleted')[] }
  | { readonly kind: 'form'; readonly form: string | null }
  | { readonly kind: 'event'; readonly event: string }
  /** Of the files `new_session.bas`, `auth.bas` and `on_transfer.bas`. */
  | { readonly kind: 'session' | 'login' | 'transfer' }
);

export interface ManifestWebsite {
  readonly address: string;
  readonly refreshDays: number;
}
