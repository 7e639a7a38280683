import type { CustomerId, Locale, VariableChange, VariableChanged } from 'gb-protocol';
import type { CompiledProgram } from './bot-runtime.ts';
import type { TableRow } from './tables.ts';

/**
 * Takes a waiting conversation of one program over to another. Pure; takes time by the sizes of both programs. What cannot
 * be carried over faithfully is refused with a sentence.
 */
export interface SnapshotMigrator {
  migrate(
    snapshot: Uint8Array,
    from: CompiledProgram,
    to: CompiledProgram,
  ): Uint8Array | { readonly reason: { readonly en: string; readonly pt: string } };
}

/**
 * Changes variables of a waiting conversation, all of them or none. Pure; takes time by the sizes of the program and of
 * the snapshot. `problem` is a sentence in the language asked for.
 */
export interface SnapshotEditor {
  change(
    snapshot: Uint8Array,
    program: CompiledProgram,
    changes: readonly VariableChange[],
    options: { readonly locale: Locale; readonly snapshotBytesMax: number },
  ): { readonly snapshot: Uint8Array; readonly changed: readonly VariableChanged[] } | { readonly problem: string };
}

/** Reads the sheets of a csv or xlsx file. What is wrong with the file fails with `OperationFailed`. */
export interface SheetReader {
  read(
    file: { readonly name: string; readonly bytes: Uint8Array },
    scope: { readonly customerId: CustomerId },
  ): Promise<readonly { readonly name: string; readonly columns: readonly string[]; readonly rows: readonly TableRow[] }[]>;
}
