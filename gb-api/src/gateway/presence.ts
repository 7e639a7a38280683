import type { CustomerId, PresenceStatus, UserId } from 'gb-protocol';
import type { Connection } from './connection.ts';
import { encodeFrame } from './frame-encoder.ts';

/** Customers with more connections here get no presence: it is the first thing to give up, long before messages. */
const connectionsMax = 2_000;

interface Workspace {
  readonly connections: Set<Connection>;
  readonly people: Map<UserId, { connections: number; away: number }>;
  readonly changed: Set<UserId>;
}

/**
 * Who is here. Nothing of it is stored; changes are gathered for a second and told once, so that a hundred people coming
 * back at the same time cost one frame for each connection and not a hundred.
 */
export class Presence {
  readonly #workspaces = new Map<CustomerId, Workspace>();
  readonly #timer = setInterval(() => this.#tell(), 1_000).unref();

  add(connection: Connection): void {
    const actor = connection.actor!;
    let workspace = this.#workspaces.get(actor.customerId);
    if (!workspace) {
      workspace = { connections: new Set(), people: new Map(), changed: new Set() };
      this.#workspaces.set(actor.customerId, workspace);
    }
    workspace.connections.add(connection);
    const person = workspace.people.get(actor.userId) ?? { connections: 0, away: 0 };
    person.connections += 1;
    workspace.people.set(actor.userId, person);
    workspace.changed.add(actor.userId);
    if (workspace.connections.size <= connectionsMax) connection.send({ type: 'presence', users: this.#all(workspace) });
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
    workspace.changed.add(actor.userId);
    if (workspace.connections.size === 0) this.#workspaces.delete(actor.customerId);
  }

  /** How many connections a person has here. */
  connectionsOf(customerId: CustomerId, userId: UserId): number {
    return this.#workspaces.get(customerId)?.people.get(userId)?.connections ?? 0;
  }

  set(connection: Connection, presence: 'online' | 'away'): void {
    const actor = connection.actor;
    const workspace = actor && this.#workspaces.get(actor.customerId);
    const person = actor && workspace?.people.get(actor.userId);
    if (!person || connection.presence === presence) return;
    connection.presence = presence;
    person.away += presence === 'away' ? 1 : -1;
    workspace?.changed.add(actor.userId);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#workspaces.clear();
  }

  #tell(): void {
    for (const workspace of this.#workspaces.values()) {
      if (workspace.changed.size === 0) continue;
      const changed = [...workspace.changed];
      workspace.changed.clear();
      if (workspace.connections.size > connectionsMax) continue;
      const users = Object.fromEntries(changed.map((userId) => [userId, statusOf(workspace, userId)]));
      const bytes = encodeFrame({ type: 'presence', users });
      for (const connection of workspace.connections) if (connection.behind === null) connection.sendBytes(bytes);
    }
  }

  #all(workspace: Workspace): Record<string, PresenceStatus> {
    return Object.fromEntries([...workspace.people.keys()].map((userId) => [userId, statusOf(workspace, userId)]));
  }
}

/** A person is away when all their connections are. */
function statusOf(workspace: Workspace, userId: UserId): PresenceStatus {
  const person = workspace.people.get(userId);
  if (!person) return 'offline';
  return person.away < person.connections ? 'online' : 'away';
}
