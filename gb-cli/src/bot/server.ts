import { existsSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { ApiError, createHttp, createRest, type Rest } from 'gb-client';
import type { Bot } from 'gb-protocol';
import { exit, readArguments, UsageError } from '../basic/command-line.ts';
import { localeOption } from '../basic/locale.ts';
import { compileFiles, textOf, withNeighbours } from '../basic/program-files.ts';
import { counted, harmless } from '../basic/report.ts';
import { isFolder } from '../basic/source-files.ts';
import { report, tell } from '../basic/terminal.ts';
import { readServerAccess } from '../config.ts';
import { type BotFolder, hiddenScripts, readBot } from './package.ts';

const timeoutMs = 60_000;

/**
 * `gb bot publish`: makes the bot on the server if it has none of this handle, saves the scripts as its draft and
 * publishes them. What does not compile is not sent.
 */
export async function publish(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { handle: { type: 'string' }, locale: { type: 'string' } });
  const folder = readBot(onlyFolder('publish', positionals));
  const handle = (values.handle ?? folder.handle).toLowerCase().replace(/^@/, '');
  const hidden = hiddenScripts(folder);
  if (hidden.length > 0) {
    for (const { hidden: script, by } of hidden) report(`${script.path}: error: ${by.path} has the same name.\n`);
    return exit.refused;
  }
  if (!compiles(folder, values.locale)) return exit.refused;
  return asking(async (rest, url) => {
    const files = folder.scripts.map(({ name, text }) => ({ name, text }));
    const { name, description } = folder;
    const known = await botNamed(rest, handle);
    const bot = known
      ? await rest.updateBot(known.id, { name, description, files })
      : await rest.createBot({ name, handle, description, files });
    const { version } = await rest.publishBot(bot.id);
    tell(`@${bot.handle} version ${version} is what people talk to at ${url} (${counted(files.length, 'script')}).\n`);
    return exit.finished;
  });
}

function onlyFolder(command: string, positionals: readonly string[]): string {
  const [path, ...others] = positionals;
  if (path === undefined || others.length > 0) throw new UsageError(`gb bot ${command} needs one folder.`);
  return path;
}

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

function compiles(folder: BotFolder, localeText: string | undefined): boolean {
  const entry = folder.scripts.find((script) => script.name.toLowerCase() === 'start.bas') ?? folder.scripts[0]!;
  const scripts = withNeighbours(entry, folder.scripts);
  const { program, diagnostics } = compileFiles({ entry, scripts }, { profile: 'bot', locale: localeOption(localeText) });
  for (const diagnostic of diagnostics) report(textOf(diagnostic, scripts));
  return program !== null;
}

async function botNamed(rest: Rest, handle: string): Promise<Bot | undefined> {
  return (await rest.bots()).bots.find((bot) => bot.handle === handle);
}

/** Asks the server; what it refuses is one sentence and exit code 1. */
async function asking(work: (rest: Rest, url: string) => Promise<number>): Promise<number> {
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
