import { readSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { isatty } from 'node:tty';

/** Thrown when whoever read our output has gone, as `head` does: nothing failed, there is nobody left to write for. */
export class ReaderGone extends Error {}

const bufferCharactersMax = 64 * 1024;
/** A person watching sees a line no later than this after it was printed, or when the program pauses. */
const flushMs = 20;

/**
 * Standard output of a running program. Written at once in large pieces, in time with the program: it runs in this
 * thread, so nothing asynchronous would come through while it computes.
 */
export class ProgramOutput {
  readonly #descriptor: number;
  #buffer = '';
  #flushedAt = performance.now();
  #last = '\n';
  #problem: Error | null = null;

  constructor(descriptor = 1) {
    this.#descriptor = descriptor;
  }

  /** Nothing is on the present line. */
  get isAtLineStart(): boolean {
    return this.#last === '\n';
  }

  /** Never throws, since the engine calls it in the middle of a program; what went wrong is thrown by the next `flush`. */
  write(text: string): void {
    if (text === '' || this.#problem !== null) return;
    this.#last = text.at(-1)!;
    this.#buffer += text;
    if (this.#buffer.length >= bufferCharactersMax || performance.now() - this.#flushedAt > flushMs) this.#writeOut();
  }

  /** Like `flush`, and as silent as `write`. */
  show(): void {
    this.#writeOut();
  }

  flush(): void {
    this.#writeOut();
    if (this.#problem !== null) throw this.#problem;
  }

  #writeOut(): void {
    this.#flushedAt = performance.now();
    if (this.#buffer === '') return;
    const bytes = Buffer.from(this.#buffer, 'utf8');
    this.#buffer = '';
    try {
      writeAll(this.#descriptor, bytes);
    } catch (error) {
      this.#problem = error instanceof Error ? error : new Error(String(error));
    }
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let from = 0;
  while (from < bytes.length) {
    try {
      from += writeSync(descriptor, bytes, from);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') throw new ReaderGone();
      if (code !== 'EAGAIN') throw error;
      // The pipe is full and somebody made it non-blocking: wait for the reader.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** What a command answers, on standard output. */
export function tell(text: string): void {
  write(1, text);
}

/** What is not the program's own: diagnostics, exceptions it goes on after, the reason it stopped. */
export function report(text: string): void {
  write(2, text);
}

function write(descriptor: number, text: string): void {
  try {
    writeAll(descriptor, Buffer.from(text, 'utf8'));
  } catch (error) {
    if (!(error instanceof ReaderGone)) throw error; // nobody reads it: the exit code still tells
  }
}

const lineCharactersMax = 1024 * 1024;

/** Lines of answers, one at a time, from standard input or a file that was opened. null at the end. */
export class AnswerLines {
  readonly #descriptor: number;
  readonly #decoder = new StringDecoder('utf8');
  readonly #chunk = Buffer.alloc(64 * 1024);
  #text = '';
  #at = 0;
  #hasEnded = false;

  constructor(descriptor = 0) {
    this.#descriptor = descriptor;
  }

  /** Waits for a whole line; the last one may lack its line end. The byte order mark of a file is no answer. */
  next(): string | null {
    let from = this.#at;
    for (;;) {
      const end = this.#text.indexOf('\n', from);
      if (end >= 0) {
        const line = this.#text.slice(this.#at, end);
        this.#at = end + 1;
        return line.replace(/\r$/, '').replace(/^\uFEFF/, '');
      }
      this.#text = this.#text.slice(this.#at);
      this.#at = 0;
      if (this.#hasEnded || this.#text.length > lineCharactersMax) {
        const rest = this.#text;
        this.#text = '';
        return rest === '' ? null : rest.replace(/\r$/, '').replace(/^\uFEFF/, '');
      }
      from = this.#text.length;
      this.#read();
    }
  }

  #read(): void {
    try {
      const count = readSync(this.#descriptor, this.#chunk, 0, this.#chunk.length, null);
      if (count === 0) this.#hasEnded = true;
      this.#text += count === 0 ? this.#decoder.end() : this.#decoder.write(this.#chunk.subarray(0, count));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF')
        this.#hasEnded = true; // how Windows tells the end of a console
      else if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      else throw error;
    }
  }
}

/** Whether a person types the answers and sees the output, so that a prompt helps. */
export function isConversation(): boolean {
  // Not process.stdin: touching it would make standard input non-blocking.
  return isatty(0) && isatty(1);
}
