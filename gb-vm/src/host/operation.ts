import { OperationFailed, type OutsideCall, type PlainValue, type TurnScope } from 'gb-core';

/** The values of a keyword by name, as its row in the table of the language has them; what was left out is missing. */
export type Args = Readonly<Record<string, PlainValue>>;

export type InTurnOperation = (args: Args, scope: TurnScope) => Promise<PlainValue>;
export type OutsideOperation = (args: Args, call: OutsideCall) => Promise<PlainValue>;

/** Operations by the names of the table of the language. */
export interface OperationSet {
  readonly inTurn?: Readonly<Record<string, InTurnOperation>>;
  readonly outside?: Readonly<Record<string, OutsideOperation>>;
  /** Of operations in both: which of the two is meant. */
  readonly isOutside?: Readonly<Record<string, (args: Args) => boolean>>;
}

export { OperationFailed };

/** What the operation needs is not configured; `setting` is its name as an operator or the bot's config.csv writes it. */
export function settingMissing(setting: string): OperationFailed {
  return new OperationFailed({ en: `${setting} is not set`, pt: `${setting} não está definido` }, 'setting_missing');
}
