import { existsSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { ApiError, createHttp, createRest, type Rest } from 'gb-client';
import type { Bot } from 'gb-protocol';
import { exit, UsageError } from '../basic/command-line.ts';
import { harmless } from '../basic/report.ts';
import { isFolder } from '../basic/source-files.ts';
import { report } from '../basic/terminal.ts';
import { readServerAccess } from '../config.ts';

const timeoutMs = 60_000;

/** A bot by its folder, or by its handle where there is no such folder. */
export function handleGiven(command: string, positionals: readonly string[], option: string | undefined): string {
  const [given, ...others] = positionals;
  if (given === undefined || others.length > 0) throw new UsageError(`gb bot ${command} needs one folder, or the name of a bot.`);
  const isHere = existsSync(given);
  if (isHere && !isFolder(given)) throw new UsageError(`${given} is a file; a bot is a folder.`);
  if (!isHere && /[/\\]/.test(given)) throw new UsageError(`There is no folder ${given}.`);
  const handle = option ?? (isHere ? basename(resolve(given), extname(given)) : given);
  return handle.toLowerCase().replace(/^@/, '');
}

/** Does something with one bot of the server; exit code 1 with a sentence when there is none of this handle. */
export function withBot(handle: string, work: (rest: Rest, bot: Bot, url: string) => Promise<number>): Promise<number> {
  return asking(async (rest, url) => {
    const bot = await botNamed(rest, handle);
    if (bot) return work(rest, bot, url);
    report(`gb: there is no bot @${harmless(handle)} at ${url}.\n`);
    return exit.failed;
  });
}

export async function botNamed(rest: Rest, handle: string): Promise<Bot | undefined> {
  return (await rest.bots()).bots.find((bot) => bot.handle === handle);
}

/** Asks the server; what it refuses is one sentence and exit code 1. */
export async function asking(work: (rest: Rest, url: string) => Promise<number>): Promise<number> {
  const { url, token } = readServerAccess();
  if (token === null) throw new UsageError('GB_TOKEN is not set; `gb bot help` tells how to get one.');
  try {
    return await work(createRest(createHttp({ baseUrl: url, fetch, token: () => token, timeoutMs })), url);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    report(`gb: ${url}: ${error.message}\n`);
    for (const diagnostic of error.diagnostics) report(`    ${JSON.stringify(diagnostic)}\n`);
    return exit.failed;
  }
}
