import {
  guardDatabase,
  leaseMsDefault,
  leaveAlone,
  promoteRegion,
  type RegionalDatabase,
  reportRegions,
  type SiteReport,
} from 'gb-storage';
import { GbError } from 'gb-utils';
import { exit, readArguments, UsageError } from './basic/command-line.ts';
import { localeOption } from './basic/locale.ts';
import { report, tell } from './basic/terminal.ts';
import type { Config } from './config.ts';
import { type RegionWords, regionWordsOf } from './region-words.ts';

interface Session {
  readonly words: RegionWords;
  /** The control database first. */
  readonly databases: readonly RegionalDatabase[];
  readonly say: (line: string) => void;
  readonly number: (value: number) => string;
}

type RegionCommand = (session: Session, args: readonly string[]) => Promise<number>;

const commands: Readonly<Record<string, RegionCommand>> = { status, list, guard, alone, promote };

/** `gb region ...`; gives the exit code. */
export async function region(args: readonly string[], config: Config): Promise<number> {
  const at = args.indexOf('--locale');
  const locale = localeOption(at < 0 ? undefined : (args[at + 1] ?? ''));
  const words = regionWordsOf[locale];
  const [name, ...own] = at < 0 ? args : args.toSpliced(at, 2);
  if (name === undefined || name === 'help' || own.includes('--help') || name === '--help') {
    tell(words.help);
    return exit.finished;
  }
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new UsageError(words.noCommand(name));
    if (config.databaseSites.size === 0) throw new UsageError(words.noSites);
    const databases = [...config.databaseShards.keys()].map((one) => ({
      name: one,
      sites: new Map(
        [...(config.databaseSites.get(one) ?? [])].map(([where, connectionString]) => [where, { connectionString }]),
      ),
    }));
    const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
    return await command({ words, databases, say: (line) => tell(`${line}\n`), number: (value) => format.format(value) }, own);
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof GbError)) throw error;
    report(`gb: ${error.message}\n`);
    return error instanceof UsageError ? exit.refused : exit.failed;
  }
}

async function status({ words, databases, say, number }: Session, args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, { json: { type: 'boolean' } });
  const sites = await reportRegions(databases);
  if (values.json) say(JSON.stringify(sites, null, 2));
  else
    say(
      table([
        words.columns,
        ...sites.map((site) => [
          site.name,
          site.region,
          words.states[site.state],
          site.term === null ? '' : number(site.term),
          detail(site, words, number),
        ]),
      ]),
    );
  const isWell = sites.every(({ state, leaseLeftMs }) => (state === 'primary' && leaseLeftMs !== 0) || state === 'standby');
  return isWell ? exit.finished : exit.failed;
}

function detail(
  { state, standby, leaseLeftMs, behindBytes, lastChangeAtMs }: SiteReport,
  words: RegionWords,
  number: Session['number'],
): string {
  if (state === 'standby') return behindBytes === null ? '' : words.behind(bytes(behindBytes), instant(lastChangeAtMs));
  if (state !== 'primary') return '';
  if (standby === null) return words.noLease;
  return leaseLeftMs ? words.leaseLeft(number(leaseLeftMs / 1_000), standby) : words.leaseOver(standby);
}

async function list({ words, databases, say, number }: Session, args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, { json: { type: 'boolean' } });
  const sites = await reportRegions(databases);
  const regions = [...Map.groupBy(sites, (site) => site.region)].map(([name, own]) => {
    const homes = own.filter(({ state }) => state === 'primary' || state === 'closed');
    const sum = (of: (site: SiteReport) => number | null) => homes.reduce((all, site) => all + (of(site) ?? 0), 0);
    const databasesHere = homes.map((site) => site.name);
    return {
      region: name,
      databases: databasesHere,
      buckets: sum((site) => site.buckets),
      customers: sum((site) => site.customers),
    };
  });
  if (values.json) say(JSON.stringify(regions, null, 2));
  else
    say(
      table([
        words.listColumns,
        ...regions.map((one) => [one.region, one.databases.join(' '), number(one.buckets), number(one.customers)]),
      ]),
    );
  return exit.finished;
}

const only = { only: { type: 'string' } } as const;

async function guard(session: Session, args: readonly string[]): Promise<number> {
  const { words, say, number } = session;
  const { values, positionals } = readArguments(args, { ...only, lease: { type: 'string' } });
  const region = regionOf(session, positionals);
  const leaseMs = values.lease === undefined ? leaseMsDefault : Number(values.lease) * 1_000;
  if (!Number.isInteger(leaseMs) || leaseMs < 1_000 || leaseMs > 600_000) throw new UsageError(words.wrongLease);
  for (const database of chosen(session, values.only)) {
    await guardDatabase(database, region, leaseMs);
    say(words.guarded(database.name, region, number(leaseMs / 1_000)));
  }
  return exit.finished;
}

async function alone(session: Session, args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { 'standby-off': { type: 'boolean' } });
  for (const database of chosen(session, positionals.join(','))) {
    await leaveAlone(database, values['standby-off'] === true);
    session.say(session.words.alone(database.name));
  }
  return exit.finished;
}

async function promote(session: Session, args: readonly string[]): Promise<number> {
  const { words, databases, say, number } = session;
  const { values, positionals } = readArguments(args, {
    ...only,
    'dry-run': { type: 'boolean' },
    'fence-confirmed': { type: 'boolean' },
  });
  const region = regionOf(session, positionals);
  const wanted = chosen(session, values.only);
  const before = await reportRegions(wanted);
  for (const { name } of wanted) {
    const there = before.find((site) => site.name === name && site.region === region);
    const hasPrimary = before.some(
      (site) => site.name === name && site.region !== region && ['primary', 'closed'].includes(site.state),
    );
    const how =
      there === undefined || there.state === 'away'
        ? 'impossible'
        : there.state === 'primary'
          ? 'there'
          : hasPrimary && there.state === 'standby'
            ? 'in order'
            : 'forced';
    say(words.plan[how](name));
    if (how === 'forced') say(words.mayBeLost(instant(there?.lastChangeAtMs ?? null)));
  }
  if (values['dry-run']) return exit.finished;
  const names = wanted.map(({ name }) => name);
  const isFenceConfirmed = values['fence-confirmed'] === true;
  const promoted = await promoteRegion({ databases, region, only: names, isFenceConfirmed, say: (line) => report(`${line}\n`) });
  for (const { name, how, term, buckets, channels, lastCommitAtMs, unsettled } of promoted) {
    say(words.promoted(name, region, number(term), number(buckets)));
    if (how === 'forced') say(words.lost(instant(lastCommitAtMs), number(channels)));
    if (unsettled.length > 0) say(words.unsettled(name, unsettled.join(' ')));
  }
  for (const { name, how } of promoted) {
    const old = [...(databases.find((one) => one.name === name)?.sites.keys() ?? [])].find((other) => other !== region);
    if (how !== 'there' && old !== undefined) say(words.rebuild(name, old));
  }
  return exit.finished;
}

function regionOf({ words, databases }: Session, positionals: readonly string[]): string {
  const [name] = positionals;
  if (name === undefined) throw new UsageError(words.noRegion);
  const known = new Set(databases.flatMap(({ sites }) => [...sites.keys()]));
  if (!known.has(name)) throw new UsageError(words.unknownRegion(name, [...known].join(', ')));
  return name;
}

/** Those of these names, in the order of the settings; all that have regions, without any. */
function chosen({ words, databases }: Session, names: string | undefined): readonly RegionalDatabase[] {
  const regional = databases.filter(({ sites }) => sites.size > 0);
  const wanted = names?.split(',').filter(Boolean) ?? [];
  for (const name of wanted)
    if (!regional.some((one) => one.name === name))
      throw new UsageError(words.unknownDatabase(name, regional.map((one) => one.name).join(', ')));
  return wanted.length === 0 ? regional : regional.filter(({ name }) => wanted.includes(name));
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3));
  return `${Math.round(count / 1_000 ** power)} ${units[power]}`;
}
