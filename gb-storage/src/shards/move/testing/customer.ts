import type { ManifestColumn, ManifestTable, Table } from 'gb-core';
import type { World } from 'gb-core/contract';
import type { BotId, ChannelId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';

const id = () => uuidv7() as never;
const column = (name: string, type: ManifestColumn['type'], more: Partial<ManifestColumn> = {}): ManifestColumn => ({
  name,
  type,
  isKey: false,
  isRequired: false,
  isUnique: false,
  ...more,
});

export const guests: ManifestTable = {
  name: 'guests',
  connection: null,
  readBy: [],
  writeBy: [],
  columns: [
    column('id', 'integer', { isKey: true, isRequired: true }),
    column('name', 'text'),
    column('paid', 'decimal', { size: 12, scale: 2 }),
    column('rate', 'number'),
    column('since', 'timestamp', { default: { made: 'now' } }),
    column('facts', 'json'),
  ],
  uniques: [],
  indexes: [{ name: 'by_name', columns: ['name'], isUnique: false }],
};

export const visits: ManifestTable = {
  ...guests,
  name: 'visits',
  columns: [
    column('id', 'integer', { isKey: true, isRequired: true }),
    column('guest', 'integer', { references: { table: 'guests', column: 'id' } }),
    column('nights', 'integer', { default: { made: 'next' } }),
  ],
  indexes: [],
};

export interface FullCustomer {
  readonly botId: BotId;
  readonly channelId: ChannelId;
  /** Of a bot that keeps tables. */
  guests(): Promise<Table>;
}

/** Fills the rooms of a customer: what people, bots and clocks leave in many tables, with values that are easily spoilt. */
export async function furnish(w: World): Promise<FullCustomer> {
  const { store, customerId, owner } = w;
  const channelId = await w.channel('rooms');
  const bea = await w.person('Bea');
  const hash = new Uint8Array([0, 1, 92, 255]);
  const botId = await store.transaction(customerId, async (tx) => {
    const account = await tx.users.insert({
      id: id(),
      kind: 'bot',
      name: 'Bot',
      handle: 'bot',
      role: 'bot',
      email: null,
      passwordHash: null,
      locale: 'pt-BR',
    });
    await tx.channels.addMember(channelId, bea.id);
    await tx.channels.saveDraft(channelId, owner, null, 'draft, "quoted" \\ {braces}');
    await tx.sessions.insert({
      id: id(),
      userId: owner,
      tokenHash: hash,
      createdAt: 1,
      lastSeenAt: 1,
      expiresAt: 2,
      userAgent: '',
    });
    const bot = await tx.bots.insert({ id: id(), userId: account.id, description: '', origin: 'editor', files: [] });
    await tx.bots.addVersion(bot.id, { program: { hash: 'h', wasm: hash, debugMap: '' }, files: [], publishedBy: null });
    await tx.secrets.getOrSet('key', hash);
    await tx.audit.write({ actorId: owner, action: 'a', target: 't', facts: { n: 1.5, nothing: null } });
    await tx.memories.set({ botId: bot.id, kind: 'bot' }, 'nothing', null);
    await tx.memories.set({ botId: bot.id, kind: 'bot' }, 'text', 'NULL,"\\"{}\n\t😀');
    await tx.sheets.append(await tx.sheets.open(bot.id, 'notes'), [{ b: 1, a: ' x ' }], ['b', 'a']);
    await tx.knowledge.replaceDocument(bot.id, {
      collection: 'c',
      name: 'n',
      title: 't',
      address: null,
      sha256: '0'.repeat(64),
      language: 'portuguese',
      embeddingModel: 'm',
      passages: [{ heading: '', text: 'uma casa, "duas" casas', embedding: [0.1, -0.25, 1e-9] }],
    });
    await tx.schedules.put({
      id: id(),
      botId: bot.id,
      script: 's',
      text: '',
      label: '',
      origin: 'asked',
      params: {},
      timeZone: 'UTC',
      rule: null,
      wakeAt: Date.now() + 3_600_000,
      lastAt: null,
    });
    return bot.id;
  });
  await store.transaction(customerId, (tx) => tx.tables.declare(botId, [guests, visits]));
  // Another column, in the middle of its life, so that columns have come and gone.
  const grown = { ...guests, columns: [...guests.columns, column('note', 'text')] };
  await store.transaction(customerId, (tx) => tx.tables.declare(botId, [grown, visits]));
  const table = (name: string) => store.read(customerId, async (tx) => (await tx.tables.get(botId, name))!);
  const [guestTable, visitTable] = [await table('guests'), await table('visits')];
  await store.transaction(customerId, async (tx) => {
    await tx.tables.insert(guestTable, [
      { name: 'Ana', paid: '1234567890.10', rate: 0.1, facts: null, note: 'É' },
      { name: 'O\'Neill {"x"}', paid: null, rate: 1e21, facts: { a: [1, null] } },
    ]);
    await tx.tables.insert(visitTable, [{ guest: 1 }, { guest: 2 }]);
  });
  for (let n = 1; n <= 20; n++) await w.say(channelId, `said ${n}\\,"{}`, n === 3 ? { mentions: [bea.id] } : {});
  await w.say(channelId, 'in a thread', { threadSeq: 2 });
  await store.transaction(customerId, async (tx) => {
    await tx.messages.edit(channelId, 3, { text: 'edited', mentions: [bea.id], mentionsChannel: true });
    await tx.messages.addReaction(channelId, 4, bea.id, '👍');
    await tx.messages.delete(channelId, 5);
    await tx.channels.markRead(channelId, bea.id, 7);
    await tx.log.append([{ channelId, actorId: owner, body: { kind: 'member.joined', userId: bea.id } }]);
  });
  return { botId, channelId, guests: () => table('guests') };
}
