import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Locale } from 'gb-vm/compiler';
import { createMemoryOperations, type EngineInput, MemoryData } from 'gb-vm/in-process';
import { settingsOf } from '../bot/package.ts';
import { findFiles } from './source-files.ts';

export interface ConsoleHost {
  readonly operations: NonNullable<EngineInput['operations']>;
  /** The given clock, and what WAIT added to it: a program at a console does not really wait. */
  readonly nowMs: () => number;
}

export interface ConsoleHostOptions {
  /** The folders below belong to the program, too. */
  readonly isDeep: boolean;
  readonly locale: Locale;
  readonly nowMs: () => number;
  /** Told each line of LOG and DEBUG. */
  readonly log: (line: string) => void;
}

/** What a program finds without a server: tables and memories in this process, the csv files and settings of its folder. */
export function consoleHost(folder: string, options: ConsoleHostOptions): ConsoleHost {
  const data = new MemoryData(csvFiles(folder, options.isDeep));
  const nowMs = () => options.nowMs() + data.waitedMs;
  const config = settingsOf(folder);
  return { operations: createMemoryOperations({ ...options, data, config, nowMs }), nowMs };
}

/** All together; a folder may hold more data than any script wants. */
const dataBytesMax = 32 * 1024 * 1024;

/** The csv files of a folder by name. Programs change their copy in memory, never the files. */
export function csvFiles(folder: string, isDeep: boolean): Map<string, string> {
  const files = new Map<string, string>();
  let bytes = 0;
  for (const path of findFiles(folder, '.csv', { isDeep })) {
    const { size } = statSync(path);
    if (files.has(basename(path)) || bytes + size > dataBytesMax) continue;
    bytes += size;
    files.set(basename(path), readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  }
  return files;
}
