import { createHash, randomBytes } from 'node:crypto';
import { createHttp, createRest, type Rest } from 'gb-client';
import type { Store } from 'gb-core';
import type { ChannelId, CustomerId, SessionId, UserId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';

export interface ManyPeople {
  readonly customerId: CustomerId;
  readonly owner: Rest;
  readonly ownerToken: string;
  /** One session each. */
  readonly tokens: readonly string[];
  readonly channels: readonly ChannelId[];
}

const perTransaction = 500;

/** A workspace of so many people and public channels. Only the owner signs up; the others are put where signing up would put them. */
export async function manyPeople(url: string, store: Store, people: number, channels: number): Promise<ManyPeople> {
  const rest = (token?: string) => createRest(createHttp({ baseUrl: url, fetch, token: () => token, timeoutMs: 60_000 }));
  const password = 'a bench of long words';
  const signedUp = await rest().signUp({
    organization: 'Bench',
    name: 'Owner',
    email: 'owner@bench.example',
    password,
    locale: 'en',
  });
  const owner = rest(signedUp.token!);
  const customerId = await customerOf(store, signedUp.userId);
  const tokens: string[] = [];
  while (tokens.length < people) {
    await store.transaction(customerId, async (tx) => {
      for (let n = 0; n < perTransaction && tokens.length < people; n++) {
        const id = uuidv7() as UserId;
        const handle = `p${tokens.length}`;
        const email = `${handle}@bench.example`;
        await tx.users.insert({
          id,
          kind: 'person',
          name: handle,
          handle,
          role: 'member',
          email,
          passwordHash: null,
          locale: 'en',
        });
        const token = `gbs_${customerId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
        const at = Date.now();
        await tx.sessions.insert({
          id: uuidv7() as SessionId,
          userId: id,
          tokenHash: createHash('sha256').update(token).digest(),
          createdAt: at,
          lastSeenAt: at,
          expiresAt: at + 86_400_000,
          userAgent: 'bench',
        });
        tokens.push(token);
      }
    });
  }
  const ids: ChannelId[] = [];
  for (let n = 0; n < channels; n++) {
    const { state } = await owner.createChannel({ kind: 'public', name: `team-${n}`, memberIds: [] });
    ids.push(state.channel.id);
  }
  return { customerId, owner, ownerToken: signedUp.token!, tokens, channels: ids };
}

async function customerOf(store: Store, userId: UserId): Promise<CustomerId> {
  for (const customerId of await store.listCustomers())
    if (await store.read(customerId, (tx) => tx.users.get(userId))) return customerId;
  throw new Error('Nobody has the owner.');
}
