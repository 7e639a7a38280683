import type { BotId, CustomerId } from 'gb-protocol';
import { GbError } from 'gb-utils';
import type { DriveFolder, FileValue, Tx } from '../ports/index.ts';
import { depthMax, newRunRow } from './runs.ts';

export interface FileChange {
  readonly customerId: CustomerId;
  readonly botId: BotId;
  readonly folder: DriveFolder;
  /** Within the folder. */
  readonly path: string;
  readonly event: 'created' | 'changed' | 'deleted';
  readonly file: FileValue;
  readonly nowMs: number;
  /** How often scripts have started each other up to here. */
  readonly depth: number;
}

/**
 * Starts the scripts that wait for changes of a folder (ON CHANGE), in the transaction of the change: the file is there
 * exactly when its script runs. Only what is in the drive itself counts; a package that is published changes nothing.
 * Gives whether any was started.
 */
export async function startChangeRuns(tx: Tx, change: FileChange): Promise<boolean> {
  const { botId, folder, path, event, file, nowMs, depth } = change;
  if (folder !== 'drive' || depth > depthMax) return false;
  const wanted = (await tx.triggers.list(botId)).filter(
    ({ kind, name, details }) =>
      kind === 'change' &&
      isWithin(path, name) &&
      (eventsOf(details['events']).length === 0 || eventsOf(details['events']).includes(event)),
  );
  for (const { script } of wanted) {
    const key = `change:${file.file}:${event}:${path}:${script}:${nowMs}`;
    const params = { file: { ...file }, path, event };
    try {
      const run = await newRunRow(tx, { script, params, cause: 'event', key, botId, nowMs, depth });
      await tx.conversations.save(run, null);
    } catch (error) {
      // The file is more important than who wants to hear of it: too many runs wait, or the script went.
      if (!(error instanceof GbError) || error.retryable) throw error;
    }
  }
  return wanted.length > 0;
}

/** `invoices` holds `invoices/may.pdf` and `Invoices/2026/may.pdf`; an empty name or `/` holds everything. */
function isWithin(path: string, folder: string): boolean {
  const name = folder
    .replace(/^[\\/]+|[\\/]+$/g, '')
    .replace(/^[^/]*\.gbdrive\/?/i, '')
    .toLowerCase();
  return name === '' || name === '*' || path.toLowerCase().startsWith(`${name}/`);
}

function eventsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
