import { bold, codeOf, handedEvent, makeChannelIn, openDirectIn, type PlainValue, type TurnScope } from 'gb-core';
import { type ChannelId, type ClientId, limits, type Message } from 'gb-protocol';
import { uuidFromText } from 'gb-utils';
import type { Args, InTurnOperation } from '../operation.ts';
import { channelOf, wordOf, wrong } from './values.ts';

const shownMessages = 6;
const shownCharsMax = 400;
const year = 366 * 86_400;

/**
 * TRANSFER hands the conversation to people: see `Desk` in gb-core. The desk is what TO names, else `transfer-to` of the
 * bot's config.csv, else a private channel with the managers of the workspace, which the bot makes once. The program goes
 * on when they are done, with who it was and how long it took; with NULL after `transfer-timeout-secs`.
 */
export const transferOperations: Readonly<Record<string, InTurnOperation>> = {
  TRANSFER: transfer,
  'TRANSFER TO HUMAN': transfer,
};

async function transfer(args: Args, scope: TurnScope): Promise<PlainValue> {
  const { tx, conversationId, channelId, userId, nowMs, settings } = scope;
  if (!channelId || userId === scope.botUserId)
    throw wrong('there is nobody in this conversation to hand over', 'não há ninguém nesta conversa para transferir');
  const { deskId, queue } = await deskOf(scope, wordOf(args['to']).trim());
  if (deskId === channelId && scope.threadSeq === 0) throw wrong('this is the desk itself', 'esta já é a mesa de atendimento');
  const id = await uuidFromText(`handover:${scope.key}`);
  const code = await codeOf(id);
  const person = await tx.users.get(userId);
  const reason = wordOf(args['reason']).trim().slice(0, 500);
  await tx.handovers.insert({
    id,
    code,
    botId: scope.botId,
    conversationId,
    personId: userId,
    deskId,
    rootClientId: (await uuidFromText(`handover:${id}:0`)) as ClientId,
    queue,
    reason,
    priority: 'normal',
    tags: [],
    openedAt: nowMs,
  });
  const isPortuguese = scope.locale === 'pt-BR';
  const said = (en: string, pt: string): string => (isPortuguese ? pt : en);
  const buttons = [
    { label: said('Take over', 'Assumir'), text: `${said('/take', '/assumir')} ${code}` },
    { label: said('Done', 'Encerrar'), text: `${said('/done', '/fim')} ${code}` },
  ];
  const facts = [
    { name: said('Number', 'Número'), value: code },
    ...(queue === '' ? [] : [{ name: said('Queue', 'Fila'), value: queue }]),
    ...(reason === '' ? [] : [{ name: said('Reason', 'Motivo'), value: reason }]),
  ];
  const name = person?.name ?? '';
  const text = [
    said(
      `${bold(name)} asks for a person. Answer in this thread: what is written here is said to them.`,
      `${bold(name)} pede uma pessoa. Responda neste tópico: o que for escrito aqui é dito a ela.`,
    ),
    ...(await lastMessages(scope, channelId)),
  ].join('\n');
  scope.post({
    channelId: deskId,
    threadSeq: null,
    reply: { text: text.slice(0, limits.messageTextMax), card: { title: name, facts, buttons } },
    key: `handover:${id}`,
  });
  await startOnTransfer(scope, { code, queue, reason });
  const greeting =
    settings['transfer-message'] ??
    said(
      'I am handing you over to a person. Please go on writing here.',
      'Vou passar você para uma pessoa. Continue escrevendo aqui.',
    );
  if (greeting.trim() !== '') scope.say({ text: greeting });
  const seconds = Math.min(Number(settings['transfer-timeout-secs'] ?? 0) || 0, year);
  scope.suspend({ event: handedEvent(id), isHanded: true, ...(seconds > 0 ? { atMs: nowMs + seconds * 1000 } : {}) });
  return null;
}

/** What was said last, so that whoever takes over need not ask again. */
async function lastMessages({ tx, threadSeq, userId, botUserId }: TurnScope, channelId: ChannelId): Promise<string[]> {
  const query = { limit: shownMessages * 3, ...(threadSeq === 0 ? {} : { threadSeq }) };
  const { messages } = await tx.messages.page(channelId, query);
  const theirs = messages.filter(({ authorId, deletedAt, text }) => {
    return deletedAt === null && text !== '' && (authorId === userId || authorId === botUserId);
  });
  const person = (await tx.users.get(userId))?.name ?? '';
  const bot = (await tx.users.get(botUserId))?.name ?? '';
  const line = ({ authorId, text }: Message): string =>
    `> ${bold(authorId === userId ? person : bot)}: ${text.slice(0, shownCharsMax).toWellFormed().replaceAll('\n', '\n> ')}`;
  return theirs.slice(-shownMessages).map(line);
}

/** Where the people are who answer. Something that names neither a channel nor a person is the name of a queue. */
async function deskOf(scope: TurnScope, to: string): Promise<{ deskId: ChannelId; queue: string }> {
  const standing = (scope.settings['transfer-to'] ?? '').trim();
  if (to !== '') {
    const named = await namedDesk(scope, to);
    if (named) return { deskId: named, queue: '' };
    if (/^[#@]/.test(to) || to.includes('@'))
      throw wrong(`there is nobody here called ${to.slice(0, 80)}`, `não há ninguém aqui chamado ${to.slice(0, 80)}`);
  }
  const queue = to.slice(0, 80).toLowerCase();
  if (standing === '') return { deskId: await managersDesk(scope), queue };
  const deskId = await namedDesk(scope, standing);
  if (!deskId)
    throw wrong(
      `transfer-to names ${standing.slice(0, 80)}, which the bot does not reach`,
      `transfer-to aponta ${standing.slice(0, 80)}, que o robô não alcança`,
    );
  return { deskId, queue };
}

async function namedDesk(scope: TurnScope, name: string): Promise<ChannelId | null> {
  if (!name.startsWith('@') && !name.includes('@')) {
    const channelId = await channelOf(scope, name);
    if (channelId) return channelId;
    if (name.startsWith('#')) return null;
  }
  const [person, another] = await scope.tx.people.find(name);
  if (!person || another || person.kind !== 'person') return null;
  const { channelId, entries } = await openDirectIn(scope.tx, scope, person.id);
  if (entries.length > 0) scope.record(entries);
  return channelId;
}

/** A private channel of the managers and the bot, found again by its name. */
async function managersDesk(scope: TurnScope): Promise<ChannelId> {
  const { tx, botUserId } = scope;
  const bot = await tx.users.get(botUserId);
  const name = `${bot?.handle ?? 'bot'}-desk`.slice(0, limits.channelNameMax);
  const known = await tx.channels.byName(name);
  if (known) {
    if (!known.isArchived && (await tx.channels.access(known.id, botUserId))?.isMember) return known.id;
    throw wrong(
      `there is a channel #${name} already that the bot is not in: add it there, or set transfer-to in config.csv`,
      `já existe um canal #${name} em que o robô não está: adicione-o lá, ou defina transfer-to no config.csv`,
    );
  }
  const members = await tx.people.managers();
  if (members.length === 0) throw wrong('nobody manages this workspace', 'ninguém administra este espaço');
  const made = await makeChannelIn(tx, scope, { kind: 'private', name, members: [botUserId, ...members] });
  scope.record(made.entries);
  return made.channelId;
}

/** on_transfer.bas */
async function startOnTransfer(scope: TurnScope, params: Record<string, PlainValue>): Promise<void> {
  const triggers = (await scope.tx.triggers.list(scope.botId)).filter(({ kind }) => kind === 'transfer');
  for (const { script } of triggers) await scope.start({ script, params, cause: 'event', key: `transfer:${script}` });
}
