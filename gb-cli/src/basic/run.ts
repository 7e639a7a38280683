import { openSync } from 'node:fs';
import type { CompiledProgram, TurnOutput } from 'gb-core';
import { type Locale, profiles } from 'gb-vm/compiler';
import { ProgramInvalid, programHash } from 'gb-vm/in-process';
import { exit, numberOption, oneOf, readArguments, UsageError } from './command-line.ts';
import { localeOption } from './locale.ts';
import { consoleHost } from './operations.ts';
import { compileFiles, readProgram, scriptNamed, textOf } from './program-files.ts';
import { harmless, markedLine } from './report.ts';
import { Session, type SessionOptions } from './session.ts';
import type { ScriptOnDisk } from './source-files.ts';
import { AnswerLines, isConversation, ProgramOutput, ReaderGone, report } from './terminal.ts';

/** Errors that say a limit was met, rather than that the program is wrong. */
const limitCodes: ReadonlySet<string> = new Set([
  'fuel_exhausted',
  'time_exhausted',
  'out_of_memory',
  'snapshot_too_large',
  'too_many_messages',
]);

/**
 * `gb basic run`: the program's own output goes to standard output and nothing else does. The exit code tells how it
 * ended: 0 finished, 1 a run-time error or an answer that never came, 2 it does not compile, 3 a limit was met.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, {
    profile: { type: 'string' },
    answers: { type: 'string' },
    seconds: { type: 'string' },
    'memory-mb': { type: 'string' },
    locale: { type: 'string' },
  });
  const [path, ...others] = positionals;
  if (path === undefined || others.length > 0) throw new UsageError('gb basic run needs one FILE or folder.');
  const profile = oneOf('profile', values.profile, profiles, 'bot');
  const locale = localeOption(values.locale);
  const computingMsMax = 1000 * numberOption('seconds', values.seconds, 10, 0.001, 86_400);
  const memoryBytesMax = 1024 * 1024 * numberOption('memory-mb', values['memory-mb'], 256, 1, 1024);
  const files = readProgram(path);
  const { program, diagnostics } = compileFiles(files, { profile, locale });
  for (const diagnostic of diagnostics) report(textOf(diagnostic, files.scripts));
  if (!program) return exit.refused;

  const output = new ProgramOutput();
  const answers = new AnswerLines(values.answers === undefined ? 0 : openAnswers(values.answers));
  const warn = (text: string): void => {
    output.show(); // in a terminal both streams are one, and the order tells the story
    report(text.endsWith('\n') ? text : `${text}\n`);
  };
  const host = consoleHost(files.folder, { isDeep: files.isPackage, locale, nowMs: () => Date.now(), log: warn });
  const compiled = { ...program, hash: await programHash(program.wasm, program.debugMap) };
  const session = openSession(compiled, {
    computingMsMax,
    memoryBytesMax,
    locale,
    // The old dialects promise the same numbers in each run until RANDOMIZE asks for others.
    seed: profile === 'bot' ? Math.floor(Math.random() * 0xffff_ffff) : 1,
    variables: { locale, channel: 'console' },
    nowMs: host.nowMs,
    // Dates and times are those of the place where the program runs, as for a program of any other language.
    utcOffsetMinutes: -new Date().getTimezoneOffset(),
    console: { write: (text) => output.write(text), warn },
    operations: host.operations,
    onPause: () => output.flush(),
  });
  if (session === null) return exit.refused;
  const isPrompted = values.answers === undefined && profile === 'bot' && isConversation();
  try {
    return converse(session, output, answers, isPrompted, files.scripts, locale);
  } catch (error) {
    if (error instanceof ReaderGone) return exit.finished;
    throw error;
  }
}

/** From the start to the end, one answer after the other. */
function converse(
  session: Session,
  output: ProgramOutput,
  answers: AnswerLines,
  isPrompted: boolean,
  scripts: readonly ScriptOnDisk[],
  locale: Locale,
): number {
  let turn = session.turn(null);
  while (turn.status === 'waiting') {
    say(turn, output);
    if (isPrompted && output.isAtLineStart) output.write('> ');
    output.flush();
    const answer = answers.next();
    if (answer === null) {
      finishLine(output);
      report(
        locale === 'pt-BR'
          ? 'gb: o programa espera uma resposta, e não há mais nenhuma.\n'
          : 'gb: the program waits for an answer, and there are no more.\n',
      );
      return exit.failed;
    }
    turn = session.turn(answer);
  }
  say(turn, output);
  finishLine(output);
  if (!turn.error) return exit.finished;
  report(errorText(turn.error, scripts));
  return limitCodes.has(turn.error.code) ? exit.limit : exit.failed;
}

/** null, and a word about it, for a program the machine does not take: one procedure of megabytes, for example. */
function openSession(program: CompiledProgram, options: SessionOptions): Session | null {
  try {
    return new Session(program, options);
  } catch (error) {
    if (!(error instanceof ProgramInvalid)) throw error;
    report(`gb: this program cannot be loaded: ${error.message}\n`);
    return null;
  }
}

/** What the engine says itself: that it did not understand an answer, and the choices of a menu. */
function say(turn: TurnOutput, output: ProgramOutput): void {
  for (const { text, suggestions } of turn.replies) {
    if (text !== '') output.write(`${text}\n`);
    if (suggestions) output.write(`[${suggestions.join(' | ')}]\n`);
  }
}

function finishLine(output: ProgramOutput): void {
  if (!output.isAtLineStart) output.write('\n');
  output.flush();
}

function errorText(error: NonNullable<TurnOutput['error']>, scripts: readonly ScriptOnDisk[]): string {
  const script = scriptNamed(scripts, error.file);
  const place = error.line > 0 ? `${script?.path ?? error.file}:${error.line}:${error.column}: ` : '';
  const source = script && error.line > 0 ? markedLine(script.text, error.line, error.column, 1) : '';
  return `${place}error ${error.code}: ${harmless(error.message)}\n${source}`;
}

function openAnswers(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new UsageError(`The answers cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
