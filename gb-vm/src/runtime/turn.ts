import type { BotReply, OperationErrorCode, PlainValue, TurnInput, TurnOutput } from 'gb-core';
import type { DebugMap } from '../compiler/layout.ts';
import { BasicError } from './errors.ts';
import { askAgain } from './hear.ts';
import { Printer } from './print/printer.ts';

/** Everything of a turn except how its program is fetched. */
export interface EngineInput extends Omit<TurnInput, 'program'> {
  /** Given, everything said and printed goes there at once, as raw text, instead of into `replies`. */
  readonly console?: EngineConsole;
  /** What the host does for the program; null where it does not offer it. */
  readonly operations?: Operations;
  /** Added to UTC for the program's dates and times; 0 when nothing is said. */
  readonly utcOffsetMinutes?: number;
}

export interface EngineConsole {
  write(text: string): void;
  /** One sentence with its place: exceptions the program goes on after. */
  warn(text: string): void;
}

/** Arguments and result are plain data; what comes back is the program's to keep. */
export type Operations = (
  name: string,
  args: Readonly<Record<string, JsonValue>>,
) => { readonly value: JsonValue } | { readonly error: string; readonly code?: OperationErrorCode } | null;

export type JsonValue = PlainValue;

/** A program ready to run in this engine's memory. */
export interface LoadedProgram {
  readonly hash: string;
}

/** A turn that is being run, slice by slice. */
export interface Turn {
  readonly output: TurnOutput | null;
}

export interface Loaded extends LoadedProgram {
  readonly map: DebugMap;
  readonly hashBytes: Uint8Array;
  readonly instance: Instance;
}

export interface Instance {
  resume(): number;
  loadConstants(): void;
  readonly fuel: WebAssembly.Global<'i32'>;
  readonly floor: WebAssembly.Global<'i32'>;
  readonly depth: WebAssembly.Global<'i32'>;
}

/** What one turn may say, in UTF-16 units, over all its messages. */
export const talkCharactersMax = 256_000;

/** A turn with what it has said and used so far. */
export class RunningTurn implements Turn {
  output: TurnOutput | null = null;
  readonly program: Loaded;
  readonly input: EngineInput;
  readonly replies: BotReply[] = [];
  /** Where it stopped while another turn has the memory. */
  image: Uint8Array | null = null;
  fuelUsed = 0;
  talkCharacters = 0;
  slices = 0;
  /** An operation is done and the program has yet to see what it gave. */
  hasResult = false;
  wallMs = 0;
  /** What the entry script gave back with RETURN. */
  returned: JsonValue | undefined;
  /** What the host could not do, to be raised where the program asked for it. */
  refused: BasicError | null = null;
  /** What PRINT wrote since the last message. */
  printed = '';
  printer: Printer;

  constructor(program: Loaded, input: EngineInput) {
    this.program = program;
    this.input = input;
    this.printer = new Printer(program.map.profile ?? 'bot', (text) => {
      if (input.console) input.console.write(text);
      else {
        this.printed += text;
        if (this.printed.length > talkCharactersMax) throw new BasicError('too_many_messages', null, input.limits.messagesMax);
      }
    });
  }

  /** What was printed since the last message becomes one. */
  flushPrinted(): void {
    const text = this.printed.trimEnd();
    this.printed = '';
    if (text === '') return;
    this.talkCharacters += text.length;
    if (this.talkCharacters > talkCharactersMax) throw new BasicError('too_many_messages', null, this.input.limits.messagesMax);
    this.#refuseTooMany(null);
    this.replies.push({ text });
  }

  /** A sentence of the machine itself, like the one that asks again. */
  reply(reply: BotReply): void {
    const { console } = this.input;
    if (!console) {
      this.replies.push(reply);
      return;
    }
    const choices = reply.suggestions ? `[${reply.suggestions.join(' | ')}]\n` : '';
    if (this.printer.column > 0) this.printer.line();
    console.write(`${reply.text}\n${choices}`);
  }

  /** A message that is more than text. */
  show(reply: BotReply, position: number): void {
    this.flushPrinted();
    this.#refuseTooMany(position);
    this.talkCharacters += reply.text.length + JSON.stringify([reply.card ?? null, reply.form ?? null]).length;
    if (this.talkCharacters > talkCharactersMax)
      throw new BasicError('too_many_messages', position, this.input.limits.messagesMax);
    this.replies.push(reply);
  }

  #refuseTooMany(position: number | null): void {
    const { messagesMax, messagesLeft = messagesMax } = this.input.limits;
    if (this.replies.length >= messagesMax) throw new BasicError('too_many_messages', position, messagesMax);
    if (this.replies.length >= messagesLeft) throw new BasicError('messages_exhausted', position, messagesLeft);
  }

  talk(text: string, position: number): void {
    const { console } = this.input;
    if (console) {
      if (this.printer.column > 0) this.printer.line();
      console.write(`${text}\n`);
      return;
    }
    this.flushPrinted();
    this.#refuseTooMany(position);
    // A message without text is none: nobody could see it.
    if (text.trim() === '') return;
    this.talkCharacters += text.length;
    // A long text becomes several messages, so texts are bounded as messages are.
    if (this.talkCharacters > talkCharactersMax)
      throw new BasicError('too_many_messages', position, this.input.limits.messagesMax);
    this.replies.push({ text });
  }

  /** Choices are said, too, and bounded with the rest: one long text may stand in a list a thousand times. */
  offer(suggestions: string[]): void {
    this.talkCharacters += suggestions.reduce((sum, { length }) => sum + length, 0);
    if (this.talkCharacters > talkCharactersMax) throw new BasicError('too_many_messages', null, this.input.limits.messagesMax);
    const last = this.replies.at(-1);
    if (this.input.console) this.input.console.write(`[${suggestions.join(' | ')}]\n`);
    else if (last && !last.suggestions) this.replies[this.replies.length - 1] = { ...last, suggestions };
    else this.replies.push({ text: !last && this.input.hasSpoken ? '' : askAgain('CHOOSE', this.input.locale), suggestions });
  }
}
