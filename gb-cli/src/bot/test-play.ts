import { statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { BotReply, CompiledProgram, FileValue, OperationRequest, OperationResult, TurnInput, TurnOutput } from 'gb-core';
import type { Locale } from 'gb-vm/compiler';
import {
  askAgain,
  createMemoryOperations,
  createTurnEngine,
  type LoadedProgram,
  MemoryData,
  type MemoryOperations,
  type TurnEngine,
} from 'gb-vm/in-process';
import { csvFiles } from '../basic/operations.ts';
import type { BotFolder } from './package.ts';
import { FakedOperations, OperationLineError } from './test-operations.ts';
import { allFit, difference, type RunByItself, type Step, spokenLines, type Transcript } from './transcript.ts';

export interface PlayOptions {
  readonly locale: Locale;
  /** The first instant of the clock. */
  readonly nowMs: number;
  /** Called after every slice a program ran, for whoever counts lines. */
  readonly look?: (engine: TurnEngine, program: CompiledProgram) => () => void;
}

/** Where a conversation did not go as written. */
export interface Difference {
  readonly line: number;
  readonly when: string;
  readonly problem: string;
  readonly details: string;
}

/** It moves a second with each answer. */
const answerMs = 1000;
const computingMsMax = 10_000;
const memoryBytesMax = 64 * 1024 * 1024;
/** Turns of one step that only a time-out began: a bot that asks again for ever is stopped here. */
const timeoutsMax = 1000;

/** What the transcript begins with, and each script that it runs by itself, by the name it uses. */
export interface PlayedPrograms {
  readonly start: CompiledProgram;
  readonly others: ReadonlyMap<string, CompiledProgram>;
}

/** Plays a conversation as a server would, turn by turn with a snapshot between two, and gives the first difference. */
export function play(programs: PlayedPrograms, bot: BotFolder, transcript: Transcript, options: PlayOptions): Difference | null {
  return new Play(programs, bot, transcript, options).run();
}

class Play {
  readonly #bot: BotFolder;
  readonly #transcript: Transcript;
  readonly #options: PlayOptions;
  readonly #engine = createTurnEngine({ programsMax: 100, sliceMsMax: computingMsMax });
  readonly #start: Loaded;
  readonly #others: ReadonlyMap<string, Loaded>;
  readonly #operations: FakedOperations;
  readonly #people = new Map<string, Person>();
  /** Of whoever came first: its tables and the memory of the bot are everybody's. */
  #first: MemoryData | null = null;
  readonly #params: TurnInput['variables'];
  #speaker: string;
  #clockMs: number;
  #computedMs = 0;

  constructor({ start, others }: PlayedPrograms, bot: BotFolder, transcript: Transcript, options: PlayOptions) {
    this.#bot = bot;
    this.#transcript = transcript;
    this.#options = options;
    this.#start = this.#load(start);
    this.#others = new Map([...others].map(([name, program]) => [name, this.#load(program)]));
    this.#operations = new FakedOperations(options.locale);
    this.#clockMs = options.nowMs;
    this.#params = Object.fromEntries([...transcript.params].map(([name, text]) => [name, plainOf(text)]));
    this.#speaker = transcript.people[0] ?? transcript.settings.get('username') ?? 'Ana';
  }

  #load(program: CompiledProgram): Loaded {
    return { program: this.#engine.load(program), look: this.#options.look?.(this.#engine, program) ?? (() => {}) };
  }

  run(): Difference | null {
    for (const step of this.#transcript.steps) {
      const found = this.#step(step);
      if (found) return found;
    }
    return null;
  }

  #step(step: Step): Difference | null {
    const when = whenOf(step);
    const differs = (problem: string, details = '', line = step.line): Difference => ({ line, when, problem, details });
    try {
      this.#operations.expect(step.operations);
    } catch (error) {
      if (!(error instanceof OperationLineError)) throw error;
      return differs(error.message, '', error.line);
    }
    // Where several take part, the bot speaks to whoever opens a conversation.
    if (isStart(step) && this.#transcript.people.length > 0 && step.expected.length === 0 && step.error === null) return null;
    this.#speaker = step.person ?? this.#speaker;
    const said: Said = { replies: [], error: null, returned: null };
    if (step.clockMs !== null && step.clockMs < this.#clockMs) return differs('the clock cannot go back');
    this.#passTo(step.clockMs ?? this.#clockMs + step.waitMs, said);
    if (step.run) {
      this.#runByItself(step.run, said);
    } else if (!step.isTime) {
      const person = this.#person(this.#speaker);
      const problem = this.#speak(person, step, said);
      if (problem)
        return differs(
          problem,
          linesOf(said.replies)
            .map((line) => `  + ${line}\n`)
            .join(''),
        );
    }
    return this.#compare(step, said, differs);
  }

  /** Somebody starts, answers, or both at once. What stands in the way is given back. */
  #speak(person: Person, step: Step, said: Said): string | null {
    // A name opens the conversation, and another one when that has ended.
    const opensAgain = step.person !== null && person.status !== 'waiting';
    if (!person.isOpen || opensAgain) {
      person.isOpen = true;
      person.snapshot = null;
      person.data.session.clear();
      this.#turn(person, { answer: null }, said);
      if (step.said === null || (step.person !== null && step.said === '' && step.files.length === 0)) return null;
    }
    if (step.said === null) return null;
    if (person.status !== 'waiting') return said.error ? null : 'the conversation had ended before';
    let answer = step.said;
    if (step.isButton) {
      const text = person.buttons.get(step.said);
      if (text === undefined) {
        const offered = [...person.buttons.keys()].map((label) => `[${label}]`).join(' ');
        return `there is no button [${step.said}]${offered ? `, only ${offered}` : ''}`;
      }
      answer = text;
    }
    this.#clockMs += answerMs;
    const files = step.files.map((name) => this.#file(name));
    this.#turn(person, { answer, ...(files.length > 0 ? { files } : {}) }, said);
    return null;
  }

  /** As a schedule, a webhook, a row or a model would start it: nobody is there, and what it is given are its variables. */
  #runByItself({ script, params }: RunByItself, said: Said): void {
    const nobody = this.#newPerson('', this.#others.get(script)!, params);
    this.#turn(nobody, { answer: null }, said);
  }

  #compare(step: Step, said: Said, differs: (problem: string, details?: string, line?: number) => Difference): Difference | null {
    const actual = [...linesOf(said.replies), ...returnedLines(said)];
    const asked = this.#operations.others();
    const code = said.error?.code ?? null;
    if (code !== step.error) {
      const problem = said.error
        ? `${said.error.code} at ${said.error.file}:${said.error.line}: ${said.error.message}`
        : `${step.error} was expected, and nothing went wrong`;
      return differs(problem, difference(step.expected, actual) + asked);
    }
    // A message that only offers choices is as good as its choices.
    const isAsWritten =
      allFit(step.expected, actual) ||
      allFit(step.expected, [...linesOf(said.replies.map(withoutQuestion)), ...returnedLines(said)]);
    const { missing } = this.#operations;
    if (missing) {
      const lines = isAsWritten ? '' : difference(step.expected, actual);
      return differs(`the bot did not ask: ${missing.text}`, lines + asked, missing.line);
    }
    return isAsWritten
      ? null
      : differs('the bot said something else', difference(step.expected, actual) + (step.operations.length > 0 ? asked : ''));
  }

  /** Time goes by; whoever was asked and did not answer in the time of `hear-timeout-secs` is given up on. */
  #passTo(clockMs: number, said: Said): void {
    const timeoutMs = 1000 * Number(this.#bot.settings['hear-timeout-secs'] ?? 0);
    for (let count = 0; timeoutMs > 0 && count < timeoutsMax; count++) {
      const [next] = [...this.#people.values()]
        .filter(({ status }) => status === 'waiting')
        .sort((a, b) => a.askedMs - b.askedMs);
      if (!next || next.askedMs + timeoutMs > clockMs) break;
      this.#clockMs = Math.max(this.#clockMs, next.askedMs + timeoutMs);
      this.#turn(next, { answer: null, isTimedOut: true }, said);
    }
    this.#clockMs = Math.max(this.#clockMs, clockMs);
  }

  /** One turn, with everything it asks of its host. */
  #turn(person: Person, given: Pick<TurnInput, 'answer' | 'files' | 'isTimedOut' | 'result'>, said: Said): void {
    let output = this.#run(person, given);
    said.replies.push(...output.replies);
    while (output.request) {
      const result = this.#done(person, output.request);
      output = this.#run(person, { answer: null, result });
      said.replies.push(...output.replies);
    }
    person.askedMs = this.#clockMs;
    person.buttons = new Map();
    const last = said.replies.at(-1);
    for (const label of last?.suggestions ?? []) person.buttons.set(label, label);
    for (const { label, text, url } of last?.card?.buttons ?? []) if (url === undefined) person.buttons.set(label, text ?? label);
    const suggestions = person.data.suggestions.splice(0);
    if (suggestions.length > 0 && output.status === 'waiting') {
      const labels = [...new Set(suggestions.map(({ label }) => label))];
      said.replies.push({ text: '', suggestions: labels });
      for (const { label, value } of suggestions) person.buttons.set(label, value);
    }
    said.error = output.error ?? said.error;
    said.returned = output.returned ?? null;
  }

  /** As the test says, else as a program without a server finds it. */
  #done(person: Person, request: OperationRequest): OperationResult {
    const result = this.#operations.answer(request) ?? person.operations(request.name, request.args);
    // Nobody waits in a test: the clock moves on instead.
    this.#clockMs += person.data.waitedMs;
    person.data.waitedMs = 0;
    return result ?? { unavailable: true };
  }

  #run(person: Person, given: Pick<TurnInput, 'answer' | 'files' | 'isTimedOut' | 'result'>): TurnOutput {
    const { locale } = this.#options;
    const { program, look } = person.loaded;
    const turn = this.#engine.begin(program, {
      customerId: 'test',
      ...given,
      snapshot: person.snapshot,
      takesRequests: true,
      nowMs: this.#clockMs,
      seed: 1,
      locale,
      variables: { ...variablesFor(person, this.#bot.settings), locale, message: given.answer ?? '', ...person.params },
      limits: {
        fuelMax: Number.MAX_SAFE_INTEGER,
        wallMsMax: Math.max(1, computingMsMax - this.#computedMs),
        memoryBytesMax,
        snapshotBytesMax: memoryBytesMax,
        messagesMax: 1_000_000,
      },
    });
    const begunMs = performance.now();
    while (!turn.output) {
      this.#engine.step(turn);
      look();
    }
    this.#computedMs += performance.now() - begunMs;
    person.snapshot = turn.output.snapshot;
    person.status = turn.output.status;
    return turn.output;
  }

  /** Everybody talks to one bot, with one set of tables; what is kept for a person is that person's. */
  #person(name: string): Person {
    const known = this.#people.get(name);
    if (known) return known;
    const person = this.#newPerson(name, this.#start, this.#params);
    this.#people.set(name, person);
    return person;
  }

  #newPerson(name: string, loaded: Loaded, params: TurnInput['variables']): Person {
    const data = this.#first ? new MemoryData(new Map(), this.#first) : new MemoryData(csvFiles(this.#bot.path, true));
    const operations = createMemoryOperations({
      data,
      locale: this.#options.locale,
      config: this.#bot.settings,
      nowMs: () => this.#clockMs,
    });
    this.#first ??= data;
    return {
      name,
      loaded,
      params,
      data,
      operations,
      isOpen: false,
      snapshot: null,
      status: 'new',
      askedMs: 0,
      buttons: new Map(),
    };
  }

  /** A file of the package, where there is one of this name; else only its name. */
  #file(name: string): FileValue {
    const size = statSync(join(this.#bot.path, name), { throwIfNoEntry: false })?.size ?? 0;
    return { file: `test-${name}`, name, type: mediaTypes[extname(name).toLowerCase()] ?? 'application/octet-stream', size };
  }
}

interface Loaded {
  readonly program: LoadedProgram;
  readonly look: () => void;
}

interface Person {
  /** Empty for a script that runs by itself. */
  readonly name: string;
  readonly loaded: Loaded;
  readonly params: TurnInput['variables'];
  readonly data: MemoryData;
  readonly operations: MemoryOperations;
  isOpen: boolean;
  snapshot: Uint8Array | null;
  status: TurnOutput['status'] | 'new';
  /** When the bot began to wait. */
  askedMs: number;
  /** By label, what a button says. */
  buttons: Map<string, string>;
}

interface Said {
  readonly replies: BotReply[];
  error: TurnOutput['error'];
  returned: TurnOutput['returned'] | null;
}

/** What a script finds set on a server, as far as a test knows it. */
function variablesFor({ name }: Person, settings: BotFolder['settings']): TurnInput['variables'] {
  const handle = name
    .normalize('NFD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '.');
  const isPerson = name !== '';
  const given = Object.entries(settings).flatMap(([key, value]) =>
    key.startsWith('param-') ? [[key.slice('param-'.length), plainOf(value)] as const] : [],
  );
  return {
    ...Object.fromEntries(given),
    channel: 'test',
    username: name,
    handle,
    user: handle,
    from: isPerson ? `${handle}@example.com` : '',
    role: isPerson ? 'member' : '',
  };
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.pdf': 'application/pdf',
  '.csv': 'text/csv',
  '.txt': 'text/plain',
  '.json': 'application/json',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.mp4': 'video/mp4',
};

/** `3`, `true`, `[1, 2]` and `"3"` as JSON has them; anything else is a text. */
function plainOf(text: string): TurnInput['variables'][string] {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const isStart = (step: Step): boolean => step.said === null && !step.isTime && step.run === null;

function whenOf(step: Step): string {
  if (step.isTime) return 'as time went by';
  if (step.run) return `when ${step.run.script} ran`;
  return step.said === null ? 'at the start' : `after "${step.said}"`;
}

/** What people see of messages, line by line: choices as `[a | b]`, and a word for what is no text. */
function linesOf(replies: readonly BotReply[]): string[] {
  return replies.flatMap((reply) => [
    ...spokenLines(reply.text),
    ...(reply.card ? [`(card: ${reply.card.title ?? reply.card.text ?? ''})`] : []),
    ...(reply.form ? [`(form: ${reply.form.title ?? reply.form.name})`] : []),
    ...(reply.files ?? []).map((file) => `(file: ${file})`),
    ...(reply.suggestions ? [`[${reply.suggestions.join(' | ')}]`] : []),
  ]);
}

/** Of a tool or a webhook: what whoever started it gets. */
function returnedLines({ returned }: Said): string[] {
  if (returned === null || returned === undefined) return [];
  return spokenLines(`(returns: ${typeof returned === 'string' ? returned : JSON.stringify(returned)})`);
}

/** Where a program offers a menu and says nothing, the machine says that something is to be chosen. */
const machineQuestions: ReadonlySet<string> = new Set([askAgain('CHOOSE', 'en'), askAgain('CHOOSE', 'pt-BR')]);

function withoutQuestion(reply: BotReply): BotReply {
  return reply.suggestions && machineQuestions.has(reply.text) ? { ...reply, text: '' } : reply;
}
