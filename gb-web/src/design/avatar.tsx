import type { PresenceStatus, User } from 'gb-protocol';
import { Bot } from 'lucide-react';
import { withoutReordering } from '../lib/safe-text.ts';

/** One of eight quiet colours, the same for a person everywhere. */
export function hueOf(id: string): number {
  let sum = 0;
  for (let i = 0; i < id.length; i++) sum = (sum * 31 + id.charCodeAt(i)) >>> 0;
  return sum % 8;
}

export function initialsOf(name: string): string {
  const words = withoutReordering(name).trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? '?')][0] ?? '?';
  const last = words.length > 1 ? ([...words.at(-1)!][0] ?? '') : '';
  return (first + last).toLocaleUpperCase();
}

export function Avatar({
  user,
  size = 36,
  presence,
}: {
  user: Pick<User, 'id' | 'name' | 'kind'>;
  size?: 20 | 24 | 36 | 72;
  presence?: PresenceStatus | undefined;
}) {
  return (
    <span className={`avatar avatar-${size} avatar-hue-${hueOf(user.id)}${user.kind === 'bot' ? ' avatar-bot' : ''}`} aria-hidden>
      {user.kind === 'bot' ? <Bot size={Math.round(size * 0.58)} strokeWidth={1.75} /> : initialsOf(user.name)}
      {presence ? <span className={`presence presence-${presence}`} /> : null}
    </span>
  );
}
