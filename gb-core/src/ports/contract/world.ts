import type { ChannelId, ChannelKind, ClientId, CustomerId, InstanceId, Role, Seq, User, UserId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import type { NewMessage, Store } from '../store.ts';

/** The smallest organization a story needs: an owner, and whatever the test adds. Each test has its own customer. */
export interface World {
  readonly store: Store;
  readonly customerId: CustomerId;
  readonly instanceId: InstanceId;
  readonly owner: UserId;
  person(name: string, more?: { role?: Role; email?: string }): Promise<User>;
  channel(name: string, members?: readonly UserId[], kind?: ChannelKind): Promise<ChannelId>;
  message(channelId: ChannelId, more?: Partial<NewMessage>): NewMessage;
  /** Appends and gives the seq. */
  say(channelId: ChannelId, text: string, more?: Partial<NewMessage>): Promise<Seq>;
}

export const newId = <Id extends string>(): Id => uuidv7() as Id;

let worlds = 0;

export async function world(store: Store): Promise<World> {
  worlds += 1;
  const email = `ana${worlds}.${uuidv7()}@example.org`;
  const { customerId, instanceId, userId } = await store.createCustomer({
    organizationName: `Acme ${worlds}`,
    userName: 'Ana',
    handle: 'ana',
    email,
    passwordHash: 'hash',
    locale: 'en',
  });
  const message = (channelId: ChannelId, more: Partial<NewMessage> = {}): NewMessage => ({
    channelId,
    authorId: userId,
    clientId: newId<ClientId>(),
    text: 'hello',
    threadSeq: null,
    mentions: [],
    mentionsChannel: false,
    suggestions: [],
    ...more,
  });
  return {
    store,
    customerId,
    instanceId,
    owner: userId,
    message,
    person: (name, more = {}) =>
      store.transaction(customerId, (tx) =>
        tx.users.insert({
          id: newId<UserId>(),
          kind: more.role === 'bot' ? 'bot' : 'person',
          name,
          handle: name.toLowerCase(),
          role: more.role ?? 'member',
          email: more.role === 'bot' ? null : (more.email ?? `${name.toLowerCase()}@example.org`),
          passwordHash: null,
          locale: 'en',
        }),
      ),
    channel: (name, members = [userId], kind = 'public') =>
      store.transaction(customerId, async (tx) => {
        const isDirect = kind === 'direct' || kind === 'group';
        const directKey = isDirect ? [...members].sort().join(',') : null;
        const { id } = await tx.channels.insert({
          id: newId<ChannelId>(),
          kind,
          name: isDirect ? '' : name,
          topic: '',
          directKey,
          createdBy: userId,
        });
        for (const member of members) await tx.channels.addMember(id, member);
        return id;
      }),
    say: async (channelId, text, more = {}) => (await store.appendMessage(customerId, message(channelId, { text, ...more }))).seq,
  };
}
