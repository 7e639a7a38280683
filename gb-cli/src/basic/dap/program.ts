import { resolve } from 'node:path';
import type { TurnOutput } from 'gb-core';
import type { Locale, Profile } from 'gb-vm/compiler';
import { Debugger, type Mode, type Progress, prepareStepping } from 'gb-vm/debug';
import type { EngineInput } from 'gb-vm/in-process';
import { consoleHost } from '../operations.ts';
import { type ProgramFiles, readProgram, textOf } from '../program-files.ts';

export interface ProgramOptions {
  readonly profile: Profile;
  readonly locale: Locale;
  readonly write: (text: string) => void;
  readonly warn: (text: string) => void;
  /** Lets what was written out reach its reader, who may be slow. */
  readonly breathe: () => Promise<void>;
}

/** It does not compile; the message is what `gb basic check` would say. */
export class DoesNotCompile extends Error {}

const memoryBytesMax = 256 * 1024 * 1024;

/** A program with everything it finds at a console, under the debugger: one conversation from start to end. */
export class DebuggedProgram {
  readonly files: ProgramFiles;
  readonly debugger: Debugger;
  readonly #input: Omit<EngineInput, 'snapshot' | 'answer' | 'nowMs'>;
  readonly #nowMs: () => number;
  readonly #breathe: () => Promise<void>;
  #isAbandoned = false;

  private constructor(files: ProgramFiles, program: ConstructorParameters<typeof Debugger>[0], options: ProgramOptions) {
    const { locale } = options;
    this.files = files;
    this.debugger = new Debugger(program, { locale });
    const host = consoleHost(files.folder, { isDeep: files.isPackage, locale, nowMs: () => Date.now(), log: options.warn });
    this.#nowMs = host.nowMs;
    this.#breathe = options.breathe;
    this.#input = {
      customerId: 'console',
      seed: options.profile === 'bot' ? Math.floor(Math.random() * 0xffff_ffff) : 1,
      locale,
      variables: { locale, channel: 'console' },
      utcOffsetMinutes: -new Date().getTimezoneOffset(),
      operations: host.operations,
      console: { write: options.write, warn: options.warn },
      // A person steps through it: it may take what it takes.
      limits: {
        fuelMax: Number.MAX_SAFE_INTEGER,
        wallMsMax: 24 * 3_600_000,
        memoryBytesMax,
        snapshotBytesMax: memoryBytesMax,
        messagesMax: 1_000_000,
      },
    };
  }

  static async open(path: string, options: ProgramOptions): Promise<DebuggedProgram> {
    const files = readProgram(path);
    const { program, diagnostics } = await prepareStepping(
      files.scripts.map(({ name, text }) => ({ name, text })),
      { entry: files.entry.name, profile: options.profile, locale: options.locale },
    );
    const told = diagnostics.map((diagnostic) => textOf(diagnostic, files.scripts)).join('');
    if (!program) throw new DoesNotCompile(told);
    if (told) options.warn(told);
    return new DebuggedProgram(files, program, options);
  }

  /** The script at this path, by the name the program knows it by. */
  scriptAt(path: string): string | null {
    return this.files.scripts.find((script) => resolve(script.path) === resolve(path))?.name ?? null;
  }

  pathOf(name: string): string | null {
    const found = this.files.scripts.find((script) => script.name === name);
    return found ? resolve(found.path) : null;
  }

  /** A start, or the answer to what waits in this output. */
  begin(before: TurnOutput | null, answer: string | null): void {
    this.debugger.begin({ ...this.#input, snapshot: before?.snapshot ?? null, answer, nowMs: this.#nowMs() });
  }

  /** Runs until it stops or ends, looking up in between, so that somebody can pause it; null when it was abandoned. */
  async run(mode: Mode): Promise<Progress | null> {
    while (!this.#isAbandoned) {
      const progress = this.debugger.run(mode);
      if (progress.kind !== 'running') return progress;
      await this.#breathe();
    }
    return null;
  }

  abandon(): void {
    this.#isAbandoned = true;
  }
}
