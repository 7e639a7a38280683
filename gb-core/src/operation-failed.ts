import type { OperationErrorCode } from './ports/index.ts';

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
