import type { PresenceStatus, User, UserId } from 'gb-protocol';
import { Bot } from 'lucide-react';
import { useState } from 'react';
import { logoAddress, lookOf } from '../app/bot-theme.ts';
import { useBotOf } from '../app/client-context.tsx';
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
  if (user.kind === 'bot') return <BotFace userId={user.id} size={size} presence={presence} />;
  return (
    <span className={`avatar avatar-${size} avatar-hue-${hueOf(user.id)}`} aria-hidden>
      {initialsOf(user.name)}
      {presence ? <span className={`presence presence-${presence}`} /> : null}
    </span>
  );
}

/** The logo of the bot's theme, or a face in its colours. A logo that cannot be fetched is no logo. */
function BotFace({ userId, size, presence }: { userId: UserId; size: number; presence: PresenceStatus | undefined }) {
  const bot = useBotOf(userId);
  const address = bot ? logoAddress(bot) : null;
  const [failed, setFailed] = useState<string | null>(null);
  return (
    <span className={`avatar avatar-${size} avatar-hue-${hueOf(userId)} avatar-bot`} {...lookOf(bot?.theme)} aria-hidden>
      {address !== null && address !== failed ? (
        <img className="avatar-logo" src={address} alt="" draggable={false} onError={() => setFailed(address)} />
      ) : (
        <Bot size={Math.round(size * 0.58)} strokeWidth={1.75} />
      )}
      {presence ? <span className={`presence presence-${presence}`} /> : null}
    </span>
  );
}
