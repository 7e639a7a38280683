import {
  type Bot,
  type BotDetail,
  type BotId,
  type BotPatch,
  type ChannelId,
  type Locale,
  limits,
  type NewBot,
  type ScriptFile,
  type UserId,
} from 'gb-protocol';
import { isUuid, uuidv7 } from 'gb-utils';
import { publishedLine } from '../bots/log-lines.ts';
import { type BuiltVersion, buildVersion, declare, isSettings, storeVersion } from '../bots/publish.ts';
import { readThemeFiles } from '../bots/theme-files.ts';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { handlePattern, isReservedHandle } from '../handles.ts';
import { requireMember } from '../policies/channel.ts';
import { requireFullMember } from '../policies/role.ts';
import type { NewEntry, ThemeFile, Tx } from '../ports/index.ts';
import { checkName } from './accounts.ts';
import { joinAll } from './create-channel.ts';

/** Makes a bot with its account and first draft; nobody can talk to it before it is published. Fails with `name_taken`. */
export async function createBot(ctx: Context, actor: Actor, input: NewBot): Promise<BotDetail> {
  requireFullMember(actor);
  const name = checkName(input.name);
  const handle = input.handle.trim().toLowerCase();
  if (!handlePattern.test(handle)) throw fail('malformed', 'A handle has 1 to 40 lower-case letters, digits, dots or dashes.');
  if (isReservedHandle(handle)) throw fail('name_taken', `@${handle} means something else here.`);
  const files = checkFiles(input.files);
  return commit(ctx, actor.customerId, async (tx) => {
    const id = uuidv7(ctx.clock.nowMs()) as BotId;
    const userId = uuidv7(ctx.clock.nowMs()) as UserId;
    const user = await tx.users.insert({
      id: userId,
      kind: 'bot',
      name,
      handle,
      role: 'bot',
      email: null,
      passwordHash: null,
      locale: 'en',
    });
    const bot = await tx.bots.insert({
      id,
      userId,
      description: (input.description ?? '').slice(0, limits.channelTopicMax),
      origin: 'editor',
      files,
    });
    await tx.audit.write({ actorId: actor.userId, action: 'bot.created', target: id, facts: { handle } });
    const { logChannelId } = await tx.instance.get();
    return {
      result: await detail(tx, id),
      entries: [
        { channelId: logChannelId, actorId: actor.userId, body: { kind: 'user.updated', user } },
        { channelId: logChannelId, actorId: actor.userId, body: { kind: 'bot.updated', bot } },
      ],
    };
  });
}

export async function readBot(ctx: Context, actor: Actor, botId: BotId): Promise<BotDetail> {
  requireFullMember(actor);
  return ctx.store.read(actor.customerId, (tx) => detail(tx, botId));
}

/** Saves the draft. People go on talking to the published version. */
export async function updateBot(ctx: Context, actor: Actor, botId: BotId, patch: BotPatch): Promise<BotDetail> {
  requireFullMember(actor);
  const files = patch.files === undefined ? undefined : checkFiles(patch.files);
  const name = patch.name === undefined ? undefined : checkName(patch.name);
  return commit(ctx, actor.customerId, async (tx) => {
    const before = await requireEditable(tx, botId);
    const { logChannelId } = await tx.instance.get();
    const entries = [];
    if (name !== undefined && name !== before.name) {
      const me = await tx.users.update(before.userId, { name });
      if (me) {
        const { email: _email, locale: _locale, ...user } = me;
        entries.push({ channelId: logChannelId, actorId: actor.userId, body: { kind: 'user.updated', user } as const });
      }
    }
    const bot = await tx.bots.update(botId, {
      ...(patch.description === undefined ? {} : { description: patch.description.slice(0, limits.channelTopicMax) }),
      ...(files === undefined ? {} : { files }),
    });
    if (!bot) throw notFound('bot');
    entries.push({ channelId: logChannelId, actorId: actor.userId, body: { kind: 'bot.updated', bot } as const });
    return { result: await detail(tx, botId), entries };
  });
}

/**
 * Makes the draft the version people talk to. Atomic: it compiles as a whole or the old version stays. Conversations
 * waiting in an older version finish there. Fails with `program_invalid` and the compiler's findings.
 */
export async function publishBot(ctx: Context, actor: Actor, botId: BotId): Promise<number> {
  requireFullMember(actor);
  const { files, locale } = await ctx.store.read(actor.customerId, async (tx) => {
    await requireEditable(tx, botId);
    return { files: await tx.bots.files(botId), locale: (await tx.users.get(actor.userId))?.locale ?? 'en' };
  });
  const themeFiles = await readThemeFiles(ctx, actor.customerId, botId);
  const built = await buildAlone(ctx, actor, { files, themeFiles, locale });
  const published = await commit(ctx, actor.customerId, async (tx) => {
    await requireEditable(tx, botId);
    const version = await storeVersion(ctx, tx, { botId, files, publishedBy: actor.userId, locale }, built);
    await tx.audit.write({ actorId: actor.userId, action: 'bot.published', target: botId, facts: { version } });
    return { result: version, entries: [await updatedEntry(tx, actor, botId)] };
  });
  ctx.knowledge.refresh(actor.customerId, botId);
  return published;
}

const compiling = new Set<string>();

/** One compilation of a person at a time: the compiler is shared by everybody. */
export async function buildAlone(
  ctx: Context,
  actor: Actor,
  { files, themeFiles, locale }: { files: readonly ScriptFile[]; themeFiles: readonly ThemeFile[]; locale: Locale },
): Promise<BuiltVersion> {
  const person = `${actor.customerId}:${actor.userId}`;
  if (compiling.has(person)) throw fail('rate_limited', 'Another bot of yours is being published.', { retryAfterMs: 1_000 });
  compiling.add(person);
  try {
    return await buildVersion(ctx, files, locale, themeFiles);
  } finally {
    compiling.delete(person);
  }
}

/** Makes an earlier version the one people talk to; the draft stays as it is. */
export async function rollBackBot(ctx: Context, actor: Actor, botId: BotId, version: number): Promise<number> {
  requireFullMember(actor);
  return commit(ctx, actor.customerId, async (tx) => {
    await requireEditable(tx, botId);
    if (!(await tx.bots.versionFiles(botId, version))) throw notFound('version');
    if (!(await tx.bots.update(botId, { publishedVersion: version }))) throw notFound('bot');
    const about = (await tx.bots.published(botId))?.about;
    const by = await tx.users.get(actor.userId);
    if (about) await declare(ctx, tx, botId, about, by?.locale ?? 'en');
    await tx.audit.write({ actorId: actor.userId, action: 'bot.published', target: botId, facts: { version } });
    await tx.botLog.write(botId, publishedLine('rolled_back', version, by));
    return { result: version, entries: [await updatedEntry(tx, actor, botId)] };
  });
}

export async function addBotToChannel(ctx: Context, actor: Actor, botId: BotId, channelId: ChannelId): Promise<void> {
  requireFullMember(actor);
  const { channel } = requireMember(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  if (channel.isArchived) throw fail('channel_archived', 'This channel is archived.');
  if (channel.kind === 'direct') throw fail('forbidden', 'A direct conversation has exactly two people.');
  await commit(ctx, actor.customerId, async (tx) => {
    const bot = await tx.bots.get(botId);
    if (!bot) throw notFound('bot');
    return { result: undefined, entries: await joinAll(tx, actor, channelId, [bot.userId]) };
  });
}

export async function removeBotFromChannel(ctx: Context, actor: Actor, botId: BotId, channelId: ChannelId): Promise<void> {
  requireFullMember(actor);
  const { channel } = requireMember(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  if (channel.kind === 'direct') throw fail('forbidden', 'A direct conversation cannot be left.');
  await commit(ctx, actor.customerId, async (tx) => {
    const bot = await tx.bots.get(botId);
    if (!bot) throw notFound('bot');
    if (!(await tx.channels.removeMember(channelId, bot.userId))) return { result: undefined };
    return {
      result: undefined,
      entries: [{ channelId, actorId: actor.userId, body: { kind: 'member.left', userId: bot.userId } }],
    };
  });
}

export async function updatedEntry(tx: Tx, actor: Actor, botId: BotId): Promise<NewEntry> {
  const bot = await tx.bots.get(botId);
  if (!bot) throw notFound('bot');
  const { logChannelId } = await tx.instance.get();
  return { channelId: logChannelId, actorId: actor.userId, body: { kind: 'bot.updated', bot } };
}

async function detail(tx: Tx, botId: BotId): Promise<BotDetail> {
  const bot = isUuid(botId) ? await tx.bots.get(botId) : null;
  if (!bot) throw notFound('bot');
  return {
    ...bot,
    files: await tx.bots.files(botId),
    versions: await tx.bots.versions(botId),
    channelIds: await tx.bots.channelIds(botId),
  };
}

function requireEditable(tx: Tx, botId: BotId): Promise<Bot> {
  return requireManaged(tx, botId, 'make a copy to change it');
}

/** A bot that people here manage, so not one of the program's own; with `requireFullMember`, the rule for publishing. */
export async function requireManaged(tx: Tx, botId: BotId, way = 'nobody here manages it'): Promise<Bot> {
  const bot = isUuid(botId) ? await tx.bots.get(botId) : null;
  if (!bot) throw notFound('bot');
  if (bot.origin === 'package') throw fail('forbidden', `This bot comes with the program; ${way}.`);
  return bot;
}

export function checkFiles(files: readonly ScriptFile[]): readonly ScriptFile[] {
  if (files.length === 0) throw fail('malformed', 'A bot has at least one script.');
  if (files.length > limits.scriptsPerBotMax)
    throw fail('quota_exceeded', `A bot has at most ${limits.scriptsPerBotMax} scripts.`);
  const names = new Set<string>();
  for (const file of files) {
    if (!isSettings(file.name) && !/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,60}\.bas$/iu.test(file.name))
      throw fail('malformed', 'A script is named like start.bas; settings stand in config.csv.');
    if (names.has(file.name.toLowerCase())) throw fail('name_taken', `There are two scripts called ${file.name}.`);
    names.add(file.name.toLowerCase());
    if (file.text.length > limits.scriptBytesMax) throw fail('too_large', `${file.name} is too long.`);
    if (file.text.includes('\0') || !file.text.isWellFormed()) throw fail('malformed', `${file.name} is not valid text.`);
  }
  return files;
}
