import { compile } from '../compiler/index.ts';
import type { Group, Keyword } from '../compiler/keywords/index.ts';
import { keywords } from '../compiler/keywords/index.ts';
import type { Message } from '../compiler/messages.ts';
import { messages } from '../compiler/messages.ts';
import { type RuntimeErrorCode, sentence } from '../runtime/errors.ts';
import { begin } from './begin.ts';
import { comecar } from './comecar.ts';
import { renderLesson } from './lessons.ts';
import { runExample } from './run-example.ts';
import { runtimeExamples } from './runtime-examples.ts';

/** The pages of the manual in docs/basic, by path from there, made of the table of the language and the two lessons alone. */
export async function renderManual(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  const shown = titles.filter(({ group }) => keywords.some((keyword) => keyword.group === group));
  pages.set('README.md', renderIndex(shown));
  for (const title of shown) pages.set(`${title.group}.md`, renderGroup(title));
  pages.set('errors.md', await renderErrors());
  pages.set('begin.md', renderLesson(begin, 'begin.ts'));
  pages.set('comecar.md', renderLesson(comecar, 'comecar.ts'));
  return pages;
}

interface Title {
  readonly group: Group;
  readonly en: string;
  readonly pt: string;
}

const titles: readonly Title[] = [
  { group: 'statements', en: 'Statements', pt: 'Comandos' },
  { group: 'operators', en: 'Operators and constants', pt: 'Operadores e constantes' },
  { group: 'answers', en: 'What HEAR can ask for', pt: 'O que HEAR pode pedir' },
  { group: 'talk', en: 'Talking to people', pt: 'Falar com pessoas' },
  { group: 'tools', en: 'Tools, tables and triggers', pt: 'Ferramentas, tabelas e gatilhos' },
  { group: 'data', en: 'Tables and files of rows', pt: 'Tabelas e arquivos de linhas' },
  { group: 'memory', en: 'Memory', pt: 'Memória' },
  { group: 'web', en: 'The web', pt: 'A web' },
  { group: 'ai', en: 'Models, knowledge and tools', pt: 'Modelos, conhecimento e ferramentas' },
  { group: 'mail', en: 'Mail and messages', pt: 'E-mail e mensagens' },
  { group: 'files', en: 'Files and pictures', pt: 'Arquivos e imagens' },
  { group: 'people', en: 'Tasks, customers and attendants', pt: 'Tarefas, clientes e atendentes' },
  { group: 'workflow', en: 'Workflows and other bots', pt: 'Fluxos e outros robôs' },
  { group: 'browser', en: 'Web browser', pt: 'Navegador web' },
  { group: 'social', en: 'Social networks', pt: 'Redes sociais' },
  { group: 'system', en: 'The bot and its platform', pt: 'O robô e sua plataforma' },
  { group: 'text', en: 'Functions of texts', pt: 'Funções de textos' },
  { group: 'numbers', en: 'Functions of numbers', pt: 'Funções de números' },
  { group: 'dates', en: 'Functions of dates', pt: 'Funções de datas' },
  { group: 'lists', en: 'Functions of lists and objects', pt: 'Funções de listas e objetos' },
  { group: 'tables', en: 'Functions of lists of rows', pt: 'Funções de listas de linhas' },
  { group: 'machine', en: 'Functions of the machine', pt: 'Funções da máquina' },
];

const made = '<!-- Made by tools/basic-docs.ts from the table of the language. Change the table, not this page. -->';

function renderIndex(shown: readonly Title[]): string {
  const lines = [
    made,
    '# The BASIC of General Bots',
    '',
    'Every keyword of the dialect, by subject. In a form, CAPITALS are written as they stand and small letters are values;',
    '`[ ]` may be left out, `( a | b )` is one or the other, and `x...` is any number of values. Words of a keyword may be joined by `_`, and its values may',
    'stand in brackets: `SET BOT MEMORY "k", 1` is `SET_BOT_MEMORY("k", 1)`. Capital and small letters are the same. Each entry has its sentence',
    'in English and in Portuguese, and an example that compiles.',
    '',
    '[Begin here](begin.md) teaches the language from its beginning, with programs to try. Then [TALK](statements.md#talk) tells more about',
    'texts, [LET](statements.md#let) about names, [HEAR](statements.md#hear) about answers, [IF](statements.md#if) about conditions,',
    '[FOR EACH](statements.md#for-each) and [DIM](statements.md#dim) about lists, [SUB](statements.md#sub) about procedures and their variables,',
    '[SAVE](data.md#save) and [FIND](data.md#find) about tables, [TRY](statements.md#try) about what fails.',
    '',
    '*[Comece aqui](comecar.md) ensina a linguagem desde o começo, com programas para experimentar. Depois, TALK fala mais de textos, LET de nomes,',
    'HEAR de respostas, IF de condições, FOR EACH e DIM de listas, SUB de procedimentos e suas variáveis, SAVE e FIND de tabelas, TRY do que falha.*',
    '',
  ];
  for (const { group, en, pt } of shown) {
    const own = sorted(keywords.filter((keyword) => keyword.group === group));
    lines.push(`## [${en}](${group}.md)`, '', `*${pt}*`, '');
    lines.push(own.map(({ name }) => `[${name}](${group}.md#${anchor(name)})`).join(' · '), '');
  }
  lines.push('## [Errors](errors.md)', '', '*Erros*', '', 'What the compiler says, and what can stop a program.', '');
  return lines.join('\n');
}

function renderGroup({ group, en, pt }: Title): string {
  const lines = [made, `# ${en}`, '', `*${pt}* — [all keywords](README.md)`, ''];
  for (const keyword of sorted(keywords.filter((one) => one.group === group))) lines.push(...renderKeyword(keyword));
  return lines.join('\n');
}

const sorted = (list: readonly Keyword[]): Keyword[] =>
  list.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.kind < b.kind ? -1 : 1));

function renderKeyword({ name, kind, forms, syntax, summary, meaning, example, raises = [], mayRun }: Keyword): string[] {
  const shown = (forms ?? []).length > 1 ? syntax.split(/ \| (?=[A-Z])/) : [syntax];
  const lines = [`## ${name}`, '', ...fence(shown), '', summary.en];
  if (meaning) lines.push(meaning.en);
  if (kind === 'declaration' && mayRun) lines.push('With values that are only known while the program runs, it is done then.');
  lines.push('', `*${summary.pt}${meaning ? ` ${meaning.pt}` : ''}*`, '', ...fence(example.split('\n')), '');
  if (raises.length > 0)
    lines.push(`Can stop with ${raises.map((code) => `[${code}](errors.md#${anchor(code)})`).join(', ')}.`, '');
  return lines;
}

async function renderErrors(): Promise<string> {
  const lines = [
    made,
    '# Errors',
    '',
    '*Erros* — [all keywords](README.md)',
    '',
    'What stands above an example is what is said of it. Codes never change; sentences may. Where no example fits on a page,',
    '`{0}` and the like stand for what is filled in.',
    '',
    '# While compiling',
    '',
  ];
  for (const [code, message] of Object.entries<Message>(messages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    lines.push(`## ${code}`, '', ...renderMessage(message), '');
  lines.push('# While running', '', 'A program may take these in CATCH or ON ERROR GOTO, except where a limit is met.', '');
  for (const code of (Object.keys(runtimeExamples) as RuntimeErrorCode[]).toSorted())
    lines.push(`## ${code}`, '', ...(await renderRuntimeError(code)), '');
  return lines.join('\n');
}

function renderMessage({ severity, en, pt, example, profile }: Message): string[] {
  const note = severity === 'warning' ? 'A warning. ' : '';
  if (example === undefined) return [`${note}${en.join(' ')}`, '', `*${pt.join(' ')}*`];
  // Lines that have no number of their own are counted from the first one, as an editor does.
  const say = (locale: 'en' | 'pt-BR') => {
    const [first] = compile([{ name: 'start.bas', text: example }], { locale, ...(profile ? { profile } : {}) }).diagnostics;
    const ownNumber = profile && /^\d+/.exec(example.split('\n')[(first?.line ?? 0) - 1] ?? '')?.[0];
    return {
      line: Number(ownNumber ?? first?.line ?? 0),
      text: [first?.message, first?.hint].filter((one) => one !== undefined).join(' '),
    };
  };
  const { line, text } = say('en');
  return [`${note}${text}`, '', `*${say('pt-BR').text}*`, '', ...renderExample(example, profile, line)];
}

async function renderRuntimeError(code: RuntimeErrorCode): Promise<string[]> {
  const { example, profile, advice } = runtimeExamples[code];
  const [en, pt] = advice;
  const blank = ['{0}', '{1}'];
  if (example === null) return [`${sentence(code, 'en', blank)} ${en}`, '', `*${sentence(code, 'pt-BR', blank)} ${pt}*`];
  const [english, portuguese] = [await runExample(code, 'en'), await runExample(code, 'pt-BR')];
  const said = [`${dotted(english.message)} ${en}`, '', `*${dotted(portuguese.message)} ${pt}*`];
  return [...said, '', ...renderExample(example, profile, english.line)];
}

function renderExample(example: string, profile: 'minimal' | 'classic' | undefined, line: number): string[] {
  const lines = example.split('\n');
  const about = line === 0 || lines.length === 1 ? '' : `About line ${line} of `;
  const where = profile ? `the profile \`${profile}\`` : '';
  const head = about && where ? `${about}this, in ${where}:` : about ? `${about}this:` : where ? `In ${where}:` : null;
  return [...(head ? [head, ''] : []), ...fence(lines)];
}

/** What a program says itself may end anyhow. */
const dotted = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

const fence = (code: readonly string[]): string[] => ['```basic', ...code, '```'];

/** As GitHub addresses a heading. */
const anchor = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
