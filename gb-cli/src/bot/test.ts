import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { CompiledProgram } from 'gb-core';
import type { Locale } from 'gb-vm/compiler';
import { Coverage } from 'gb-vm/debug';
import { ProgramInvalid, prepareProgram } from 'gb-vm/in-process';
import { exit, numberOption, readArguments, UsageError } from '../basic/command-line.ts';
import { localeOption } from '../basic/locale.ts';
import { textOf, withNeighbours } from '../basic/program-files.ts';
import { counted } from '../basic/report.ts';
import { findFiles } from '../basic/source-files.ts';
import { report, tell } from '../basic/terminal.ts';
import { BotCoverage } from './coverage.ts';
import { type BotFolder, readBots } from './package.ts';
import { type PlayOptions, play } from './test-play.ts';
import { instantOf, parseTranscript, type Transcript, TranscriptError } from './transcript.ts';

/** The first instant of a test's clock unless it says another: a Monday morning. */
const startMs = Date.UTC(2026, 0, 5, 9, 0, 0);

/**
 * `gb bot test`: plays each conversation of the package's `*.test.txt` files with a clock and random numbers of its own,
 * so that a test that passed passes again. Exit code 0 when all went as written, 1 when not or when fewer lines ran than
 * were asked for, 2 when something does not compile.
 */
export async function test(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, {
    locale: { type: 'string' },
    coverage: { type: 'boolean' },
    'coverage-json': { type: 'string' },
    'min-coverage': { type: 'string' },
  });
  if (positionals.length === 0) throw new UsageError('gb bot test needs a folder.');
  const locale = localeOption(values.locale);
  const isGated = values['min-coverage'] !== undefined;
  const percentMin = numberOption('min-coverage', values['min-coverage'], 0, 0, 100);
  const bots = positionals.flatMap(readBots);
  const coverage = values.coverage || isGated || values['coverage-json'] !== undefined ? new BotCoverage() : null;
  const results: Result[] = [];
  for (const bot of bots) {
    for (const path of findFiles(bot.path, '.test.txt')) results.push(await playFile(bot, path, locale, coverage));
    await coverage?.addUntested(bot, locale);
  }
  if (results.length === 0) throw new UsageError(`There is no *.test.txt file in ${positionals.join(', ')}.`);
  for (const result of results) tell(result.text);
  const failed = results.filter((result) => result.code !== exit.finished).length;
  tell(`${results.length - failed} passed, ${failed} failed\n`);
  const code = Math.max(...results.map((result) => result.code));
  if (!coverage) return code;
  if (values.coverage || isGated) tell(coverage.text());
  if (values['coverage-json'] !== undefined) coverage.writeJson(values['coverage-json']);
  if (coverage.percent >= percentMin) return code;
  tell(`failed: fewer lines ran than the ${percentMin}% asked for\n`);
  return Math.max(code, exit.failed);
}

export interface Result {
  readonly code: number;
  readonly text: string;
}

/** One test file; the text is what is told of it. */
export async function playFile(bot: BotFolder, path: string, locale: Locale, coverage: BotCoverage | null): Promise<Result> {
  const name = relative('.', path);
  const refused = (problem: string): Result => ({ code: exit.refused, text: `failed: ${name}${problem}\n` });
  let transcript: Transcript;
  try {
    transcript = parseTranscript(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof TranscriptError)) throw error;
    return refused(`:${error.line}: ${error.message}`);
  }
  const spoken = transcript.settings.get('locale');
  if (spoken !== undefined && spoken !== 'en' && spoken !== 'pt-BR')
    return refused(`: @ locale must be en or pt-BR, not "${spoken}".`);
  const now = transcript.settings.get('now');
  const nowMs = now === undefined ? startMs : instantOf(now);
  if (nowMs === null) return refused(': @ now needs a time like 2026-11-23 14:30.');
  const start = await compiled(bot, transcript.settings.get('script') ?? 'start.bas', locale, coverage !== null);
  if (typeof start === 'string') return refused(`: ${start}`);
  const others = new Map<string, CompiledProgram>();
  for (const { run, line } of transcript.steps) {
    if (!run || others.has(run.script)) continue;
    const program = await compiled(bot, run.script, locale, coverage !== null);
    if (typeof program === 'string') return refused(`:${line}: ${program}`);
    others.set(run.script, program);
  }
  const counting = new Map(coverage ? [start, ...others.values()].map((program) => [program, new Coverage(program)]) : []);
  const options: PlayOptions = {
    locale: spoken ?? locale,
    nowMs,
    ...(coverage ? { look: (engine, program) => counting.get(program)!.watch(engine) } : {}),
  };
  try {
    const found = play({ start, others }, bot, transcript, options);
    if (!found) return { code: exit.finished, text: `passed: ${name} (${counted(transcript.steps.length, 'step')})\n` };
    return { code: exit.failed, text: `failed: ${name}:${found.line}: ${found.when}: ${found.problem}\n${found.details}` };
  } catch (error) {
    if (!(error instanceof ProgramInvalid)) throw error;
    return refused(`: this program cannot be loaded: ${error.message}`);
  } finally {
    for (const one of counting.values()) coverage?.add(bot, one);
  }
}

/** The program that begins with this script, or why there is none. */
async function compiled(bot: BotFolder, wanted: string, locale: Locale, isStepping: boolean): Promise<CompiledProgram | string> {
  const entry = bot.scripts.find((script) => script.name.toLowerCase() === wanted.toLowerCase());
  if (!entry) return `${bot.path} has no ${wanted}.`;
  const scripts = withNeighbours(entry, bot.scripts);
  const { program, diagnostics } = await prepareProgram(
    scripts.map(({ name, text }) => ({ name, text })),
    { entry: entry.name, locale, build: isStepping ? 'step' : 'normal' },
  );
  if (program) return program;
  for (const diagnostic of diagnostics) report(textOf(diagnostic, scripts));
  return `${entry.path} does not compile.`;
}
