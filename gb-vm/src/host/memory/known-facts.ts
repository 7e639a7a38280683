import type { PlainValue } from 'gb-core';
import type { MemoryScope } from './kept.ts';

/**
 * What is known without anybody having kept it: `user.name`, `session.user_id`, `bot.name`. What a program keeps under
 * the same name comes before it.
 */
export async function knownFact(place: string, key: string, scope: MemoryScope): Promise<PlainValue> {
  const name = key.toLowerCase().replaceAll('_', '');
  if (place === 'bot') return botFact(name, scope);
  if (place === 'session') {
    if (name === 'id' || name === 'sessionid') return scope.conversationId;
    if (name === 'botid') return scope.botId;
    if (name === 'channel' || name === 'channelname')
      return scope.channelId === null ? null : ((await scope.tx.channels.get(scope.channelId))?.name ?? null);
    if (!name.startsWith('user') && name !== 'language') return null;
  }
  return personFact(place === 'session' ? name.replace(/^user(?=.)/, '') : name, scope);
}

async function botFact(name: string, { tx, botId }: MemoryScope): Promise<PlainValue> {
  if (name === 'id') return botId;
  const bot = name === 'name' || name === 'handle' ? await tx.bots.get(botId) : null;
  return bot === null ? null : name === 'name' ? bot.name : bot.handle;
}

async function personFact(name: string, { tx, userId, locale }: MemoryScope): Promise<PlainValue> {
  if (name === 'id') return userId;
  if (name === 'language' || name === 'locale' || name === 'lang') return locale;
  if (!['name', 'email', 'handle', 'role'].includes(name)) return null;
  const person = await tx.users.get(userId);
  return person ? (person[name as 'name' | 'email' | 'handle' | 'role'] ?? null) : null;
}
