import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { CompiledProgram } from 'gb-core';
import type { Locale } from 'gb-vm/compiler';
import { programHash } from 'gb-vm/in-process';
import { exit, readArguments, UsageError } from '../basic/command-line.ts';
import { localeOption } from '../basic/locale.ts';
import { consoleHost } from '../basic/operations.ts';
import { compileFiles, textOf, withNeighbours } from '../basic/program-files.ts';
import { counted } from '../basic/report.ts';
import { Session } from '../basic/session.ts';
import { findFiles } from '../basic/source-files.ts';
import { report, tell } from '../basic/terminal.ts';
import { type BotFolder, readBots } from './package.ts';
import { allFit, difference, parseTranscript, type Step, spokenLines, type Transcript, TranscriptError } from './transcript.ts';

/** The first instant of a test's clock unless it says `@ now`: a Monday morning. It moves a second with each answer. */
const startMs = Date.UTC(2026, 0, 5, 9, 0, 0);
const answerMs = 1000;
const computingMsMax = 10_000;
const memoryBytesMax = 64 * 1024 * 1024;

/**
 * `gb bot test`: plays each conversation of the package's `*.test.txt` files with a clock and random numbers of its own,
 * so that a test that passed passes again. Exit code 0 when all went as written, 1 when not, 2 when something does not
 * compile.
 */
export async function test(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { locale: { type: 'string' } });
  if (positionals.length === 0) throw new UsageError('gb bot test needs a folder.');
  const locale = localeOption(values.locale);
  const bots = positionals.flatMap(readBots);
  const results: Result[] = [];
  for (const bot of bots) for (const path of findFiles(bot.path, '.test.txt')) results.push(await playFile(bot, path, locale));
  if (results.length === 0) throw new UsageError(`There is no *.test.txt file in ${positionals.join(', ')}.`);
  for (const result of results) tell(result.text);
  const failed = results.filter((result) => result.code !== exit.finished).length;
  tell(`${results.length - failed} passed, ${failed} failed\n`);
  return Math.max(...results.map((result) => result.code));
}

interface Result {
  readonly code: number;
  readonly text: string;
}

async function playFile(bot: BotFolder, path: string, locale: Locale): Promise<Result> {
  const name = relative('.', path);
  let transcript: Transcript;
  try {
    transcript = parseTranscript(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof TranscriptError)) throw error;
    return { code: exit.refused, text: `failed: ${name}:${error.line}: ${error.message}\n` };
  }
  const wanted = transcript.settings.get('script') ?? 'start.bas';
  const entry = bot.scripts.find((script) => script.name.toLowerCase() === wanted.toLowerCase());
  if (!entry) return { code: exit.refused, text: `failed: ${name}: ${bot.path} has no ${wanted}.\n` };
  const spoken = transcript.settings.get('locale');
  if (spoken !== undefined && spoken !== 'en' && spoken !== 'pt-BR')
    return { code: exit.refused, text: `failed: ${name}: @ locale must be en or pt-BR, not "${spoken}".\n` };
  const nowMs = clockStart(transcript);
  if (nowMs === null) return { code: exit.refused, text: `failed: ${name}: @ now needs a time like 2026-11-23 14:30.\n` };
  const scripts = withNeighbours(entry, bot.scripts);
  const { program, diagnostics } = compileFiles({ entry, scripts }, { profile: 'bot', locale });
  if (!program) {
    for (const diagnostic of diagnostics) report(textOf(diagnostic, scripts));
    return { code: exit.refused, text: `failed: ${name}: ${entry.path} does not compile.\n` };
  }
  const compiled = { ...program, hash: await programHash(program.wasm, program.debugMap) };
  return play(compiled, bot, transcript, { name, locale: spoken ?? locale, nowMs });
}

/** Dates and times of tests are those of UTC, as the program sees them. */
function clockStart(transcript: Transcript): number | null {
  const text = transcript.settings.get('now');
  if (text === undefined) return startMs;
  const [, date, time = '00:00:00'] = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?$/.exec(text) ?? [];
  const ms = date === undefined ? Number.NaN : Date.parse(`${date}T${time}Z`);
  return Number.isNaN(ms) ? null : ms;
}

function play(
  program: CompiledProgram,
  bot: BotFolder,
  transcript: Transcript,
  { name, locale, nowMs }: { readonly name: string; readonly locale: Locale; readonly nowMs: number },
): Result {
  let clockMs = nowMs;
  let said = '';
  const host = consoleHost(bot.path, { isDeep: true, locale, nowMs: () => clockMs, log: () => {} });
  const session = new Session(program, {
    computingMsMax,
    memoryBytesMax,
    locale,
    seed: 1,
    variables: { locale, channel: 'test', username: transcript.settings.get('username') ?? 'Ana' },
    nowMs: host.nowMs,
    console: {
      write: (text) => {
        said += text;
      },
      // Exceptions that only the old profiles go on after; a bot has none.
      warn: report,
    },
    operations: host.operations,
  });
  let status = 'waiting';
  for (const step of transcript.steps) {
    const place = `${name}:${step.line}`;
    if (status !== 'waiting') return failure(place, step, `the conversation had ended before`);
    clockMs += step.waitMs + (step.said === null ? 0 : answerMs);
    said = '';
    const turn = session.turn(step.said);
    status = turn.status;
    const actual = spokenLines(said);
    const code = turn.error?.code ?? null;
    if (code !== step.error) {
      const problem = turn.error
        ? `${turn.error.code} at ${turn.error.file}:${turn.error.line}: ${turn.error.message}`
        : `${step.error} was expected, and nothing went wrong`;
      return failure(place, step, problem, difference(step.expected, actual));
    }
    if (!allFit(step.expected, actual))
      return failure(place, step, 'the bot said something else', difference(step.expected, actual));
  }
  return { code: exit.finished, text: `passed: ${name} (${counted(transcript.steps.length, 'step')})\n` };
}

function failure(place: string, step: Step, problem: string, details = ''): Result {
  const when = step.said === null ? 'at the start' : `after "${step.said}"`;
  return { code: exit.failed, text: `failed: ${place}: ${when}: ${problem}\n${details}` };
}
