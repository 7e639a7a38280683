import type {
  BotManifest,
  CompiledProgram,
  ManifestSchedule,
  ManifestTable,
  ManifestTool,
  ManifestTrigger,
  ManifestWebhook,
  ManifestWebsite,
  ProgramDiagnostic,
  PublishOptions,
  PublishOutcome,
} from 'gb-core';
import { entryKey, type ScriptFile, scriptKey } from 'gb-protocol';
import { readSchedule, readTable, readTrigger, readWebhook } from '../compiler/declarations/index.ts';
import { compile } from '../compiler/index.ts';
import { isTimeZone, nextTime } from '../compiler/schedule/index.ts';
import { programHash } from '../runtime/program.ts';
import { daysOf } from './days.ts';
import { type PlaceInFile, Problems, wholeFile } from './problem.ts';
import { type Declared, entriesOf, readFacts, type ScriptFacts } from './script-facts.ts';
import { addIndex } from './table.ts';
import { readTheme } from './theme.ts';
import { toolOf } from './tool.ts';

/** More of them nobody reads. */
const diagnosticsMax = 500;
/** Of one bot. */
const schedulesMax = 50;
const triggersMax = 100;
const websitesMax = 20;
/** What is wrong with a declaration by itself its compilation has said. */
const told = (): void => {};

/**
 * Compiles every program of a bot and gathers what its scripts say about themselves. All or nothing: with any error there
 * is no manifest, and every error of every script is told. Pure, and as long as compiling all of it takes.
 */
export async function buildManifest(
  scripts: readonly ScriptFile[],
  settings: Readonly<Record<string, string>>,
  options: PublishOptions,
): Promise<PublishOutcome> {
  const { locale } = options;
  const problems = new Problems(locale);
  const facts = readFacts(scripts, locale);
  const start = startOf(facts, settings, problems);
  if (!isTimeZone(options.timeZone))
    problems.error(
      'bad_time_zone',
      wholeFile('config.csv'),
      `There is no time zone ${options.timeZone}; write it like America/Sao_Paulo.`,
      `Não há o fuso horário ${options.timeZone}; escreva como America/Sao_Paulo.`,
    );
  const diagnostics = new Diagnostics();
  const programs = new Map<string, CompiledProgram>();
  const entries: Record<string, string> = {};
  for (const { key, name } of entriesOf(facts, start ?? '')) {
    const { program, diagnostics: found } = compile(scripts, { entry: name, locale });
    diagnostics.add(found);
    if (!program) continue;
    const hash = await programHash(program.wasm, program.debugMap);
    programs.set(hash, { ...program, hash });
    entries[key] = hash;
  }
  const declared = new DeclarationReader(facts, settings, options, problems).read(start);
  const theme = readTheme(options.themeFiles ?? [], settings, problems);
  for (const { script, procedure } of declared.triggers) {
    const within = procedure === undefined ? undefined : facts.find(({ key }) => key === script);
    if (!within || procedure === undefined) continue;
    const { program } = compile(scripts, { entry: within.name, procedure, locale });
    if (!program) continue; // What is wrong with the script was found when it was compiled as a whole.
    const hash = await programHash(program.wasm, program.debugMap);
    programs.set(hash, { ...program, hash });
    entries[entryKey({ script, procedure })] = hash;
  }
  diagnostics.add(problems.list);
  const list = diagnostics.list(facts.map(({ name }) => name));
  if (start === null || list.some(({ severity }) => severity === 'error'))
    return { manifest: null, programs: [], diagnostics: list };
  return {
    manifest: { entries, start, ...declared, ...(theme ? { theme } : {}) },
    programs: [...programs.values()],
    diagnostics: list,
  };
}

/** The scripts that are programs of their own, by name, whatever else is wrong with them. */
export function entryScripts(scripts: readonly ScriptFile[], settings: Readonly<Record<string, string>>): readonly string[] {
  const facts = readFacts(scripts, 'en');
  return entriesOf(facts, startOf(facts, settings, new Problems('en')) ?? '').map(({ name }) => name);
}

/** Where conversations begin: `start.bas`, what the setting `start-dialog` names, or the only script there is. */
function startOf(facts: readonly ScriptFacts[], settings: Readonly<Record<string, string>>, problems: Problems): string | null {
  const named = settings['start-dialog'];
  const wanted = named === undefined || named === '' ? 'start.bas' : scriptKey(named);
  const found = facts.find(({ key }) => key === wanted) ?? facts.find(({ key }) => key === 'start.bas');
  if (found) return found.key;
  if (facts.length === 1) return facts[0]!.key;
  problems.error(
    'no_entry',
    wholeFile(''),
    'There is no start.bas, so nobody can talk to this bot.',
    'Não há start.bas, por isso ninguém pode falar com este robô.',
  );
  return null;
}

/** Each finding once: scripts that others include are compiled with each of them. */
class Diagnostics {
  readonly #known = new Map<string, ProgramDiagnostic>();

  add(found: readonly ProgramDiagnostic[]): void {
    for (const one of found) {
      const key = [one.file, one.line, one.column, one.code, one.message].join('\n');
      if (this.#known.size < diagnosticsMax || one.severity === 'error') this.#known.set(key, one);
    }
  }

  /** In the order of the scripts, and of their lines. */
  list(files: readonly string[]): ProgramDiagnostic[] {
    const order = new Map(files.map((name, index) => [name, index]));
    return [...this.#known.values()]
      .toSorted((a, b) => (order.get(a.file) ?? -1) - (order.get(b.file) ?? -1) || a.line - b.line || a.column - b.column)
      .slice(0, diagnosticsMax);
  }
}

type Declarations = Omit<BotManifest, 'entries' | 'start' | 'theme'>;

class DeclarationReader {
  readonly #facts: readonly ScriptFacts[];
  readonly #settings: Readonly<Record<string, string>>;
  readonly #options: PublishOptions;
  readonly #problems: Problems;
  readonly #known: ReadonlySet<string>;

  readonly #tables = new Map<string, ManifestTable>();
  readonly #schedules: ManifestSchedule[] = [];
  readonly #webhooks: ManifestWebhook[] = [];
  readonly #triggers: ManifestTrigger[] = [];
  readonly #websites: ManifestWebsite[] = [];

  constructor(
    facts: readonly ScriptFacts[],
    settings: Readonly<Record<string, string>>,
    options: PublishOptions,
    problems: Problems,
  ) {
    this.#facts = facts;
    this.#settings = settings;
    this.#options = options;
    this.#problems = problems;
    this.#known = new Set(facts.map(({ key }) => key));
  }

  read(start: string | null): Declarations {
    const all = this.#facts.flatMap(({ declarations }) => declarations);
    for (const declared of all) this.#readOne(declared);
    this.#checkElsewhere(all);
    for (const declared of all) if (declared.keyword === 'CREATE INDEX') addIndex(declared, this.#tables, this.#problems);
    for (const { key } of this.#facts) {
      const trigger = hookOf(key);
      if (trigger) this.#triggers.push(trigger);
    }
    const names = new Set<string>();
    const tools = this.#facts
      .map((script) => toolOf(script, script.key === start, names, this.#problems))
      .filter((tool): tool is ManifestTool => tool !== null);
    return {
      tools,
      tables: [...this.#tables.values()],
      schedules: this.#schedules,
      webhooks: this.#webhooks,
      triggers: this.#triggers,
      websites: this.#websites,
      variables: variablesOf(this.#settings, this.#problems),
    };
  }

  /** What is said of tables of other databases, which only here can be looked at whole. */
  #checkElsewhere(all: readonly Declared[]): void {
    for (const { keyword, values, place } of all) {
      const table = this.#tables.get(String(values['table'] ?? values['name'] ?? '').toLowerCase());
      const connection = table?.connection?.trim().toLowerCase().replace(/\s+/g, '-');
      if (connection === undefined) continue;
      const isKnown = ['server', 'host', 'url'].some(
        (key) => this.#settings[`${connection}-${key}`] || this.#settings[`conn-${connection}-${key}`],
      );
      if (keyword === 'TABLE' && !isKnown)
        this.#problems.warning(
          'unknown_connection',
          place,
          `config.csv does not say where ${connection} is: it needs ${connection}-server or ${connection}-url.`,
          `O config.csv não diz onde fica ${connection}: falta ${connection}-server ou ${connection}-url.`,
        );
      if (/^ON (?:INSERT|UPDATE|DELETE)$/.test(keyword))
        this.#problems.warning(
          'trigger_elsewhere',
          place,
          `${table!.name} is in another database: nothing starts because of its rows.`,
          `${table!.name} está em outro banco de dados: nada começa por causa de suas linhas.`,
        );
    }
  }

  #readOne(declared: Declared): void {
    const { keyword, values, script } = declared;
    const origin = { script, ...(values['procedure'] === undefined ? {} : { procedure: String(values['procedure']) }) };
    switch (keyword) {
      case 'TABLE':
        return this.#addTable(declared);
      case 'SET SCHEDULE':
        return this.#addSchedule(declared);
      case 'WEBHOOK':
        return this.#addWebhook(declared);
      case 'USE WEBSITE':
        return this.#addWebsite(declared);
      default: {
        const trigger = readTrigger(declared, told);
        if (trigger && this.#hasRoom(this.#triggers, triggersMax, keyword, declared.place))
          this.#triggers.push({ ...origin, ...trigger });
      }
    }
  }

  #addTable(declared: Declared): void {
    const table = readTable(declared, declared.source, this.#options.locale, told);
    const key = table?.name.toLowerCase();
    if (!table || key === undefined) return;
    if (this.#tables.has(key))
      this.#problems.error(
        'table_twice',
        declared.place,
        `There is another TABLE ${table.name}; a table is described in one place.`,
        `Há outra TABLE ${table.name}; uma tabela é descrita em um só lugar.`,
      );
    else this.#tables.set(key, table);
  }

  #addSchedule(declared: Declared): void {
    const { script: own, place } = declared;
    const { text, parsed, second: given, label: said } = readSchedule(declared, this.#options.locale, this.#options);
    if ('problem' in parsed) {
      this.#problems.error('bad_schedule', place, parsed.problem, parsed.problem);
      return;
    }
    // With one text behind the time: a script of the bot, or else what the schedule is called.
    const isScript = given !== null && (said !== null || this.#known.has(scriptKey(given)) || /\.bas$/i.test(given));
    const script = isScript ? scriptKey(given) : own;
    const label = (isScript ? said : given) ?? null;
    if (!this.#isScript(script, given ?? '', place) || !this.#hasRoom(this.#schedules, schedulesMax, 'SET SCHEDULE', place))
      return;
    if (nextTime(parsed.rule, this.#options.nowMs, this.#options.timeZone) === null)
      this.#problems.warning(
        'schedule_never',
        place,
        `"${text}" is over, or never comes.`,
        `"${text}" já passou ou nunca chega.`,
      );
    this.#schedules.push({ script, rule: parsed.rule, text, label });
  }

  #addWebhook(declared: Declared): void {
    const { script, place } = declared;
    const name = readWebhook(declared, told);
    if (name === null) return;
    if (this.#webhooks.some((webhook) => webhook.name === name))
      this.#problems.error('webhook_twice', place, `There is another WEBHOOK ${name}.`, `Há outro WEBHOOK ${name}.`);
    else this.#webhooks.push({ name, script });
  }

  #addWebsite({ values, place }: Declared): void {
    const written = String(values['address']).trim();
    const address = URL.parse(/^[a-z][a-z\d+.-]*:/i.test(written) ? written : `https://${written}`);
    const refresh = values['refresh'] ?? this.#settings['website-expires'] ?? '30d';
    const refreshDays = daysOf(String(refresh));
    if (!address || !/^https?:$/.test(address.protocol) || !address.hostname.includes('.'))
      this.#problems.error(
        'bad_website',
        place,
        `${written.slice(0, 100)} is no address of a website.`,
        `${written.slice(0, 100)} não é um endereço de site.`,
      );
    else if (refreshDays === null)
      this.#problems.error(
        'bad_refresh',
        place,
        'Say how often the pages are read again like "1d", "2w" or "30d".',
        'Diga de quanto em quanto tempo as páginas são lidas de novo como "1d", "2w" ou "30d".',
      );
    else if (
      this.#websites.every((website) => website.address !== address.href) &&
      this.#hasRoom(this.#websites, websitesMax, 'USE WEBSITE', place)
    )
      this.#websites.push({ address: address.href, refreshDays });
  }

  #isScript(key: string, written: string, place: PlaceInFile): boolean {
    if (this.#known.has(key)) return true;
    this.#problems.error(
      'unknown_script',
      place,
      `This bot has no script ${written}.`,
      `Este robô não tem o roteiro ${written}.`,
    );
    return false;
  }

  #hasRoom(list: readonly unknown[], max: number, keyword: string, place: PlaceInFile): boolean {
    if (list.length < max) return true;
    this.#problems.error(
      'too_many_declarations',
      place,
      `A bot has at most ${max} of ${keyword}.`,
      `Um robô tem no máximo ${max} de ${keyword}.`,
    );
    return false;
  }
}

/** Scripts that something runs because of what they are called. */
function hookOf(key: string): ManifestTrigger | null {
  switch (key.replace(/\.bas$/, '').replace(/[\s_-]+/g, '_')) {
    case 'new_session':
      return { kind: 'session', script: key };
    case 'auth':
      return { kind: 'login', script: key };
    case 'on_transfer':
      return { kind: 'transfer', script: key };
    case 'new_email':
    case 'on_receive_email':
      return { kind: 'email', address: null, from: null, subject: null, script: key };
    default:
      return null;
  }
}

const numberPattern = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/;

/** `param-NAME` of config.csv, and rows of one word; what is plainly a number or a yes or no is one. */
function variablesOf(settings: Readonly<Record<string, string>>, problems: Problems): Record<string, string | number | boolean> {
  const variables: [string, string | number | boolean][] = [];
  for (const [name, value] of Object.entries(settings)) {
    if (!name.startsWith('param-')) {
      // `Host` is `host` to programs; what looks like a secret is asked for with GET CONFIG.
      const isPlain = /^[a-z][a-z0-9]{0,99}$/.test(name) && !/key|token|secret|password|senha/.test(name);
      if (isPlain && value !== '' && settings[`param-${name}`] === undefined) variables.push([name, plainValue(value)]);
      continue;
    }
    const variable = name.slice('param-'.length);
    if (/^[\p{L}_][\p{L}\p{N}_]{0,99}$/u.test(variable)) variables.push([variable, plainValue(value)]);
    else
      problems.warning(
        'bad_variable',
        wholeFile('config.csv'),
        `${name} names no variable: letters, digits and _.`,
        `${name} não nomeia uma variável: letras, dígitos e _.`,
      );
  }
  return Object.fromEntries(variables);
}

function plainValue(value: string): string | number | boolean {
  if (numberPattern.test(value)) return Number(value);
  return /^true$/i.test(value) ? true : /^false$/i.test(value) ? false : value;
}
