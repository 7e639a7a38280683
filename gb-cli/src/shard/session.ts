import { type MoveOptions, MoveRefused } from 'gb-storage';
import { UsageError } from '../basic/command-line.ts';
import { tell } from '../basic/terminal.ts';
import type { Config } from '../config.ts';
import { type Words, wordsOf } from './words.ts';

/** What all commands of the group share. */
export interface Session {
  readonly words: Words;
  readonly locale: 'en' | 'pt-BR';
  /** Log-ins of owners by name, the control database first. */
  readonly owners: MoveOptions['shards'];
  /** To standard output. */
  readonly say: (line: string) => void;
  readonly number: (value: number) => string;
}

export function openSession({ databaseShards }: Config, locale: 'en' | 'pt-BR'): Session {
  const words = wordsOf[locale];
  if (databaseShards.size === 0) throw new UsageError(words.noShards);
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  return {
    words,
    locale,
    owners: new Map([...databaseShards].map(([name, connectionString]) => [name, { connectionString }])),
    say: (line) => tell(`${line}\n`),
    number: (value) => format.format(value),
  };
}

/** What was refused, in the language of whoever asked. */
export function refusalOf(error: unknown, locale: 'en' | 'pt-BR'): string | null {
  return error instanceof MoveRefused ? error.said[locale === 'pt-BR' ? 'pt' : 'en'] : null;
}
