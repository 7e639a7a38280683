import type { BotId, CustomerId, Locale, ScriptFile, UserId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { type Context, commit } from '../context.ts';
import { fail } from '../fail.ts';
import { freeHandle } from '../handles.ts';
import type { BotPackageFiles } from '../ports/index.ts';
import { type BuiltVersion, storeVersion } from './publish.ts';

/** A bot that comes with the program, as a folder under `bots/`. */
export interface BotPackage {
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  readonly files: readonly ScriptFile[];
  readonly built: BuiltVersion;
}

/** A bot that comes with the program as an example: whoever likes it makes a copy, which is theirs to change. */
export interface BotExample {
  /** The name of its folder. */
  readonly id: string;
  readonly name: string;
  readonly description: Readonly<Record<Locale, string>>;
  readonly pack: BotPackageFiles;
}

/**
 * Makes sure a customer has a package's bot in its present version. Running it again changes nothing; a changed package
 * becomes a new version, and conversations that wait in an old one go on there.
 */
export async function installPackage(
  ctx: Context,
  customerId: CustomerId,
  pack: BotPackage,
): Promise<{ botId: BotId; userId: UserId }> {
  return commit(ctx, customerId, async (tx) => {
    const { logChannelId } = await tx.instance.get();
    const existing = (await tx.bots.list()).find(
      (bot) => bot.origin === 'package' && bot.handle.replace(/\d+$/, '') === pack.handle,
    );
    if (existing && (await tx.bots.publishedHash(existing.id)) === pack.built.start.hash) {
      return { result: { botId: existing.id, userId: existing.userId } };
    }
    let botId = existing?.id;
    let userId = existing?.userId;
    const entries = [];
    if (!botId || !userId) {
      userId = uuidv7(ctx.clock.nowMs()) as UserId;
      botId = uuidv7(ctx.clock.nowMs()) as BotId;
      const handle = freeHandle(pack.handle, await tx.users.handlesLike(pack.handle));
      const user = await tx.users.insert({
        id: userId,
        kind: 'bot',
        name: pack.name,
        handle,
        role: 'bot',
        email: null,
        passwordHash: null,
        locale: 'en',
      });
      await tx.bots.insert({ id: botId, userId, description: pack.description, origin: 'package', files: pack.files });
      entries.push({ channelId: logChannelId, actorId: userId, body: { kind: 'user.updated', user } as const });
    }
    await tx.bots.update(botId, { description: pack.description, files: pack.files });
    await storeVersion(ctx, tx, { botId, files: pack.files, publishedBy: null, locale: 'en' }, pack.built);
    const bot = await tx.bots.get(botId);
    if (!bot) throw fail('internal', 'The bot went away while it was installed.');
    entries.push({ channelId: logChannelId, actorId: userId, body: { kind: 'bot.updated', bot } as const });
    return { result: { botId, userId }, entries };
  });
}
