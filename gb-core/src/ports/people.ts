import type { BotId, ChannelId, ClientId, ConversationId, Me, Seq, UserId } from 'gb-protocol';
import type { PlainValue } from './bot-runtime.ts';

/** Looks people up as programs name them: by id, @handle, e-mail or full name, whatever the case. Only active accounts. */
export interface PeopleRepository {
  /** At most two: of more than one nobody knows who is meant. A handle or an e-mail goes before a name. */
  find(text: string): Promise<readonly Me[]>;
  /** Owners and administrators, at most 50. */
  managers(): Promise<readonly UserId[]>;
  attendance(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, string>>;
  setAttendance(userId: UserId, state: string): Promise<void>;
}

export interface TaskRow {
  readonly id: string;
  readonly botId: BotId;
  readonly title: string;
  readonly assigneeId: UserId | null;
  readonly createdBy: UserId;
  readonly dueAt: number | null;
  readonly isDone: boolean;
  readonly details: PlainValue;
  readonly createdAt: number;
}

export interface TaskRepository {
  /** The same id again changes nothing. */
  insert(task: Omit<TaskRow, 'isDone' | 'createdAt'>): Promise<boolean>;
  /** Those that are not done, the next due first; of one person, or all. */
  open(query: { assigneeId: UserId | null; limit: number }): Promise<readonly TaskRow[]>;
  finish(id: string): Promise<boolean>;
  countOpen(): Promise<number>;
}

/** A time that is taken. Times are kept in steps of `slotMinutes`: a part of one is all of it. */
export interface Appointment {
  readonly id: string;
  readonly botId: BotId;
  readonly title: string;
  /** Like `room` or `user:<id>`; in lower case. */
  readonly calendars: readonly string[];
  readonly personId: UserId | null;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly details: PlainValue;
}

export interface AppointmentRepository {
  /** All of its calendars are free then, or nothing is stored and the answer is false. Two who ask at once: one gets it. */
  book(appointment: Appointment): Promise<boolean>;
  cancel(id: string): Promise<boolean>;
  /** What is taken of a calendar. */
  taken(calendar: string, fromMs: number, toMs: number): Promise<readonly { startsAt: number; endsAt: number }[]>;
}

export type Priority = 'low' | 'normal' | 'high' | 'urgent';

/** A conversation in the hands of people. They answer in a thread of their own channel, the desk. */
export interface Handover {
  readonly id: string;
  /** What people call it by, like `K7QF2M`. */
  readonly code: string;
  readonly botId: BotId;
  readonly conversationId: ConversationId;
  readonly personId: UserId;
  readonly deskId: ChannelId;
  /** The message that begins the thread. */
  readonly rootClientId: ClientId;
  readonly queue: string;
  readonly reason: string;
  readonly priority: Priority;
  readonly tags: readonly string[];
  readonly openedAt: number;
  readonly takenBy: UserId | null;
  readonly takenAt: number | null;
  readonly closedBy: UserId | null;
  readonly closedAt: number | null;
}

export interface HandoverStats {
  readonly taken: number;
  readonly closed: number;
  readonly minutesToTake: number | null;
  readonly minutesToClose: number | null;
}

export interface HandoverRepository {
  insert(handover: Omit<Handover, 'takenBy' | 'takenAt' | 'closedBy' | 'closedAt'>): Promise<void>;
  get(id: string): Promise<Handover | null>;
  /** The last of a code at desks where this account is a member. */
  byCode(code: string, memberId: UserId): Promise<Handover | null>;
  /** What a thread of a desk is about, open or not. */
  ofThread(botId: BotId, deskId: ChannelId, threadSeq: Seq): Promise<Handover | null>;
  /** Open ones of one desk. */
  atDesk(botId: BotId, deskId: ChannelId): Promise<readonly Handover[]>;
  ofConversation(id: ConversationId): Promise<Handover | null>;
  /** The thread its desk talks in; null until its first message is stored. */
  threadOf(handover: Handover): Promise<Seq | null>;
  /** Open ones at desks where this account is a member, most urgent and oldest first, at most 200. */
  queue(memberId: UserId, queue: string | null): Promise<readonly Handover[]>;
  change(
    id: string,
    patch: Partial<Pick<Handover, 'priority' | 'tags' | 'takenBy' | 'takenAt' | 'closedBy' | 'closedAt'>>,
  ): Promise<void>;
  /** Notes that an entry of the desk was taken into account; false when it was already. */
  mark(id: string, deskSeq: Seq): Promise<boolean>;
  stats(userId: UserId, botUserId: UserId): Promise<HandoverStats>;
}

/** A question to one person, which nobody else can answer. */
export interface Approval {
  readonly id: string;
  readonly code: string;
  readonly botId: BotId;
  readonly conversationId: ConversationId;
  readonly approverId: UserId;
  readonly text: string;
  readonly askedAt: number;
  readonly expiresAt: number | null;
  readonly isApproved: boolean | null;
  readonly decidedAt: number | null;
  /** The entry that decided it, so that the same entry again is no second decision. */
  readonly decidedSeq: Seq | null;
}

export interface ApprovalRepository {
  insert(approval: Omit<Approval, 'isApproved' | 'decidedAt' | 'decidedSeq'>): Promise<void>;
  get(id: string): Promise<Approval | null>;
  byCode(botId: BotId, approverId: UserId, code: string): Promise<Approval | null>;
  /** false when it is decided. */
  decide(id: string, decision: { isApproved: boolean; at: number; seq: Seq }): Promise<boolean>;
}

/** Somebody the customer sells to: known by an e-mail, a telephone number or a name. */
export interface Contact {
  /** In lower case. */
  readonly key: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly score: number;
  readonly details: Readonly<Record<string, PlainValue>>;
}

export interface ContactEntry {
  readonly kind: 'note' | 'deal' | 'score' | 'activity';
  readonly text: string;
  readonly amount: number | null;
  readonly at: number;
}

export interface ContactRepository {
  find(text: string, limit: number): Promise<readonly Contact[]>;
  get(key: string): Promise<Contact | null>;
  put(contact: Contact): Promise<void>;
  count(): Promise<number>;
  /** Keeps the last 1,000 of one contact. */
  note(
    entry: ContactEntry & { readonly id: string; readonly key: string; readonly botId: BotId; readonly details: PlainValue },
  ): Promise<void>;
  entries(key: string, limit: number): Promise<readonly ContactEntry[]>;
}

/** What programs count, by day. */
export interface CounterRepository {
  /** False when the bot counts too many different things that day. */
  count(figure: { botId: BotId; day: string; name: string; labels: string; amount: number }): Promise<boolean>;
}
