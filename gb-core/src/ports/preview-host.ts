import type { OperationRequest, OperationResult } from './bot-runtime.ts';
import type { TableRow } from './tables.ts';

/** Tables and memories made up for one preview of a draft. */
export interface PreviewHost {
  /** Operations that are always made up, like FIND and SAVE. */
  keeps(name: string): boolean;
  /** null when it is not offered. */
  perform(request: OperationRequest): OperationResult | null;
  /** Rows that are there from the beginning, in columns of their names. */
  fill(table: string, rows: readonly TableRow[]): void;
  /** Labels collected since the last time. */
  takeSuggestions(): readonly string[];
}
