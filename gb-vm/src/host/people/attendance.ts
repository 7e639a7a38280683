import { bold, findPerson, type Handover, handedEvent, type PlainValue, type Priority, type TurnScope } from 'gb-core';
import type { UserId } from 'gb-protocol';
import { uuidFromText } from 'gb-utils';
import type { InTurnOperation } from '../operation.ts';
import { sendToPerson } from './messages.ts';
import { isObject, listOf, textArg, wordOf, wrong } from './values.ts';

const priorities: Readonly<Record<string, Priority>> = {
  low: 'low',
  baixa: 'low',
  normal: 'normal',
  medium: 'normal',
  média: 'normal',
  high: 'high',
  alta: 'high',
  urgent: 'urgent',
  urgente: 'urgent',
};
const tagsMax = 20;
const sessionsMax = 100;
const historyMax = 20;

/**
 * The queue of conversations that people answer, for bots that help them: those whose desk is a channel the bot is in. A
 * conversation is named by its number, by what GET QUEUE gave, or is the one at hand.
 */
export const attendanceOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'GET QUEUE'(args, scope) {
    const waiting = await waitingIn(scope, args['queue']);
    return Promise.all(waiting.map((one) => shown(scope, one)));
  },

  async 'NEXT IN QUEUE'(args, scope) {
    const [next] = await waitingIn(scope, args['queue']);
    return next ? shown(scope, next) : null;
  },

  async 'GET QUEUE POSITION'(args, scope) {
    const one = await handoverOf(scope, args['session']);
    if (one.takenBy !== null || one.closedAt !== null) return 0;
    return (
      (await waitingIn(scope, undefined)).filter(({ deskId }) => deskId === one.deskId).findIndex(({ id }) => id === one.id) + 1
    );
  },

  async 'ASSIGN CONVERSATION'(args, scope) {
    const one = await openOne(scope, args['session']);
    const to = await attendant(scope, args['attendant']);
    await scope.tx.handovers.change(one.id, { takenBy: to.id, takenAt: scope.nowMs });
    const person = (await scope.tx.users.get(one.personId))?.name ?? '';
    const text =
      to.locale === 'pt-BR'
        ? `A conversa ${one.code} com ${bold(person)} é sua. Responda no tópico dela na mesa de atendimento.`
        : `The conversation ${one.code} with ${bold(person)} is yours. Answer in its thread at the desk.`;
    await sendToPerson(scope, to.id, { text });
    return null;
  },

  async 'RESOLVE CONVERSATION'(args, scope) {
    const one = await openOne(scope, args['session']);
    await scope.tx.handovers.change(one.id, { closedBy: scope.botUserId, closedAt: scope.nowMs });
    const minutes = Math.round((scope.nowMs - one.openedAt) / 6_000) / 10;
    const by = one.takenBy === null ? null : await scope.tx.users.get(one.takenBy);
    const value = { by: by?.name ?? '', handle: by?.handle ?? '', minutes, reason: wordOf(args['reason']).slice(0, 500) };
    await scope.announce(handedEvent(one.id), value);
    return null;
  },

  async 'TAG CONVERSATION'(args, scope) {
    const one = await openOne(scope, args['session']);
    const added = listOf(args['tags'])
      .flatMap((tag) => listOf(tag))
      .map((tag) => wordOf(tag).trim().toLowerCase().slice(0, 40))
      .filter(Boolean);
    const tags = [...new Set([...one.tags, ...added])];
    if (tags.length > tagsMax) throw wrong(`there may be ${tagsMax} tags`, `pode haver ${tagsMax} marcas`, 'limit_reached');
    await scope.tx.handovers.change(one.id, { tags });
    return null;
  },

  async 'SET PRIORITY'(args, scope) {
    const one = await openOne(scope, args['session']);
    const priority = priorities[wordOf(args['priority']).trim().toLowerCase()];
    if (!priority) throw wrong('a priority is low, normal, high or urgent', 'uma prioridade é baixa, normal, alta ou urgente');
    await scope.tx.handovers.change(one.id, { priority });
    return null;
  },

  async 'GET ATTENDANTS'(args, scope) {
    const wanted = wordOf(args['state']).trim().toLowerCase();
    const staff = await attendants(scope);
    const states = await scope.tx.people.attendance(staff);
    const people = await Promise.all(staff.map((id) => scope.tx.users.get(id)));
    return people
      .filter((one) => one?.isActive && one.kind === 'person')
      .map((one) => ({ name: one!.name, handle: one!.handle, email: one!.email, state: states.get(one!.id) ?? 'online' }))
      .filter(({ state }) => wanted === '' || state === wanted);
  },

  async 'GET ATTENDANT STATS'(args, scope) {
    const one = await attendant(scope, args['attendant']);
    const { taken, closed, minutesToTake, minutesToClose } = await scope.tx.handovers.stats(one.id, scope.botUserId);
    return { attendant: one.name, taken, closed, minutesToTake, minutesToClose };
  },

  async 'GET ATTENDANT STATUS'(args, scope) {
    const one = await attendant(scope, args['attendant']);
    return (await scope.tx.people.attendance([one.id])).get(one.id) ?? 'online';
  },

  async 'SET ATTENDANT STATUS'(args, scope) {
    const one = await attendant(scope, args['attendant']);
    const state = textArg(args['state'], { en: 'the state', pt: 'o estado' }, 40).toLowerCase();
    await scope.tx.people.setAttendance(one.id, state);
    return null;
  },

  async 'GET SESSIONS'(args, scope) {
    const wanted = wordOf(args['filter']).trim().toLowerCase();
    const { conversations } = await scope.tx.conversations.page(scope.botId, { limit: sessionsMax, snapshotHeadBytes: 0 });
    const open = conversations.filter(
      ({ status }) => !['finished', 'failed'].includes(status) && (wanted === '' || status === wanted),
    );
    return Promise.all(
      open.map(async ({ id, userId, kind, status, turn }) => {
        const person = await scope.tx.users.get(userId);
        return { id, kind, status, turns: turn, name: person?.name ?? '', handle: person?.handle ?? '' };
      }),
    );
  },

  /** What this bot and this person said to each other in private, and the notes about them. */
  async 'GET CUSTOMER HISTORY'(args, scope) {
    const name = textArg(args['person'], { en: 'the person', pt: 'a pessoa' }, 300);
    const notes = (await scope.tx.contacts.entries(name, historyMax)).map(({ kind, text, at }) => ({
      kind,
      text,
      at: dateOf(at),
    }));
    const [person, another] = await scope.tx.people.find(name);
    if (!person || another) return notes;
    const channelId = await scope.tx.channels.byDirectKey([scope.botUserId, person.id].sort().join(','));
    const page = channelId ? await scope.tx.messages.page(channelId, { limit: historyMax }) : { messages: [] };
    const said = page.messages
      .filter(({ text }) => text !== '')
      .map(({ authorId, text, at }) => ({
        kind: authorId === person.id ? 'person' : 'bot',
        text: text.slice(0, 1_000),
        at: dateOf(at),
      }));
    return [...notes, ...said].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  },
};

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

async function waitingIn(scope: TurnScope, queue: PlainValue | undefined): Promise<readonly Handover[]> {
  const name = wordOf(queue).trim();
  return (await scope.tx.handovers.queue(scope.botUserId, name === '' ? null : name)).filter(({ takenBy }) => takenBy === null);
}

async function shown(scope: TurnScope, one: Handover): Promise<PlainValue> {
  const person = await scope.tx.users.get(one.personId);
  return {
    session: one.code,
    name: person?.name ?? '',
    handle: person?.handle ?? '',
    queue: one.queue,
    reason: one.reason,
    priority: one.priority,
    tags: one.tags,
    minutes: Math.round((scope.nowMs - one.openedAt) / 6_000) / 10,
  };
}

/** By its number, by an object that has it, or the one of the conversation at hand. */
export async function handoverOf(
  scope: Pick<TurnScope, 'tx' | 'botUserId' | 'conversationId'>,
  value: PlainValue | undefined,
): Promise<Handover> {
  const name = wordOf(isObject(value) ? value['session'] : value).trim();
  const { handovers } = scope.tx;
  const found =
    name === ''
      ? await handovers.ofConversation(scope.conversationId)
      : await handovers.byCode(name.slice(0, 40), scope.botUserId);
  if (found) return found;
  throw wrong(
    name === '' ? 'this conversation was handed to nobody' : `there is no conversation ${name.slice(0, 40)} in the queue`,
    name === '' ? 'esta conversa não foi passada a ninguém' : `não há uma conversa ${name.slice(0, 40)} na fila`,
  );
}

async function openOne(scope: TurnScope, value: PlainValue | undefined): Promise<Handover> {
  const one = await handoverOf(scope, value);
  if (one.closedAt !== null) throw wrong(`the conversation ${one.code} is over`, `a conversa ${one.code} já acabou`);
  return one;
}

/** Whom a keyword means by name, else the person of the conversation. */
async function attendant(scope: TurnScope, value: PlainValue | undefined) {
  const name = wordOf(value).trim();
  if (name !== '') return findPerson(scope.tx, name);
  const person = await scope.tx.users.get(scope.userId);
  if (!person) throw wrong('nobody is named', 'falta dizer quem');
  return person;
}

/** The people at the desks of this bot: members of the channel of transfer-to, else those who manage the workspace. */
async function attendants(scope: TurnScope): Promise<readonly UserId[]> {
  const desk = (scope.settings['transfer-to'] ?? '').trim();
  const channel = desk === '' || desk.startsWith('@') ? null : await scope.tx.channels.byName(desk.replace(/^#/, ''));
  const isThere = channel && (await scope.tx.channels.access(channel.id, scope.botUserId))?.isMember;
  if (channel && isThere) return scope.tx.channels.memberIds(channel.id);
  const [person] = desk.startsWith('@') ? await scope.tx.people.find(desk) : [];
  return person ? [person.id] : scope.tx.people.managers();
}

/** An id that is the same when the turn is made again. */
export const idFor = (scope: Pick<TurnScope, 'key'>, what: string): Promise<string> => uuidFromText(`${what}:${scope.key}`);
