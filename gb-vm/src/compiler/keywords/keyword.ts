/**
 * The one table of the language: every word the compiler knows, with its syntax, what it does and an example.
 * The parser reads the forms of operations and declarations from it, calls are checked against it, completion and hover
 * show it, "did you mean" searches it, and the manual in docs/basic is made of it.
 */
export interface Keyword {
  readonly name: string;
  /** An `operation` is done by the host and gives a value back; a `declaration` says something about the script and does not run. */
  readonly kind: 'statement' | 'operator' | 'constant' | 'type' | 'function' | 'operation' | 'declaration';
  /** The page of the manual it is on. */
  readonly group: Group;
  readonly syntax: string;
  readonly summary: Sentence;
  /** More than one sentence, where one is not enough. */
  readonly meaning?: Sentence;
  readonly example: string;
  /** How it may be written: see `forms.ts` in this folder. For operations and declarations, and functions of several words. */
  readonly forms?: readonly string[];
  /**
   * What a function takes: n number, s text, b yes/no, v anything; `=x` gives the value of a missing argument; a
   * trailing `...` takes any number more; blanks separate them.
   */
  readonly params?: string;
  /** What comes back. */
  readonly result?: 'n' | 's' | 'b' | 'v';
  /** The errors it can raise while the program runs, by code. */
  readonly raises?: readonly string[];
  /** Somebody's variable may have this name too: it is a keyword only where what follows fits. */
  readonly isSoft?: boolean;
  /** A declaration whose values need not be known before the program runs; then it is an operation. */
  readonly mayRun?: boolean;
}

export interface Sentence {
  readonly en: string;
  readonly pt: string;
}

/** The pages of the manual. */
export type Group =
  | 'statements'
  | 'operators'
  | 'answers'
  | 'text'
  | 'numbers'
  | 'dates'
  | 'lists'
  | 'tables'
  | 'machine'
  | 'tools'
  | 'talk'
  | 'data'
  | 'memory'
  | 'web'
  | 'ai'
  | 'files'
  | 'mail'
  | 'people'
  | 'workflow'
  | 'browser'
  | 'social'
  | 'system';

/** What not every keyword needs. */
export interface Details {
  readonly group?: Group;
  readonly en?: string;
  readonly pt?: string;
  readonly raises?: readonly string[];
  readonly isSoft?: boolean;
  readonly mayRun?: boolean;
}

export type Row = readonly [name: string, syntax: string, en: string, pt: string, example: string, details?: Details];
export type FunctionRow = readonly [
  name: string,
  syntax: string,
  en: string,
  pt: string,
  example: string,
  params: string,
  result: 'n' | 's' | 'b' | 'v',
  details?: Details,
];
/** The first form is the one that is shown first; all of them begin with the words that make the keyword. */
export type FormRow = readonly [
  name: string,
  forms: string | readonly string[],
  en: string,
  pt: string,
  example: string,
  details?: Details,
];
