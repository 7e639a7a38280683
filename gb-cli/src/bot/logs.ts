import { ApiError, type Rest } from 'gb-client';
import { type BotId, type BotLogLine, limits } from 'gb-protocol';
import { sleep } from 'gb-utils';
import { exit, numberOption, readArguments } from '../basic/command-line.ts';
import { harmless } from '../basic/report.ts';
import { ProgramOutput, ReaderGone, report, tell } from '../basic/terminal.ts';
import { handleGiven, withBot } from './server.ts';
import { timeText } from './time-text.ts';

const followMs = 2_000;

/** `gb bot logs`: the newest lines of a bot's log, oldest of them first; with `--follow` also what comes, until interrupted. */
export async function logs(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, {
    handle: { type: 'string' },
    lines: { type: 'string' },
    follow: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const handle = handleGiven('logs', positionals, values.handle);
  const count = Math.floor(numberOption('lines', values.lines, 100, 1, limits.botLogLinesMax));
  return withBot(handle, async (rest, bot, url) => {
    const newest = (await linesAfter(rest, bot.id, 0, count)).slice(-count);
    if (values.follow) {
      const show = values.json ? (line: BotLogLine) => `${JSON.stringify(line)}\n` : lineText;
      return follow(rest, { botId: bot.id, url }, newest, show);
    }
    if (values.json) tell(`${JSON.stringify(newest)}\n`);
    else if (newest.length > 0) tell(newest.map(lineText).join(''));
    else report(`Nothing has happened to @${bot.handle} in the last ${limits.botLogDaysMax} days.\n`);
    return exit.finished;
  });
}

/** Ends when nobody reads any more. A server that is away for a while, as for a restart, is asked again; a refusal is final. */
async function follow(
  rest: Rest,
  { botId, url }: { botId: BotId; url: string },
  newest: readonly BotLogLine[],
  show: (line: BotLogLine) => string,
): Promise<number> {
  const output = new ProgramOutput();
  let last = 0;
  let isAway = false;
  let lines = newest;
  for (;;) {
    for (const line of lines) output.write(show(line));
    last = lines.at(-1)?.number ?? last;
    try {
      output.flush();
    } catch (error) {
      if (error instanceof ReaderGone) return exit.finished;
      throw error;
    }
    await sleep(followMs);
    try {
      lines = await linesAfter(rest, botId, last, limits.botLogLinesMax);
      isAway = false;
    } catch (error) {
      if (!(error instanceof ApiError) || !error.retryable) throw error;
      if (!isAway) report(`gb: ${url}: ${error.message}; trying again.\n`);
      isAway = true;
      lines = [];
    }
  }
}

/** Lines with higher numbers than `after`, at least `count` of the newest if there are so many. */
async function linesAfter(rest: Rest, botId: BotId, after: number, count: number): Promise<readonly BotLogLine[]> {
  let lines: readonly BotLogLine[] = [];
  for (let hasOlder = true; hasOlder && lines.length < count && (lines[0]?.number ?? Infinity) > after + 1; ) {
    const before = lines[0]?.number;
    const limit = Math.min(count - lines.length, limits.pageSizeMax);
    const page = await rest.botLog(botId, { limit, ...(before === undefined ? {} : { before }) });
    lines = [...page.lines, ...lines];
    hasOlder = page.hasOlder;
  }
  return lines.filter((line) => line.number > after);
}

/** `2026-11-22 14:03:05 error start.bas:12:3 division_by_zero A number was divided by zero.` */
function lineText(line: BotLogLine): string {
  const place = line.file === null ? [] : [`${line.file}:${line.line ?? 0}:${line.column ?? 0}`];
  const words = [timeText(line.at), line.level.padEnd(5), ...place, line.code, line.message];
  return `${harmless(words.join(' '))}\n`;
}
