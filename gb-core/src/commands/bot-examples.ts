import type { BotDetail, BotExampleInfo, NewBotFromExample } from 'gb-protocol';
import { isSettings } from '../bots/publish.ts';
import type { Actor, Context } from '../context.ts';
import { notFound } from '../fail.ts';
import { requireFullMember } from '../policies/role.ts';
import type { BotPackageFiles } from '../ports/index.ts';
import { publishFiles } from './bot-packages.ts';
import { createBot, readBot } from './bots.ts';

/** The bots one can begin with, described in the language of whoever asks. */
export async function listBotExamples(ctx: Context, actor: Actor): Promise<readonly BotExampleInfo[]> {
  requireFullMember(actor);
  const person = await ctx.store.read(actor.customerId, (tx) => tx.users.get(actor.userId));
  const locale = person?.locale ?? 'en';
  return (ctx.examples ?? []).map(({ id, name, description, pack }) => ({
    id,
    name,
    description: description[locale],
    scripts: pack.scripts.filter(({ name: file }) => !isSettings(file)).length,
    // What a bot is made of can be searched for: "SET SCHEDULE" finds those that do something by the clock.
    keywords: keywordsOf(pack.scripts.map(({ text }) => text).join('\n')),
  }));
}

/**
 * A bot that is a copy of an example, with its tables, documents and data, and published: it works at once. Should it not
 * publish, it stays as a draft, and everything wrong is told as `publishBot` tells it.
 */
export async function createBotFromExample(ctx: Context, actor: Actor, input: NewBotFromExample): Promise<BotDetail> {
  requireFullMember(actor);
  const example = (ctx.examples ?? []).find(({ id }) => id === input.example);
  if (!example) throw notFound('example');
  const { description } = example;
  const pack = withTimeZone(example.pack, input.timeZone);
  const person = await ctx.store.read(actor.customerId, (tx) => tx.users.get(actor.userId));
  const scripts = pack.scripts.filter(({ name }) => !isSettings(name));
  const files = pack.configText === null ? scripts : [...scripts, { name: 'config.csv', text: pack.configText }];
  const { id } = await createBot(ctx, actor, {
    name: input.name,
    handle: input.handle,
    description: input.description ?? description[person?.locale ?? 'en'],
    files,
  });
  await publishFiles(ctx, actor, id, async () => pack);
  return readBot(ctx, actor, id);
}

/** Nine o'clock is nine where the bot was made. A zone that does not exist is told by publishing. */
function withTimeZone(pack: BotPackageFiles, timeZone: string | undefined): BotPackageFiles {
  if (timeZone === undefined || pack.configText === null) return pack;
  return { ...pack, configText: pack.configText.replace(/^time-zone,.*$/m, () => `time-zone,${timeZone}`) };
}

const told = [
  'HEAR',
  'TABLE',
  'SAVE',
  'FIND',
  'MERGE',
  'SET SCHEDULE',
  'WEBHOOK',
  'ON INSERT',
  'ON FORM SUBMIT',
  'PARAM',
  'LLM',
  'USE KB',
  'ADD TOOL',
  'CHART',
  'AS PDF',
  'QR CODE',
  'GET',
  'POST',
  'MAIL',
  'TALK TO',
  'TRANSFER',
  'HUMAN APPROVAL',
  'BOOK',
] as const;

function keywordsOf(text: string): readonly string[] {
  const code = text.replace(/^\s*'.*$/gm, '').replace(/"[^"\n]*"/g, '""');
  return told.filter((keyword) => new RegExp(`(?<![A-Z])${keyword}(?![A-Z])`).test(code));
}
