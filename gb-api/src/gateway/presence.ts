import { randomUUID } from 'node:crypto';
import type { Signal } from 'gb-core';
import type { CustomerId, PresenceStatus, UserId } from 'gb-protocol';
import type { Connection } from './connection.ts';
import { encodeFrame } from './frame-encoder.ts';

/** Customers with more connections here, or people altogether, get no presence: it is the first thing to give up, long before messages. */
const connectionsMax = 2_000;
/** People told to other gateways in a second. More wait their turn: a reconnect of everybody must not fill the bus. */
const toldMax = 5_000;
const beatMs = 1_000;
/** Beats after which a gateway says again who is there, for those that missed something. */
const repeatBeats = 30;
/** A gateway not heard for this long is gone, and its people with it. */
const forgottenMs = 3 * repeatBeats * beatMs;
/** Other gateways with people of one customer. */
const gatewaysMax = 256;

type Status = Exclude<PresenceStatus, 'offline'>;
type PresenceSignal = Extract<Signal, { type: 'presence' | 'presence.asked' }>;

interface Elsewhere {
  heardAtMs: number;
  readonly people: Map<UserId, Status>;
}

interface Workspace {
  readonly connections: Set<Connection>;
  readonly people: Map<UserId, { connections: number; away: number }>;
  readonly elsewhere: Map<string, Elsewhere>;
  /** What the connections here have not been told yet. */
  readonly changed: Set<UserId>;
  /** Of those, the ones here, for the other gateways. */
  readonly changedHere: Set<UserId>;
  /** Beats until the other gateways are told of everybody here. */
  allInBeats: number;
}

export interface PresenceOptions {
  /** Tells the other gateways. */
  readonly signal: (signal: PresenceSignal) => void;
  readonly nowMs?: () => number;
}

/**
 * Who is here, at any gateway. Nothing of it is stored; changes are gathered for a second and told once, so that a hundred
 * people coming back at the same time cost one frame for each connection and not a hundred. Gateways tell each other what
 * changed, and now and then everything, so that a lost word or a gateway that died is right again within a minute or two.
 */
export class Presence {
  readonly #gatewayId = randomUUID();
  readonly #signal: PresenceOptions['signal'];
  readonly #nowMs: () => number;
  readonly #workspaces = new Map<CustomerId, Workspace>();
  /** Customers whose last connection here went: the other gateways have not heard yet. */
  readonly #emptied = new Set<CustomerId>();
  readonly #timer = setInterval(() => this.beat(), beatMs).unref();

  constructor({ signal, nowMs = () => performance.now() }: PresenceOptions) {
    this.#signal = signal;
    this.#nowMs = nowMs;
  }

  add(connection: Connection): void {
    const actor = connection.actor!;
    let workspace = this.#workspaces.get(actor.customerId);
    if (!workspace) {
      workspace = {
        connections: new Set(),
        people: new Map(),
        elsewhere: new Map(),
        changed: new Set(),
        changedHere: new Set(),
        // Spread, so that the gateways of a cluster that started together do not all speak at once.
        allInBeats: Math.ceil(Math.random() * repeatBeats),
      };
      this.#workspaces.set(actor.customerId, workspace);
      this.#signal({ type: 'presence.asked', customerId: actor.customerId, gatewayId: this.#gatewayId });
    }
    workspace.connections.add(connection);
    const person = workspace.people.get(actor.userId) ?? { connections: 0, away: 0 };
    person.connections += 1;
    workspace.people.set(actor.userId, person);
    changeHere(workspace, actor.userId);
    if (isSmall(workspace)) connection.send({ type: 'presence', users: everybody(workspace) });
  }

  remove(connection: Connection): void {
    const { actor } = connection;
    if (!actor) return;
    const workspace = this.#workspaces.get(actor.customerId);
    if (!workspace?.connections.delete(connection)) return;
    const person = workspace.people.get(actor.userId);
    if (person) {
      person.connections -= 1;
      if (connection.presence === 'away') person.away -= 1;
      if (person.connections === 0) workspace.people.delete(actor.userId);
    }
    changeHere(workspace, actor.userId);
    if (workspace.connections.size > 0) return;
    this.#workspaces.delete(actor.customerId);
    this.#emptied.add(actor.customerId);
  }

  /** How many connections a person has here. */
  connectionsOf(customerId: CustomerId, userId: UserId): number {
    return this.#workspaces.get(customerId)?.people.get(userId)?.connections ?? 0;
  }

  set(connection: Connection, presence: 'online' | 'away'): void {
    const actor = connection.actor;
    const workspace = actor && this.#workspaces.get(actor.customerId);
    const person = actor && workspace?.people.get(actor.userId);
    if (!workspace || !person || connection.presence === presence) return;
    connection.presence = presence;
    person.away += presence === 'away' ? 1 : -1;
    changeHere(workspace, actor.userId);
  }

  /** What another gateway says. Of customers who have nobody here nothing is remembered. */
  hear(signal: PresenceSignal): void {
    if (signal.gatewayId === this.#gatewayId) return;
    const workspace = this.#workspaces.get(signal.customerId);
    if (!workspace) return;
    if (signal.type === 'presence.asked') {
      workspace.allInBeats = 0;
      return;
    }
    const known = workspace.elsewhere.get(signal.gatewayId);
    if (!known && workspace.elsewhere.size >= gatewaysMax) return;
    const there: Elsewhere = known ?? { heardAtMs: 0, people: new Map() };
    there.heardAtMs = this.#nowMs();
    const said = new Map(Object.entries(signal.people) as [UserId, PresenceStatus][]);
    if (signal.isAll) for (const userId of there.people.keys()) if (!said.has(userId)) said.set(userId, 'offline');
    for (const [userId, status] of said) {
      if ((there.people.get(userId) ?? 'offline') === status) continue;
      if (status === 'offline') there.people.delete(userId);
      else if (there.people.size < connectionsMax) there.people.set(userId, status);
      workspace.changed.add(userId);
    }
    if (there.people.size > 0) workspace.elsewhere.set(signal.gatewayId, there);
    else workspace.elsewhere.delete(signal.gatewayId);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#workspaces.clear();
    this.#emptied.clear();
  }

  /** Once a second: here and elsewhere everybody hears what changed. */
  beat(): void {
    const nowMs = this.#nowMs();
    let left = toldMax;
    for (const customerId of this.#emptied) {
      if (left-- <= 0) break;
      this.#emptied.delete(customerId);
      if (!this.#workspaces.has(customerId)) this.#tellOthers(customerId, {}, true);
    }
    for (const [customerId, workspace] of this.#workspaces) {
      forgetSilent(workspace, nowMs);
      this.#tellHere(workspace);
      workspace.allInBeats -= 1;
      const isAll = workspace.allInBeats <= 0;
      const count = isAll ? workspace.people.size : workspace.changedHere.size;
      if (count === 0 || left < 0 || workspace.connections.size > connectionsMax) continue;
      left -= count;
      const people = isAll ? workspace.people.keys() : workspace.changedHere;
      this.#tellOthers(
        customerId,
        Object.fromEntries([...people].map((userId) => [userId, statusHere(workspace, userId)])),
        isAll,
      );
      workspace.changedHere.clear();
      if (isAll) workspace.allInBeats = repeatBeats;
    }
  }

  #tellHere(workspace: Workspace): void {
    if (workspace.changed.size === 0) return;
    const changed = [...workspace.changed];
    workspace.changed.clear();
    if (!isSmall(workspace)) return;
    const users = Object.fromEntries(changed.map((userId) => [userId, statusOf(workspace, userId)]));
    const bytes = encodeFrame({ type: 'presence', users });
    for (const connection of workspace.connections) if (connection.behind === null) connection.sendBytes(bytes);
  }

  #tellOthers(customerId: CustomerId, people: Record<string, PresenceStatus>, isAll: boolean): void {
    this.#signal({ type: 'presence', customerId, gatewayId: this.#gatewayId, people, isAll });
  }
}

function changeHere(workspace: Workspace, userId: UserId): void {
  workspace.changed.add(userId);
  workspace.changedHere.add(userId);
}

function forgetSilent(workspace: Workspace, nowMs: number): void {
  for (const [gatewayId, { heardAtMs, people }] of workspace.elsewhere) {
    if (nowMs - heardAtMs < forgottenMs) continue;
    workspace.elsewhere.delete(gatewayId);
    for (const userId of people.keys()) workspace.changed.add(userId);
  }
}

function isSmall({ connections, people, elsewhere }: Workspace): boolean {
  let count = people.size;
  for (const one of elsewhere.values()) count += one.people.size;
  return connections.size <= connectionsMax && count <= connectionsMax;
}

function everybody(workspace: Workspace): Record<string, PresenceStatus> {
  const all = new Set(workspace.people.keys());
  for (const { people } of workspace.elsewhere.values()) for (const userId of people.keys()) all.add(userId);
  return Object.fromEntries([...all].map((userId) => [userId, statusOf(workspace, userId)]));
}

/** A person is away when all their connections are, at whatever gateway. */
function statusOf(workspace: Workspace, userId: UserId): PresenceStatus {
  let status = statusHere(workspace, userId);
  for (const { people } of workspace.elsewhere.values()) {
    if (status === 'online') break;
    status = people.get(userId) ?? status;
  }
  return status;
}

function statusHere(workspace: Workspace, userId: UserId): PresenceStatus {
  const person = workspace.people.get(userId);
  if (!person) return 'offline';
  return person.away < person.connections ? 'online' : 'away';
}
