import { basename } from 'node:path';
import {
  Breakpoint,
  DebugSession,
  ExitedEvent,
  Handles,
  InitializedEvent,
  OutputEvent,
  Scope,
  Source,
  StackFrame,
  StoppedEvent,
  TerminatedEvent,
  Thread,
} from '@vscode/debugadapter';
import type { DebugProtocol as Protocol } from '@vscode/debugprotocol';
import type { TurnOutput } from 'gb-core';
import { type Locale, type Profile, profiles } from 'gb-vm/compiler';
import {
  type Debugger,
  type Evaluated,
  type Inside,
  type Mode,
  type Named,
  type Progress,
  pathTo,
  type SuspendedConversation,
} from 'gb-vm/debug';
import { UsageError } from '../command-line.ts';
import { harmless } from '../report.ts';
import { DebuggedProgram, DoesNotCompile } from './program.ts';
import { RealConversation } from './real-conversation.ts';

export interface AdapterOptions {
  readonly profile: Profile;
  /** null for the language of the editor. */
  readonly locale: Locale | null;
}

interface Launch extends Protocol.LaunchRequestArguments {
  readonly program?: string;
  readonly stopOnEntry?: boolean;
  readonly profile?: string;
}

/** A conversation on a server, instead of a program at a console. */
interface Attach extends Protocol.AttachRequestArguments {
  readonly bot?: string;
  readonly conversation?: string;
}

/** What a number for variables stands for, until the program runs on. `path` is how an expression would name it. */
type Container =
  | { readonly kind: 'frame' | 'globals'; readonly frame: number }
  | { readonly kind: 'inside'; readonly frame: number; readonly inside: Inside; readonly path: string | null };

const thread = 1;
/** Of one list or object at once; editors ask for more in pieces. */
const variablesMax = 1000;

/**
 * The Debug Adapter Protocol over one program at a console. What the program says goes to the debug console; what a
 * person writes there answers the HEAR it waits at, and is an expression or an assignment while the program stands still.
 *
 * Attached to a conversation on a server it shows where that one waits. It cannot be stepped, since the person there has
 * not answered; its variables can be changed, in a copy until `apply` is written in the console.
 */
export class DebugAdapter extends DebugSession {
  readonly ended: Promise<void>;
  readonly #options: AdapterOptions;
  readonly #containers = new Handles<Container>();
  readonly #end: () => void;
  #locale: Locale;
  #out: NodeJS.WritableStream | null = null;
  #program: DebuggedProgram | null = null;
  #real: RealConversation | null = null;
  #stopsOnEntry = false;
  #isNoDebug = false;
  /** Set while the program waits for a person. */
  #waiting: TurnOutput | null = null;
  #wasTold = false;

  constructor(options: AdapterOptions) {
    super();
    this.setDebuggerLinesStartAt1(true);
    this.setDebuggerColumnsStartAt1(true);
    this.#options = options;
    this.#locale = options.locale ?? 'en';
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  override start(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): void {
    this.#out = output;
    super.start(input, output);
  }

  /** A program can print faster than an editor reads. */
  #breathe(): Promise<void> {
    const out = this.#out;
    return new Promise((resume) => {
      if (out && 'writableNeedDrain' in out && out.writableNeedDrain) out.once('drain', resume);
      else setImmediate(resume);
    });
  }

  /** The editor has gone, or is done with us. */
  override shutdown(): void {
    this.#end();
  }

  abandon(): void {
    this.#program?.abandon();
  }

  // Beginning

  /** Paths are what the protocol takes for granted; the library wants it said. */
  protected override dispatchRequest(request: Protocol.Request): void {
    if (request.command === 'initialize') request.arguments = { pathFormat: 'path', ...request.arguments };
    super.dispatchRequest(request);
  }

  protected override initializeRequest(response: Protocol.InitializeResponse, args: Protocol.InitializeRequestArguments): void {
    if (this.#options.locale === null) this.#locale = args.locale?.toLowerCase().startsWith('pt') ? 'pt-BR' : 'en';
    response.body = {
      supportsConfigurationDoneRequest: true,
      supportsConditionalBreakpoints: true,
      supportsEvaluateForHovers: true,
      supportsSetVariable: true,
      supportsSetExpression: true,
      supportsTerminateRequest: true,
      supportsBreakpointLocationsRequest: true,
    };
    this.sendResponse(response);
  }

  protected override launchRequest(response: Protocol.LaunchResponse, args: Launch): void {
    void this.#answered(response, () => this.#launch(response, args));
  }

  async #launch(response: Protocol.LaunchResponse, args: Launch): Promise<void> {
    const profile = args.profile === undefined ? this.#options.profile : profiles.find((one) => one === args.profile);
    if (!args.program || !profile)
      return this.#refuse(
        response,
        args.program
          ? this.#say(`profile must be one of ${profiles.join(', ')}.`, `profile deve ser um destes: ${profiles.join(', ')}.`)
          : this.#say('The launch configuration needs a "program".', 'A configuração de execução precisa de um "program".'),
      );
    this.#stopsOnEntry = args.stopOnEntry ?? false;
    this.#isNoDebug = args.noDebug ?? false;
    try {
      this.#program = await DebuggedProgram.open(args.program, {
        profile,
        locale: this.#locale,
        write: (text) => this.#output(text, 'stdout'),
        breathe: () => this.#breathe(),
        warn: (text) => this.#output(text.endsWith('\n') ? text : `${text}\n`, 'stderr'),
      });
    } catch (error) {
      if (error instanceof DoesNotCompile) {
        this.#output(error.message, 'stderr');
        return this.#refuse(
          response,
          this.#say(
            'The program does not compile; the debug console says why.',
            'O programa não compila; o console de depuração diz por quê.',
          ),
        );
      }
      if (error instanceof UsageError || (error instanceof Error && 'syscall' in error))
        return this.#refuse(response, error.message);
      throw error;
    }
    this.sendResponse(response);
    // Only now breakpoints can be placed.
    this.sendEvent(new InitializedEvent());
  }

  protected override attachRequest(response: Protocol.AttachResponse, args: Attach): void {
    void this.#answered(response, async () => {
      const { bot, conversation } = args;
      if (!bot || !conversation)
        return this.#refuse(
          response,
          this.#say(
            'Attaching needs a "bot" (its handle) and a "conversation" (its id).',
            'Para conectar é preciso um "bot" (o identificador) e uma "conversation" (o id).',
          ),
        );
      this.#real = await RealConversation.open(bot, conversation, this.#locale);
      this.sendResponse(response);
      this.sendEvent(new InitializedEvent());
    });
  }

  protected override configurationDoneRequest(response: Protocol.ConfigurationDoneResponse): void {
    this.sendResponse(response);
    if (this.#real) {
      this.#output(
        this.#say(
          'A copy of the conversation, where it waits. What is changed stays in the copy, until "apply" is written here.\n',
          'Uma cópia da conversa, onde ela espera. O que for mudado fica na cópia, até que se escreva "aplicar" aqui.\n',
        ),
        'console',
      );
      this.sendEvent(new StoppedEvent('pause', thread));
      return;
    }
    if (!this.#program) return;
    this.#program.begin(null, null);
    this.#go(this.#stopsOnEntry ? 'into' : 'continue');
  }

  // Breakpoints

  protected override setBreakPointsRequest(
    response: Protocol.SetBreakpointsResponse,
    args: Protocol.SetBreakpointsArguments,
  ): void {
    const script = this.#program?.scriptAt(args.source.path ?? '');
    const wanted = (args.breakpoints ?? []).map(({ line, condition }) => ({
      line: this.convertClientLineToDebugger(line),
      ...(condition ? { condition } : {}),
    }));
    const placed =
      script && !this.#isNoDebug
        ? this.#program!.debugger.setBreakpoints(script, wanted)
        : wanted.map(({ line }) => ({ line, isPlaced: false }));
    response.body = {
      breakpoints: placed.map(
        ({ line, isPlaced }) => new Breakpoint(isPlaced, this.convertDebuggerLineToClient(line)) as Protocol.Breakpoint,
      ),
    };
    this.sendResponse(response);
  }

  protected override breakpointLocationsRequest(
    response: Protocol.BreakpointLocationsResponse,
    args: Protocol.BreakpointLocationsArguments,
  ): void {
    const script = this.#program?.scriptAt(args.source.path ?? '');
    const from = this.convertClientLineToDebugger(args.line);
    const to = args.endLine === undefined ? from : this.convertClientLineToDebugger(args.endLine);
    const lines = script ? this.#program!.debugger.lines(script).filter((line) => line >= from && line <= to) : [];
    response.body = { breakpoints: lines.map((line) => ({ line: this.convertDebuggerLineToClient(line) })) };
    this.sendResponse(response);
  }

  // Going on

  protected override continueRequest(response: Protocol.ContinueResponse): void {
    response.body = { allThreadsContinued: true };
    this.#resume(response, 'continue');
  }

  protected override nextRequest(response: Protocol.NextResponse): void {
    this.#resume(response, 'over');
  }

  protected override stepInRequest(response: Protocol.StepInResponse): void {
    this.#resume(response, 'into');
  }

  protected override stepOutRequest(response: Protocol.StepOutResponse): void {
    this.#resume(response, 'out');
  }

  protected override pauseRequest(response: Protocol.PauseResponse): void {
    // One that waits for a person stops before what follows the answer.
    this.#program?.debugger.pause();
    this.sendResponse(response);
  }

  #resume(response: Protocol.Response, mode: Mode): void {
    if (this.#real)
      return this.#refuse(
        response,
        this.#say(
          'A real conversation goes on when its person answers.',
          'Uma conversa de verdade continua quando a pessoa responde.',
        ),
      );
    if (!this.#program?.debugger.isStopped) return this.#refuse(response, this.#notStopped());
    this.sendResponse(response);
    this.#go(mode);
  }

  #go(mode: Mode): void {
    this.#containers.reset();
    this.#program!.run(mode).then(
      (progress) => progress && this.#onProgress(progress),
      (error: unknown) => {
        // A fault of ours: the editor must not wait for ever.
        this.#output(`gb: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`, 'stderr');
        this.sendEvent(new TerminatedEvent());
      },
    );
  }

  #onProgress(progress: Progress): void {
    if (progress.kind === 'running') return;
    if (progress.kind === 'stopped') {
      const isError = progress.reason === 'error';
      this.sendEvent(
        new StoppedEvent(isError ? 'exception' : progress.reason, thread, ...(isError ? [harmless(progress.message)] : [])),
      );
      return;
    }
    const { output } = progress;
    if (output.status === 'waiting') {
      this.#waiting = output;
      if (!this.#wasTold)
        this.#output(
          this.#say(
            '(The program waits: write the answer in this console.)\n',
            '(O programa espera: escreva a resposta neste console.)\n',
          ),
          'console',
        );
      this.#wasTold = true;
      return;
    }
    if (output.error) this.#output(`${harmless(output.error.message)}\n`, 'stderr');
    this.sendEvent(new ExitedEvent(output.error ? 1 : 0));
    this.sendEvent(new TerminatedEvent());
  }

  // Looking

  protected override threadsRequest(response: Protocol.ThreadsResponse): void {
    response.body = { threads: [new Thread(thread, 'BASIC')] };
    this.sendResponse(response);
  }

  protected override stackTraceRequest(response: Protocol.StackTraceResponse, args: Protocol.StackTraceArguments): void {
    const frames = this.#subject?.frames() ?? [];
    const from = args.startFrame ?? 0;
    const wanted = frames.slice(from, args.levels ? from + args.levels : undefined);
    response.body = {
      totalFrames: frames.length,
      stackFrames: wanted.map(({ index, procedure, isMain, file, line, column }) => {
        return new StackFrame(
          index,
          isMain ? this.#say('main program', 'programa principal') : procedure,
          this.#sourceOf(file),
          this.convertDebuggerLineToClient(line),
          this.convertDebuggerColumnToClient(column),
        );
      }),
    };
    this.sendResponse(response);
  }

  /** What is looked into. */
  get #subject(): Debugger | SuspendedConversation | null {
    return this.#real?.conversation ?? this.#program?.debugger ?? null;
  }

  /** The scripts of a conversation on a server are asked for by their number: the server has them, in its version. */
  #sourceOf(file: string): Source {
    const path = this.#program?.pathOf(file);
    const number = (this.#real?.files.findIndex(({ name }) => name === file) ?? -1) + 1;
    if (number > 0) return new Source(basename(file), undefined, number);
    return new Source(basename(file), ...(path ? [this.convertDebuggerPathToClient(path)] : []));
  }

  protected override sourceRequest(response: Protocol.SourceResponse, args: Protocol.SourceArguments): void {
    const file = this.#real?.files[args.sourceReference - 1];
    if (!file) return this.#refuse(response, this.#say('There is no such script.', 'Esse roteiro não existe.'));
    response.body = { content: file.text };
    this.sendResponse(response);
  }

  protected override scopesRequest(response: Protocol.ScopesResponse, { frameId }: Protocol.ScopesArguments): void {
    const isMain = this.#subject?.frames()[frameId]?.isMain ?? true;
    const scope = (name: string, kind: 'frame' | 'globals') => new Scope(name, this.#containers.create({ kind, frame: frameId }));
    const main = scope(this.#say('Main program', 'Programa principal'), 'globals');
    response.body = { scopes: isMain ? [main] : [scope(this.#say('Procedure', 'Procedimento'), 'frame'), main] };
    this.sendResponse(response);
  }

  protected override variablesRequest(response: Protocol.VariablesResponse, args: Protocol.VariablesArguments): void {
    const container = this.#containers.get(args.variablesReference);
    const debug = this.#subject;
    let found: readonly Named[] = [];
    if (container && debug)
      found =
        container.kind === 'inside'
          ? debug.inside(container.inside, args.start ?? 0, args.count || variablesMax)
          : container.kind === 'frame'
            ? debug.variables(container.frame)
            : debug.globals();
    response.body = { variables: found.map((one) => this.#variable(container!, one)) };
    this.sendResponse(response);
  }

  #variable(container: Container, named: Named): Protocol.Variable {
    const path = container.kind !== 'inside' ? named.name : container.path === null ? null : pathTo(container.path, named.name);
    return {
      name: named.name,
      value: named.text,
      ...this.#shown(named, frameOf(container), path),
      ...(path ? { evaluateName: path } : {}),
    };
  }

  /** What goes with every value: its type, and a number for what is in it. */
  #shown(value: Exclude<Evaluated, { problem: string }>, frame: number, path: string | null) {
    const { inside } = value;
    return {
      type: value.type,
      variablesReference: inside ? this.#containers.create({ kind: 'inside', frame, inside, path }) : 0,
      ...(value.type === 'list' ? { indexedVariables: value.count } : { namedVariables: value.count }),
    };
  }

  // Computing and changing

  protected override evaluateRequest(response: Protocol.EvaluateResponse, args: Protocol.EvaluateArguments): void {
    if (this.#real && args.context === 'repl' && applies.test(args.expression)) {
      void this.#answered(response, () => this.#apply(response));
      return;
    }
    const program = this.#program;
    if (program && args.context === 'repl' && this.#waiting) {
      const before = this.#waiting;
      this.#waiting = null;
      response.body = { result: '', variablesReference: 0 };
      this.sendResponse(response);
      program.begin(before, args.expression);
      this.#go('continue');
      return;
    }
    const subject = this.#real || program?.debugger.isStopped ? this.#subject : null;
    if (!subject) return this.#refuse(response, this.#notStopped());
    const frame = args.frameId ?? 0;
    const [, target, text] = (args.context === 'repl' && assignment.exec(args.expression)) || [];
    const value =
      target !== undefined && text !== undefined ? subject.set(frame, target, text) : subject.evaluate(frame, args.expression);
    if ('problem' in value) return this.#refuse(response, value.problem);
    response.body = { result: value.text, ...this.#shown(value, frame, target ?? args.expression) };
    this.sendResponse(response);
  }

  protected override setVariableRequest(response: Protocol.SetVariableResponse, args: Protocol.SetVariableArguments): void {
    const container = this.#containers.get(args.variablesReference);
    const debug = this.#subject;
    if (!container || !debug) return this.#refuse(response, this.#notStopped());
    const path = container.kind !== 'inside' ? args.name : container.path === null ? null : pathTo(container.path, args.name);
    if (path === null)
      return this.#refuse(
        response,
        this.#say('This is a copy and cannot be changed.', 'Isto é uma cópia e não pode ser mudado.'),
      );
    const value = debug.set(frameOf(container), path, args.value);
    if ('problem' in value) return this.#refuse(response, value.problem);
    response.body = { value: value.text, ...this.#shown(value, frameOf(container), path) };
    this.sendResponse(response);
  }

  protected override setExpressionRequest(response: Protocol.SetExpressionResponse, args: Protocol.SetExpressionArguments): void {
    const value = this.#subject?.set(args.frameId ?? 0, args.expression, args.value);
    if (!value || 'problem' in value) return this.#refuse(response, value?.problem ?? this.#notStopped());
    response.body = { value: value.text, ...this.#shown(value, args.frameId ?? 0, args.expression) };
    this.sendResponse(response);
  }

  /** What was changed in the copy, in the conversation itself. */
  async #apply(response: Protocol.EvaluateResponse): Promise<void> {
    const count = await this.#real!.apply();
    this.#containers.reset();
    const result =
      count === 0
        ? this.#say('Nothing was changed in the copy.', 'Nada foi mudado na cópia.')
        : this.#say('The real conversation was changed.', 'A conversa de verdade foi mudada.');
    response.body = { result, variablesReference: 0 };
    this.sendResponse(response);
    // What was looked at is another copy now.
    if (count > 0) this.sendEvent(new StoppedEvent('pause', thread));
  }

  // Ending

  protected override terminateRequest(response: Protocol.TerminateResponse): void {
    this.#program?.abandon();
    this.sendResponse(response);
    this.sendEvent(new TerminatedEvent());
  }

  protected override disconnectRequest(response: Protocol.DisconnectResponse): void {
    this.#program?.abandon();
    this.sendResponse(response);
    this.shutdown();
  }

  async #answered(response: Protocol.Response, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#refuse(response, error instanceof Error ? error.message : String(error));
    }
  }

  #refuse(response: Protocol.Response, message: string): void {
    this.sendErrorResponse(response, { id: 1, format: '{_message}', variables: { _message: harmless(message) }, showUser: true });
  }

  #output(text: string, category: 'stdout' | 'stderr' | 'console'): void {
    this.sendEvent(new OutputEvent(text, category));
  }

  #notStopped(): string {
    return this.#say('The program is not stopped.', 'O programa não está parado.');
  }

  #say(en: string, pt: string): string {
    return this.#locale === 'pt-BR' ? pt : en;
  }
}

/** `a = 1`, `a.b[2] = x`: in the console that is an assignment, as in a script. */
const assignment = /^\s*([\p{L}_][^=<>"]*?)\s*=(?!=)\s*(.+)$/su;

/** In the console of an attached conversation. */
const applies = /^\s*(apply|aplicar)\s*$/i;

/** Where a path within it begins. */
function frameOf({ kind, frame }: Container): number {
  return kind === 'globals' ? -1 : frame;
}
