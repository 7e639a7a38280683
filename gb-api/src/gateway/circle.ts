import type { ChannelId, CustomerId, PresenceStatus, UserId } from 'gb-protocol';
import type { Connection } from './connection.ts';

/** Other gateways with people of one circle. */
const gatewaysMax = 256;

/** A number of people is another when it differs by such a part. */
const countStep = 0.02;

export type Status = Exclude<PresenceStatus, 'offline'>;

interface Elsewhere {
  heardAtMs: number;
  /** How many there are; not all of them are named. */
  count: number;
  readonly people: Map<UserId, Status>;
}

/** What a gateway says of a circle: those who changed, or all that it names, and how many it has. */
export interface Said {
  readonly people: Readonly<Record<string, PresenceStatus>>;
  readonly isAll: boolean;
  readonly count?: number;
}

/**
 * People of whom others want to know whether they are here: all of a customer, or those who follow one channel. Everybody
 * here is counted; named, to those who watch and to the other gateways, are at most `namedMax`, and who is named stays
 * so until they go.
 */
export class Circle {
  readonly customerId: CustomerId;
  /** null: everybody of the customer. */
  readonly channelId: ChannelId | null;
  readonly #namedMax: number;
  /** Connections that are told of changes. */
  readonly watchers = new Set<Connection>();
  /** Those of them that have to be told everything. */
  readonly newcomers = new Set<Connection>();
  readonly #people = new Map<UserId, { connections: number; away: number }>();
  /** Of them, the ones that other gateways are told of. */
  readonly #namedHere = new Set<UserId>();
  readonly #elsewhere = new Map<string, Elsewhere>();
  readonly #told = new Map<UserId, Status>();
  #toldCount = 0;
  readonly #changed = new Set<UserId>();
  readonly #changedHere = new Set<UserId>();
  /** When the other gateways are told of everybody here again, and asked for theirs. */
  sayAllAtMs: number;
  askAtMs = Number.NEGATIVE_INFINITY;
  /** Another gateway wants to know until then. */
  wantedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(customerId: CustomerId, channelId: ChannelId | null, options: { namedMax: number; sayAllAtMs: number }) {
    this.customerId = customerId;
    this.channelId = channelId;
    this.#namedMax = options.namedMax;
    this.sayAllAtMs = options.sayAllAtMs;
  }

  /** People here. */
  get size(): number {
    return this.#people.size;
  }

  /** People here and elsewhere; who is at two gateways counts twice. */
  get count(): number {
    let count = this.#people.size;
    for (const there of this.#elsewhere.values()) count += Math.max(there.count, there.people.size);
    return count;
  }

  get hasNews(): boolean {
    return this.#changed.size > 0 || this.newcomers.size > 0 || this.#hasOtherCount;
  }

  /** Their number is told when not all are named, and only when it is noticeably another. */
  get #hasOtherCount(): boolean {
    const { count } = this;
    if (count <= this.#namedMax && this.#toldCount <= this.#namedMax) return false;
    return Math.abs(count - this.#toldCount) > this.#toldCount * countStep;
  }

  get hasNewsForOthers(): boolean {
    return this.#changedHere.size > 0;
  }

  connectionsOf(userId: UserId): number {
    return this.#people.get(userId)?.connections ?? 0;
  }

  // Who is here

  arrive(userId: UserId, status: Status): void {
    const person = this.#people.get(userId) ?? { connections: 0, away: 0 };
    person.connections += 1;
    if (status === 'away') person.away += 1;
    this.#people.set(userId, person);
    this.#nameHere(userId);
  }

  depart(userId: UserId, status: Status): void {
    const person = this.#people.get(userId);
    if (!person) return;
    person.connections -= 1;
    if (status === 'away') person.away -= 1;
    if (person.connections === 0) this.#people.delete(userId);
    this.#nameHere(userId);
  }

  turn(userId: UserId, status: Status): void {
    const person = this.#people.get(userId);
    if (!person) return;
    person.away += status === 'away' ? 1 : -1;
    this.#nameHere(userId);
  }

  /** Who is named stays named; who leaves makes room for another. */
  #nameHere(userId: UserId): void {
    this.#changed.add(userId);
    const isHere = this.#people.has(userId);
    if (this.#namedHere.has(userId)) {
      this.#changedHere.add(userId);
      if (!isHere) this.#namedHere.delete(userId);
    } else if (isHere && this.#namedHere.size < this.#namedMax) {
      this.#namedHere.add(userId);
      this.#changedHere.add(userId);
    }
  }

  /** Who left made room for others. */
  #fillUpHere(): void {
    if (this.#namedHere.size >= Math.min(this.#namedMax, this.#people.size)) return;
    for (const userId of this.#people.keys()) {
      if (this.#namedHere.has(userId)) continue;
      this.#namedHere.add(userId);
      this.#changedHere.add(userId);
      if (this.#namedHere.size >= this.#namedMax) return;
    }
  }

  // Who is elsewhere

  hear(gatewayId: string, said: Said, nowMs: number): void {
    const known = this.#elsewhere.get(gatewayId);
    if (!known && this.#elsewhere.size >= gatewaysMax) return;
    const there: Elsewhere = known ?? { heardAtMs: 0, count: 0, people: new Map() };
    there.heardAtMs = nowMs;
    there.count = said.count ?? 0;
    const people = new Map(Object.entries(said.people) as [UserId, PresenceStatus][]);
    if (said.isAll) for (const userId of there.people.keys()) if (!people.has(userId)) people.set(userId, 'offline');
    for (const [userId, status] of people) {
      if ((there.people.get(userId) ?? 'offline') === status) continue;
      if (status === 'offline') there.people.delete(userId);
      else if (there.people.size < this.#namedMax) there.people.set(userId, status);
      this.#changed.add(userId);
    }
    if (there.people.size > 0 || there.count > 0) this.#elsewhere.set(gatewayId, there);
    else this.#elsewhere.delete(gatewayId);
  }

  /** Gateways that have not been heard since then are gone, and their people with them. */
  forgetSilent(sinceMs: number): void {
    for (const [gatewayId, { heardAtMs, people }] of this.#elsewhere) {
      if (heardAtMs > sinceMs) continue;
      this.#elsewhere.delete(gatewayId);
      for (const userId of people.keys()) this.#changed.add(userId);
    }
  }

  // What is told

  /** For those who were told before; null when nothing changed for them. */
  takeChanges(): Record<string, PresenceStatus> | null {
    const changes: Record<string, PresenceStatus> = {};
    for (const userId of this.#changed) this.#tell(userId, changes);
    this.#changed.clear();
    if (this.#told.size < this.#namedMax && this.#told.size < this.count) this.#fillUp(changes);
    const isNews = this.#hasOtherCount || Object.keys(changes).length > 0;
    if (isNews) this.#toldCount = this.count;
    return isNews ? changes : null;
  }

  /** All that are named, after the changes were taken. */
  all(): Record<string, PresenceStatus> {
    return Object.fromEntries(this.#told);
  }

  /** For the other gateways. */
  takeChangesHere(isAll: boolean): Said {
    this.#fillUpHere();
    const who = isAll ? this.#namedHere : this.#changedHere;
    const people = Object.fromEntries([...who].map((userId) => [userId, this.#statusHere(userId)]));
    this.#changedHere.clear();
    return { people, isAll, count: this.#people.size };
  }

  /** No watcher is told: whoever watches later is told everything. */
  forgetChanges(): void {
    this.#changed.clear();
    this.#told.clear();
    this.newcomers.clear();
  }

  /** No other gateway wants to know. */
  forgetChangesHere(): void {
    this.#changedHere.clear();
  }

  #tell(userId: UserId, changes: Record<string, PresenceStatus>): void {
    const status = this.#statusOf(userId);
    if (status === 'offline') {
      if (this.#told.delete(userId)) changes[userId] = 'offline';
      return;
    }
    const told = this.#told.get(userId);
    if (told === status || (told === undefined && this.#told.size >= this.#namedMax)) return;
    this.#told.set(userId, status);
    changes[userId] = status;
  }

  #fillUp(changes: Record<string, PresenceStatus>): void {
    for (const known of [this.#people, ...[...this.#elsewhere.values()].map(({ people }) => people)])
      for (const userId of known.keys()) {
        if (this.#told.size >= this.#namedMax) return;
        if (!this.#told.has(userId)) this.#tell(userId, changes);
      }
  }

  /** A person is away when all their connections are, at whatever gateway. */
  #statusOf(userId: UserId): PresenceStatus {
    let status = this.#statusHere(userId);
    for (const { people } of this.#elsewhere.values()) {
      if (status === 'online') break;
      status = people.get(userId) ?? status;
    }
    return status;
  }

  #statusHere(userId: UserId): PresenceStatus {
    const person = this.#people.get(userId);
    if (!person) return 'offline';
    return person.away < person.connections ? 'online' : 'away';
  }
}
