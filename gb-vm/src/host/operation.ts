import type { OperationErrorCode, OutsideCall, PlainValue, TurnScope } from 'gb-core';

/** The values of a keyword by name, as its row in the table of the language has them; what was left out is missing. */
export type Args = Readonly<Record<string, PlainValue>>;

export type InTurnOperation = (args: Args, scope: TurnScope) => Promise<PlainValue>;
export type OutsideOperation = (args: Args, call: OutsideCall) => Promise<PlainValue>;

/** Operations by the names of the table of the language. */
export interface OperationSet {
  readonly inTurn?: Readonly<Record<string, InTurnOperation>>;
  readonly outside?: Readonly<Record<string, OutsideOperation>>;
}

/** A sentence for the bot's author, in both languages: an error in the program, at its line, which TRY can take. */
export class OperationFailed extends Error {
  readonly said: { readonly en: string; readonly pt: string };
  readonly code: OperationErrorCode;

  constructor(said: { readonly en: string; readonly pt: string }, code: OperationErrorCode = 'operation_failed') {
    super(said.en);
    this.said = said;
    this.code = code;
  }
}

/** What the operation needs is not configured; `setting` is its name as an operator or the bot's config.csv writes it. */
export function settingMissing(setting: string): OperationFailed {
  return new OperationFailed({ en: `${setting} is not set`, pt: `${setting} não está definido` }, 'setting_missing');
}
