import type { JsonObject, JsonValue, Locale, PreviewReply, ScriptFile, VariableChange } from 'gb-protocol';
import {
  Debugger,
  type Inside,
  type JournalTurn,
  type Mode,
  migrateSnapshot,
  pathTo,
  prepareStepping,
  replayTurn,
  SuspendedConversation,
} from 'gb-vm/debug';
import { createMemoryOperations, type EngineInput, MemoryData } from 'gb-vm/in-process';
import type {
  Answers,
  Command,
  Handle,
  Line,
  Outcome,
  Question,
  RanProgram,
  Source,
  State,
  Value,
  Variable,
} from './protocol.ts';
import { startingState } from './protocol.ts';

/** A person steps through it, and nobody else waits. */
const limits: EngineInput['limits'] = {
  fuelMax: 1_000_000_000,
  wallMsMax: 3_600_000,
  memoryBytesMax: 256 * 1024 * 1024,
  snapshotBytesMax: 64 * 1024 * 1024,
  messagesMax: 10_000,
};
/** Of one list or object at once. */
const insideMax = 200;

type Program = Parameters<typeof migrateSnapshot>[1];
type Output = NonNullable<Debugger['output']>;

/**
 * One program under the debugger, from its beginning or from where a real conversation stands. What it asks of the world
 * is not done: tables and memories are made up here, for everything else the person says what comes.
 */
export class DebugSession {
  readonly #tell: (state: State) => void;
  readonly #pauses: () => Promise<void>;
  readonly #onChanges: (changes: readonly VariableChange[]) => void;
  #state: State = startingState;
  #locale: Locale = 'en';
  #settings: Readonly<Record<string, string>> = {};
  #variables: JsonObject = {};
  #stepping: Program | null = null;
  #debug: Debugger | null = null;
  /** Between two turns: what waits, and the build it waits in. */
  #waiting: { readonly conversation: SuspendedConversation; readonly program: Program } | null = null;
  #data = new MemoryData();
  #breakpoints = new Map<string, Extract<Question, { kind: 'breakpoints' }>['lines']>();
  /** What was handed out, and how it is named: null for what an expression made. */
  #handles: { readonly inside: Inside; readonly path: string | null }[] = [];
  /** The real conversation as it stands, until its copy goes on. */
  #real: SuspendedConversation | null = null;
  /** A real conversation was opened to be stepped through: its next answer does not run away. */
  #stopsNext = false;
  /** Counts the runs: one that was replaced says nothing more. */
  #run = 0;

  /** `pauses` gives the thread back for a moment, so that a wish to stop can be heard. */
  constructor(
    tell: (state: State) => void,
    pauses: () => Promise<void>,
    onChanges: (changes: readonly VariableChange[]) => void = () => {},
  ) {
    this.#tell = tell;
    this.#pauses = pauses;
    this.#onChanges = onChanges;
  }

  async do(command: Command): Promise<void> {
    switch (command.kind) {
      case 'start':
        return this.#start(command);
      case 'answer':
        return this.#answer(command.text, command.form);
      case 'result':
        return this.#result(command.value);
      case 'run':
        if (this.#state.phase === 'stopped') await this.#go(command.mode);
        return;
      case 'pause':
        this.#debug?.pause();
    }
  }

  ask(question: Question): Answers[keyof Answers] {
    switch (question.kind) {
      case 'breakpoints':
        this.#breakpoints.set(question.file, question.lines);
        return this.#debug?.setBreakpoints(question.file, question.lines) ?? [];
      case 'variables':
        return this.#named(question.frame < 0 ? this.#subject?.globals() : this.#subject?.variables(question.frame));
      case 'inside': {
        const handed = this.#handles[question.handle];
        const count = Math.min(question.count, insideMax);
        return handed ? this.#named(this.#subject?.inside(handed.inside, question.from, count), handed.path) : [];
      }
      case 'evaluate':
        return this.#outcome(this.#subject?.evaluate(question.frame, question.text), null);
      case 'set':
        return this.#set(question.frame, question.target, question.text);
      case 'setInside': {
        const path = this.#handles[question.handle]?.path ?? null;
        return path === null
          ? { problem: say(this.#locale, onlyCopy) }
          : this.#set(question.frame, pathTo(path, question.name), question.text);
      }
    }
  }

  /** What is looked into: the program that stands before a statement, or the conversation that waits. */
  get #subject(): Debugger | SuspendedConversation | null {
    return this.#debug?.isStopped ? this.#debug : (this.#waiting?.conversation ?? null);
  }

  #set(frame: number, target: string, text: string): Outcome {
    const subject = this.#subject;
    const set = this.#outcome(subject?.set(frame, target, text), target);
    if (subject === this.#real && this.#real && !('problem' in set)) this.#onChanges(this.#real.changes);
    return set;
  }

  async #start({ source, locale, stopsAtEntry }: Extract<Command, { kind: 'start' }>): Promise<void> {
    const run = ++this.#run;
    this.#debug = null;
    this.#waiting = null;
    this.#stand(null);
    this.#stopsNext = source.kind === 'waiting' && stopsAtEntry;
    this.#locale = locale;
    this.#settings = source.kind === 'draft' ? source.settings : {};
    this.#variables = source.kind === 'past' ? source.turn.input.variables : source.variables;
    this.#data = new MemoryData();
    this.#become({ ...startingState, phase: 'starting' });
    const { files, entry } = source.kind === 'draft' ? source : source.program;
    const scripts = scriptsOf(files);
    if (scripts.length === 0) return this.#break(say(locale, noScripts));
    const { program, diagnostics } = await prepareStepping(scripts, { locale, entry });
    if (run !== this.#run) return;
    if (!program) {
      const wrong = diagnostics.find(({ severity }) => severity === 'error');
      return this.#break(wrong ? `${wrong.file}:${wrong.line} ${wrong.message}` : say(locale, notCompiled));
    }
    this.#stepping = program;
    try {
      await this.#begin(source, program, stopsAtEntry);
    } catch (error) {
      // A snapshot of another time, or a program this browser cannot load: there is nothing to look into.
      this.#break(error instanceof Error ? error.message : String(error));
    }
  }

  async #begin(source: Source, stepping: Program, stopsAtEntry: boolean): Promise<void> {
    const first: Mode = stopsAtEntry ? 'into' : 'continue';
    if (source.kind === 'draft') return this.#turn({ snapshot: null, answer: null, seed: randomSeed() }, first);
    const ran = programOf(source.program);
    if (source.kind === 'waiting') {
      this.#addLines(source.replies.map((reply) => ({ from: 'bot', reply })));
      this.#wait(ran, bytesOf(source.snapshot), null, source.replies.at(-1)?.suggestions ?? []);
      this.#stand(this.#waiting!.conversation);
      return;
    }
    const { turn } = source;
    const entry = { ...turn, snapshot: source.snapshot === null ? null : bytesOf(source.snapshot) } as unknown as JournalTurn;
    const debug = replayTurn([entry], turn.turn, ran, stepping, { locale: this.#locale, limits });
    if ('reason' in debug) return this.#break(say(this.#locale, debug.reason));
    this.#take(debug);
    if (turn.cause === 'answer' && turn.input.answer !== null) this.#addLines([{ from: 'me', text: turn.input.answer }]);
    await this.#go(first);
  }

  async #answer(text: string, form: JsonObject | undefined): Promise<void> {
    const { phase } = this.#state;
    if (phase !== 'waiting' || !this.#waiting) return;
    const snapshot = this.#moved();
    if (!snapshot) return;
    this.#addLines([{ from: 'me', text }]);
    const mode = this.#stopsNext ? 'into' : 'continue';
    this.#stopsNext = false;
    await this.#turn({ snapshot, answer: text, ...(form ? { form } : {}) }, mode);
  }

  async #result(value: JsonValue): Promise<void> {
    if (this.#state.phase !== 'asking' || !this.#waiting) return;
    const snapshot = this.#moved();
    if (snapshot) await this.#turn({ snapshot, answer: null, result: { value } }, 'continue');
  }

  /** What waits, with what was changed in it, as a conversation of the stepping build; null when it cannot become one. */
  #moved(): Uint8Array | null {
    const { conversation, program } = this.#waiting!;
    const moved = migrateSnapshot(conversation.snapshot(), program, this.#stepping!);
    if (!('reason' in moved)) return moved;
    this.#break(say(this.#locale, moved.reason));
    return null;
  }

  #turn(
    given: Pick<EngineInput, 'snapshot' | 'answer' | 'result'> & { readonly seed?: number; readonly form?: JsonObject },
    mode: Mode,
  ): Promise<void> {
    const { form, seed = 0, ...input } = given;
    const operations = createMemoryOperations({ data: this.#data, locale: this.#locale, config: this.#settings });
    const debug = new Debugger(this.#stepping!, {
      locale: this.#locale,
      host: ({ name, args }) =>
        name === 'GET' && isOfTheWorld(args['address']) ? null : operations(name, args as Parameters<typeof operations>[1]),
    });
    this.#take(debug);
    debug.begin({
      ...input,
      customerId: 'debugger',
      nowMs: Date.now(),
      seed,
      locale: this.#locale,
      variables: { ...this.#variables, message: input.answer ?? '', ...(form ? { form } : {}) },
      takesRequests: true,
      limits,
    });
    return this.#go(mode);
  }

  /** A real conversation, as long as nothing but its variables was touched. */
  #stand(conversation: SuspendedConversation | null): void {
    this.#real = conversation;
    this.#onChanges([]);
  }

  #take(debug: Debugger): void {
    if (this.#real) this.#stand(null);
    this.#debug = debug;
    this.#waiting = null;
    for (const [file, lines] of this.#breakpoints) debug.setBreakpoints(file, lines);
  }

  async #go(mode: Mode): Promise<void> {
    const run = ++this.#run;
    const debug = this.#debug!;
    this.#become({ ...this.#state, phase: 'running', reason: null, message: null, frames: [], suggestions: [], request: null });
    for (;;) {
      const progress = debug.run(mode);
      if (progress.kind === 'stopped') {
        const message = progress.reason === 'error' ? progress.message : null;
        this.#become({ ...this.#state, phase: 'stopped', reason: progress.reason, message, frames: debug.frames() });
        return;
      }
      if (progress.kind === 'ended') return this.#ended(progress.output);
      await this.#pauses();
      if (run !== this.#run) return;
    }
  }

  #ended(output: Output): void {
    const suggestions = this.#data.suggestions.splice(0).map(({ label }) => label);
    this.#addLines(output.replies.map((reply) => ({ from: 'bot', reply: shown(reply) })));
    if (output.status === 'waiting' && output.snapshot) {
      const offered = output.replies.at(-1)?.suggestions ?? [];
      this.#wait(this.#stepping!, output.snapshot, output.request ?? null, [...offered, ...suggestions]);
      return;
    }
    this.#become({ ...this.#state, phase: 'ended', message: output.error?.message ?? null, frames: [] });
  }

  #wait(
    program: Program,
    snapshot: Uint8Array,
    request: Output['request'] | null = null,
    suggestions: readonly string[] = [],
  ): void {
    const conversation = new SuspendedConversation(program, snapshot, this.#locale);
    this.#waiting = { conversation, program };
    this.#become({
      ...this.#state,
      phase: request ? 'asking' : 'waiting',
      reason: null,
      message: null,
      frames: conversation.frames(),
      suggestions,
      request: request ? { name: request.name, args: request.args as JsonObject } : null,
    });
  }

  #addLines(lines: readonly Line[]): void {
    if (lines.length > 0) this.#state = { ...this.#state, lines: [...this.#state.lines, ...lines] };
  }

  #break(message: string): void {
    this.#debug = null;
    this.#waiting = null;
    this.#become({ ...this.#state, phase: 'broken', message, frames: [], suggestions: [], request: null });
  }

  #become(state: State): void {
    this.#state = state;
    this.#handles = [];
    this.#tell(state);
  }

  /** `within`: how that is named in which they are; null for what an expression made. */
  #named(
    found: readonly (Parameters<DebugSession['value']>[0] & { readonly name: string })[] | undefined,
    within?: string | null,
  ): Variable[] {
    return (found ?? []).map((one) => {
      const path = within === undefined ? one.name : within === null ? null : pathTo(within, one.name);
      return { name: one.name, ...this.value(one, path) };
    });
  }

  #outcome(found: Parameters<DebugSession['value']>[0] | { readonly problem: string } | undefined, path: string | null): Outcome {
    if (!found) return { problem: say(this.#locale, notStopped) };
    return 'problem' in found ? found : this.value(found, path);
  }

  /** What is inside stays here; the page gets a number for it. */
  value({ type, text, count, inside }: Omit<Value, 'inside'> & { readonly inside: Inside | null }, path: string | null): Value {
    return { type, text, count, inside: inside === null ? null : this.#keep(inside, path) };
  }

  #keep(inside: Inside, path: string | null): Handle {
    this.#handles.push({ inside, path });
    return this.#handles.length - 1;
  }
}

/** GET also reads files and the session, which are made up here. */
const isOfTheWorld = (address: unknown): boolean => /^\s*https?:/i.test(String(address));

type Said = { readonly en: string; readonly pt: string };

const say = (locale: Locale, said: Said): string => (locale === 'pt-BR' ? said.pt : said.en);

const notStopped: Said = { en: 'The program is not stopped.', pt: 'O programa não está parado.' };
const onlyCopy: Said = { en: 'This is a copy and cannot be changed.', pt: 'Isto é uma cópia e não pode ser mudado.' };
const notCompiled: Said = { en: 'The scripts do not compile.', pt: 'Os roteiros não compilam.' };
const noScripts: Said = {
  en: 'The scripts of this program are no longer kept, so it cannot be stepped through.',
  pt: 'Os roteiros deste programa não estão mais guardados, então não dá para percorrê-lo passo a passo.',
};

const scriptsOf = (files: readonly ScriptFile[]): ScriptFile[] => files.filter(({ name }) => /\.bas$/i.test(name));

function programOf({ hash, debugMap, wasm }: RanProgram): Program {
  return { hash, debugMap, wasm: bytesOf(wasm) };
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function shown({ text, suggestions, card, form }: Output['replies'][number]): PreviewReply {
  return { text, ...(suggestions ? { suggestions } : {}), ...(card ? { card } : {}), ...(form ? { form } : {}) };
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}
