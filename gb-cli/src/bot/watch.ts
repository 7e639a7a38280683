import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from 'gb-client';
import { exit, UsageError } from '../basic/command-line.ts';
import { report, tell } from '../basic/terminal.ts';
import { filesOf } from './package-folder.ts';
import { type PublishChoices, publishChoices, publishFolder, readSound } from './publish.ts';
import { asking } from './server.ts';

/** How often the folder is looked at. A change is published when the next look finds nothing new: editors save in steps. */
const lookMs = 300;
/** A server that is away, as for a restart, or busy, is asked again after this long. */
const retryMs = 1_000;

/**
 * `gb bot watch`: publishes the package now, and again whenever a file of it is saved, one publishing after the other.
 * What is wrong is told with its place, and the version before stays until it is mended. A server that goes away is waited
 * for; then the newest state is sent. Ends with SIGINT or SIGTERM.
 *
 * The folder is looked at rather than listened to: that sees the same on every system, on network drives too, and through
 * editors that replace files and folders instead of writing them.
 */
export async function watch(args: readonly string[]): Promise<number> {
  const choices = publishChoices('watch', args);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    return await asking(async (rest, url) => {
      tell(`Watching ${choices.path}; Ctrl-C ends it.\n`);
      let published: string | null = null;
      let seen = '';
      let isAway = false;
      for (; !stopping.signal.aborted; await pause(lookMs, stopping.signal)) {
        const now = stateOf(choices);
        const isSettled = now === seen;
        seen = now;
        if (now === published || (!isSettled && published !== null)) continue;
        try {
          const folder = await readIfThere(choices);
          if (folder) await publishFolder(rest, url, folder, choices);
          published = now;
          isAway = false;
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          if (!error.retryable) {
            report(`gb: ${url}: ${error.message}\n`);
            for (const diagnostic of error.diagnostics) report(`    ${JSON.stringify(diagnostic)}\n`);
            published = now;
            continue;
          }
          if (!isAway) report(`gb: ${url}: ${error.message}; trying again.\n`);
          isAway = true;
          await pause(error.retryAfterMs ?? retryMs, stopping.signal);
        }
      }
      return exit.finished;
    });
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  }
}

/** null when it cannot be published now; that was told. A file may vanish between the look and the reading. */
async function readIfThere(choices: PublishChoices) {
  try {
    return await readSound(choices);
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof Error && 'syscall' in error)) throw error;
    report(`gb: ${error.message}\n`);
    return null;
  }
}

/** Differs whenever a file came, went or was written. */
function stateOf({ path }: PublishChoices): string {
  try {
    const lines: string[] = [];
    for (const file of filesOf(path)) {
      const found = statSync(file, { throwIfNoEntry: false });
      if (found) lines.push(`${file}\n${found.size} ${found.mtimeMs} ${found.ino}`);
    }
    return lines.join('\n');
  } catch (error) {
    // The folder itself went, or is being replaced: the next looks will tell.
    if (error instanceof Error && 'syscall' in error) return '';
    throw error;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {}); // ended by the signal, which the caller looks at
}
