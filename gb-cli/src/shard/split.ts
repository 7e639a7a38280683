import type { CustomerId } from 'gb-protocol';
import { openShards, partsMax, SplitRefused, splitCustomer } from 'gb-storage';
import { isUuid } from 'gb-utils';
import { exit, numberOption, readArguments, UsageError } from '../basic/command-line.ts';
import { report } from '../basic/terminal.ts';
import { createLogger } from '../logger.ts';
import type { Session } from './session.ts';

/** `gb shard split CUSTOMER --parts N`. Cut off anywhere, the same command goes on. */
export async function split({ locale, owners, say, number }: Session, args: readonly string[]): Promise<number> {
  const words = wordsOf[locale];
  const { values, positionals } = readArguments(args, { parts: { type: 'string' }, rest: { type: 'string' } });
  const [customerId, ...more] = positionals;
  if (!isUuid(customerId) || more.length > 0) throw new UsageError(words.noCustomer);
  if (values.parts === undefined) throw new UsageError(words.noParts);
  const parts = numberOption('parts', values.parts, 0, 1, partsMax);
  if (!Number.isInteger(parts)) throw new UsageError(words.noParts);
  const restMs = numberOption('rest', values.rest, 90, 0, 3_600) * 1_000;
  const log = createLogger('warn');
  // One log-in in three roles, as the server has it.
  const as = (role: string) => new Map([...owners].map(([name, owner]) => [name, { ...owner, options: `-c role=${role}` }]));
  const [apps, relays] = [as('gb_app'), as('gb_relay')];
  const logins = [...owners].map(([name, owner]) => [name, { owner, app: apps.get(name)!, relay: relays.get(name)! }] as const);
  const { store, map } = await openShards({ shards: new Map(logins), log });
  try {
    const { moved, entries, cold, pauseMsMax } = await splitCustomer(customerId as CustomerId, parts, {
      store,
      map,
      owners,
      relays,
      log,
      restMs,
      onProgress: (progress) =>
        report(`${words.progress(number(progress.moved), number(progress.of), number(progress.entries))}\n`),
      onRest: () => report(`${words.rests(number(restMs / 1_000))}\n`),
    });
    say(words.done(number(moved), number(entries), number(Math.round(pauseMsMax))));
    if (cold > 0) say(words.cold(number(cold)));
    return exit.finished;
  } catch (error) {
    if (!(error instanceof SplitRefused)) throw error;
    report(`gb: ${error.said[locale === 'pt-BR' ? 'pt' : 'en']}\n`);
    return exit.failed;
  } finally {
    await store.close();
  }
}

interface SplitWords {
  readonly noCustomer: string;
  readonly noParts: string;
  readonly progress: (moved: string, of: string, entries: string) => string;
  readonly rests: (seconds: string) => string;
  readonly done: (moved: string, entries: string, pauseMs: string) => string;
  readonly cold: (count: string) => string;
}

const wordsOf: Readonly<Record<Session['locale'], SplitWords>> = {
  en: {
    noCustomer: 'Say the id of an organization: gb shard split ID --parts 4',
    noParts: `Say how many parts, from 1 to ${partsMax}: --parts 4. The number cannot be changed later.`,
    progress: (moved, of, entries) => `${moved} of ${of} channels, ${entries} entries`,
    rests: (seconds) => `What the channels left behind is deleted in ${seconds} seconds, when nobody can be reading it any more.`,
    done: (moved, entries, pauseMs) =>
      moved === '0'
        ? 'Every channel is in its part.'
        : `${moved} channels with ${entries} entries went to their parts; writers of one waited ${pauseMs} ms at most.`,
    cold: (count) => `${count} channels stay where they are, because old texts of theirs are in cold history.`,
  },
  'pt-BR': {
    noCustomer: 'Diga o id de uma organização: gb shard split ID --parts 4',
    noParts: `Diga quantas partes, de 1 a ${partsMax}: --parts 4. O número não pode ser mudado depois.`,
    progress: (moved, of, entries) => `${moved} de ${of} canais, ${entries} entradas`,
    rests: (seconds) => `O que os canais deixaram será apagado em ${seconds} segundos, quando ninguém mais puder estar lendo.`,
    done: (moved, entries, pauseMs) =>
      moved === '0'
        ? 'Todos os canais estão em suas partes.'
        : `${moved} canais com ${entries} entradas foram para suas partes; quem escrevia em um deles esperou no máximo ${pauseMs} ms.`,
    cold: (count) => `${count} canais ficam onde estão, porque textos antigos deles estão no histórico frio.`,
  },
};
