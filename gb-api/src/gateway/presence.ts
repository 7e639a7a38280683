import { randomUUID } from 'node:crypto';
import type { Signal } from 'gb-core';
import { type ChannelId, type CustomerId, limits, type PresenceStatus, type UserId } from 'gb-protocol';
import { Circle, type Said } from './circle.ts';
import type { Connection } from './connection.ts';
import { Effort } from './effort.ts';
import { encodeFrame } from './frame-encoder.ts';
import { defaultTuning } from './tuning.ts';

/** With this much fewer it is everybody again, so that one who comes and goes does not turn it back and forth. */
const everybodyAgain = 0.75;
/** Channels of which presence is kept here. Of more it is not told. */
const circlesMax = 50_000;
/** People told to other gateways in a second. More wait their turn: a reconnect of everybody must not fill the bus. */
const toldMax = 5_000;
/** Channels in one word to the other gateways. */
const channelsPerSignal = 500;
const beatMs = 1_000;
/** After this long a gateway says again who is there and what it wants to know, for those that missed something. */
const repeatMs = 30_000;
/** A gateway not heard for this long is gone, its people and its wishes with it. */
const forgottenMs = 3 * repeatMs;
/** Each beat looks after such a part of the channels. */
const rotaBeats = 30;
/** Watchers told between two looks at the clock. */
const watchersPerPiece = 64;
/** Longer than this presence does not keep the loop: messages come first. */
const sliceMs = 5;

type PresenceSignal = Extract<Signal, { type: `presence${string}` }>;

interface Workspace {
  readonly customerId: CustomerId;
  readonly everybody: Circle;
  readonly circles: Map<ChannelId, Circle>;
  /** Of them, those with something to tell. */
  readonly dirty: Set<Circle>;
  /** Goes round the circles, to look after each now and then. */
  rota: Iterator<Circle>;
  /** Few enough people to tell everybody of everybody. */
  isSmall: boolean;
}

export interface PresenceOptions {
  /** Tells the other gateways. */
  readonly signal: (signal: PresenceSignal) => void;
  /** Connections here that follow a channel. */
  readonly followers: (customerId: CustomerId, channelId: ChannelId) => Iterable<Connection>;
  readonly isFollowing: (connection: Connection, channelId: ChannelId) => boolean;
  readonly everybodyMax?: number;
  readonly nowMs?: () => number;
  readonly loopDelayMs?: () => number;
}

/**
 * Who is here, at any gateway. Nothing of it is stored; changes are gathered for a second and told once, so that a hundred
 * people coming back at the same time cost one frame for each connection and not a hundred.
 *
 * A customer with few people tells everybody of everybody. In a larger one a client hears of the channels it watches: of
 * those who follow such a channel, up to 200 by name. Gateways tell each other what changed, of channels that somebody
 * at another one watches, and now and then everything, so that a lost word or a gateway that died is right again within
 * a minute or two.
 *
 * All of it has a share of the processor of its own (`Effort`), and steps back when the process has more to do than time.
 */
export class Presence {
  readonly effort: Effort;
  readonly #gatewayId = randomUUID();
  readonly #options: PresenceOptions;
  readonly #everybodyMax: number;
  readonly #nowMs: () => number;
  readonly #workspaces = new Map<CustomerId, Workspace>();
  readonly #timer = setInterval(() => this.beat(), beatMs).unref();
  #circles = 0;
  /** What is left of the round that was begun. */
  #round: Iterator<void> | null = null;
  #later: NodeJS.Immediate | null = null;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#everybodyMax = options.everybodyMax ?? defaultTuning.everybodyMax;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.effort = new Effort({ nowMs: this.#nowMs, loopDelayMs: options.loopDelayMs ?? (() => 0) });
  }

  // What happens here

  add(connection: Connection): void {
    const { customerId, userId } = connection.actor!;
    let workspace = this.#workspaces.get(customerId);
    if (!workspace) {
      const circles = new Map<ChannelId, Circle>();
      // Spread, so that the gateways of a cluster that started together do not all speak at once.
      const sayAllAtMs = this.#nowMs() + Math.random() * repeatMs;
      const everybody = new Circle(customerId, null, { namedMax: this.#everybodyMax, sayAllAtMs });
      workspace = { customerId, everybody, circles, dirty: new Set(), rota: circles.values(), isSmall: true };
      this.#workspaces.set(customerId, workspace);
      this.#options.signal({ type: 'presence.asked', customerId, gatewayId: this.#gatewayId });
    }
    const { everybody } = workspace;
    everybody.watchers.add(connection);
    everybody.newcomers.add(connection);
    everybody.arrive(userId, connection.presence);
  }

  /** After it has left the channels it followed. */
  remove(connection: Connection): void {
    const { actor } = connection;
    const workspace = actor && this.#workspaces.get(actor.customerId);
    if (!actor || !workspace?.everybody.watchers.delete(connection)) return;
    workspace.everybody.newcomers.delete(connection);
    workspace.everybody.depart(actor.userId, connection.presence);
  }

  joined(connection: Connection, channelId: ChannelId): void {
    const workspace = this.#workspaces.get(connection.actor!.customerId);
    if (!workspace) return;
    const known = workspace.circles.get(channelId);
    known?.arrive(connection.actor!.userId, connection.presence);
    if (known) workspace.dirty.add(known);
    if (connection.watched.has(channelId)) this.#addWatcher(workspace, connection, channelId);
  }

  left(connection: Connection, channelId: ChannelId): void {
    const { actor } = connection;
    const workspace = actor && this.#workspaces.get(actor.customerId);
    const circle = workspace?.circles.get(channelId);
    if (!workspace || !circle) return;
    circle.watchers.delete(connection);
    circle.newcomers.delete(connection);
    circle.depart(actor.userId, connection.presence);
    workspace.dirty.add(circle);
  }

  set(connection: Connection, presence: 'online' | 'away'): void {
    const { actor } = connection;
    const workspace = actor && this.#workspaces.get(actor.customerId);
    if (!workspace || connection.presence === presence) return;
    connection.presence = presence;
    workspace.everybody.turn(actor.userId, presence);
    if (workspace.circles.size === 0) return;
    for (const { channelId } of connection.places.keys()) {
      const circle = workspace.circles.get(channelId);
      if (!circle) continue;
      circle.turn(actor.userId, presence);
      workspace.dirty.add(circle);
    }
  }

  /** The channels that a connection wants to know of, in place of those before. Those it does not follow do not count. */
  watch(connection: Connection, channelIds: ReadonlySet<ChannelId>): void {
    const before = connection.watched;
    connection.watched = channelIds;
    const workspace = this.#workspaces.get(connection.actor!.customerId);
    if (!workspace || workspace.isSmall) return;
    for (const channelId of before) {
      if (channelIds.has(channelId)) continue;
      const circle = workspace.circles.get(channelId);
      circle?.watchers.delete(connection);
      circle?.newcomers.delete(connection);
    }
    for (const channelId of channelIds) if (!before.has(channelId)) this.#addWatcher(workspace, connection, channelId);
  }

  #addWatcher(workspace: Workspace, connection: Connection, channelId: ChannelId): void {
    if (workspace.isSmall || !this.#options.isFollowing(connection, channelId)) return;
    const circle = this.#circle(workspace, channelId);
    if (!circle || circle.watchers.has(connection)) return;
    circle.watchers.add(connection);
    circle.newcomers.add(connection);
    workspace.dirty.add(circle);
  }

  /** How many connections a person has here. */
  connectionsOf(customerId: CustomerId, userId: UserId): number {
    return this.#workspaces.get(customerId)?.everybody.connectionsOf(userId) ?? 0;
  }

  #circle(workspace: Workspace, channelId: ChannelId): Circle | null {
    const known = workspace.circles.get(channelId);
    if (known) return known;
    if (this.#circles >= circlesMax) return null;
    const { customerId } = workspace;
    const circle = new Circle(customerId, channelId, { namedMax: limits.presenceNamedMax, sayAllAtMs: this.#nowMs() });
    for (const { actor, presence } of this.#options.followers(customerId, channelId))
      if (actor) circle.arrive(actor.userId, presence);
    workspace.circles.set(channelId, circle);
    this.#circles += 1;
    return circle;
  }

  // What other gateways say

  /** Of customers who have nobody here nothing is remembered. */
  hear(signal: PresenceSignal): void {
    if (signal.gatewayId === this.#gatewayId) return;
    const workspace = this.#workspaces.get(signal.customerId);
    if (!workspace) return;
    // It comes again in half a minute.
    if (!this.effort.hasTime) return this.effort.overdraw();
    this.effort.spend(() => this.#hear(workspace, signal));
  }

  #hear(workspace: Workspace, signal: PresenceSignal): void {
    const nowMs = this.#nowMs();
    const { everybody } = workspace;
    switch (signal.type) {
      case 'presence.asked':
        everybody.sayAllAtMs = nowMs;
        return;
      case 'presence':
        everybody.hear(signal.gatewayId, signal, nowMs);
        return;
      case 'presence.watched':
        for (const channelId of signal.channelIds) {
          const circle = this.#circle(workspace, channelId);
          if (!circle) return;
          circle.wantedUntilMs = nowMs + forgottenMs;
          circle.sayAllAtMs = nowMs;
          workspace.dirty.add(circle);
        }
        return;
      case 'presence.channels':
        for (const [channelId, said] of Object.entries(signal.channels)) {
          const circle = workspace.circles.get(channelId as ChannelId);
          if (!circle || circle.watchers.size === 0) continue;
          circle.hear(signal.gatewayId, said, nowMs);
          workspace.dirty.add(circle);
        }
    }
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#later) clearImmediate(this.#later);
    this.#workspaces.clear();
  }

  // Once a second

  /** Here and elsewhere everybody hears what changed, as far as there is time for it. */
  beat(): void {
    if (!this.effort.begin()) return;
    this.#round ??= this.#everything();
    if (!this.#later) this.#goOn();
  }

  #goOn(): void {
    this.#later = null;
    const round = this.#round;
    if (!round) return;
    const untilMs = this.#nowMs() + sliceMs;
    while (this.effort.hasTime) {
      if (this.effort.spend(() => round.next().done)) {
        this.#round = null;
        return;
      }
      if (this.#nowMs() < untilMs) continue;
      this.#later = setImmediate(() => this.#goOn());
      return;
    }
    this.effort.overdraw();
  }

  /** All there is to do, in pieces between which the clock is looked at. */
  *#everything(): Generator<void> {
    const left = { people: toldMax };
    for (const workspace of [...this.#workspaces.values()]) {
      const { everybody } = workspace;
      everybody.forgetSilent(this.#nowMs() - forgottenMs);
      yield* this.#weigh(workspace);
      if (workspace.isSmall) yield* this.#tellHere(everybody);
      else everybody.forgetChanges();
      this.#tellOthers(workspace, left);
      yield* this.#channels(workspace, left);
      if (everybody.watchers.size > 0) continue;
      this.#circles -= workspace.circles.size;
      this.#workspaces.delete(workspace.customerId);
    }
  }

  /** Whether there are few enough people to tell everybody of everybody. */
  *#weigh(workspace: Workspace): Generator<void> {
    const { everybody, circles, isSmall } = workspace;
    const max = this.#everybodyMax * (isSmall ? 1 : everybodyAgain);
    workspace.isSmall = everybody.watchers.size <= max && everybody.count <= max;
    if (workspace.isSmall === isSmall) return;
    if (workspace.isSmall) {
      for (const circle of circles.values()) circle.watchers.clear();
      for (const connection of everybody.watchers) everybody.newcomers.add(connection);
      return;
    }
    // What was told holds no longer, and will not be put right.
    everybody.forgetChanges();
    const bytes = encodeFrame({ type: 'presence', users: {}, isAll: true });
    for (const [i, connection] of [...everybody.watchers].entries()) {
      connection.glance(bytes);
      for (const channelId of connection.watched) this.#addWatcher(workspace, connection, channelId);
      if (i % watchersPerPiece === watchersPerPiece - 1) yield;
    }
  }

  *#tellHere(circle: Circle): Generator<void> {
    if (!circle.hasNews) return;
    const { newcomers } = circle;
    const changes = circle.takeChanges();
    const isNew = new Set(newcomers);
    newcomers.clear();
    const watchers = [...circle.watchers];
    const news = changes && frameOf(circle, changes, false);
    const all = isNew.size > 0 ? frameOf(circle, circle.all(), true) : null;
    for (const [i, watcher] of watchers.entries()) {
      const bytes = isNew.has(watcher) ? all : news;
      // Who could not be told is told everything when they have read what there is.
      if (bytes && circle.watchers.has(watcher) && !watcher.glance(bytes)) newcomers.add(watcher);
      if (i % watchersPerPiece === watchersPerPiece - 1) yield;
    }
    yield;
  }

  #tellOthers({ customerId, everybody, isSmall }: Workspace, left: { people: number }): void {
    const nowMs = this.#nowMs();
    const isOver = everybody.watchers.size === 0;
    const isAll = isOver || nowMs >= everybody.sayAllAtMs;
    if (!isAll && (!isSmall || !everybody.hasNewsForOthers)) return;
    if (left.people < 0) return;
    const said: Said = isSmall ? everybody.takeChangesHere(isAll) : { people: {}, isAll: true, count: everybody.size };
    if (!isSmall) everybody.forgetChangesHere();
    left.people -= Object.keys(said.people).length + 1;
    this.#options.signal({ type: 'presence', customerId, gatewayId: this.#gatewayId, ...said });
    if (isAll) everybody.sayAllAtMs = nowMs + repeatMs;
  }

  *#channels(workspace: Workspace, left: { people: number }): Generator<void> {
    const { customerId, circles, dirty } = workspace;
    if (circles.size === 0) return;
    for (const circle of this.#lookAfter(workspace)) dirty.add(circle);
    const asked: ChannelId[] = [];
    let said: Record<string, Said> = {};
    const speak = () => {
      const channels = said;
      said = {};
      if (Object.keys(channels).length > 0)
        this.#options.signal({ type: 'presence.channels', customerId, gatewayId: this.#gatewayId, channels });
    };
    const ask = () => {
      const channelIds = asked.splice(0);
      if (channelIds.length > 0)
        this.#options.signal({ type: 'presence.watched', customerId, gatewayId: this.#gatewayId, channelIds });
    };
    for (const circle of [...dirty]) {
      yield;
      const nowMs = this.#nowMs();
      circle.forgetSilent(nowMs - forgottenMs);
      const isWatched = circle.watchers.size > 0;
      const isWanted = nowMs <= circle.wantedUntilMs;
      if (isWatched) {
        yield* this.#tellHere(circle);
        if (nowMs >= circle.askAtMs && asked.push(circle.channelId!) > 0) circle.askAtMs = nowMs + repeatMs;
        if (asked.length >= channelsPerSignal) ask();
      } else circle.forgetChanges();
      const isAll = nowMs >= circle.sayAllAtMs;
      if (!isWanted) circle.forgetChangesHere();
      // Where nobody is, there is nothing to say: it counts as nobody from the beginning.
      else if (left.people > 0 && (circle.hasNewsForOthers || (isAll && circle.size > 0))) {
        const one = circle.takeChangesHere(isAll);
        said[circle.channelId!] = one;
        left.people -= Object.keys(one.people).length + 1;
        if (isAll) circle.sayAllAtMs = nowMs + repeatMs;
        if (Object.keys(said).length >= channelsPerSignal) speak();
      }
      if (!circle.hasNews && !circle.hasNewsForOthers) dirty.delete(circle);
      if (!isWatched && !isWanted && circles.delete(circle.channelId!)) this.#circles -= 1;
    }
    speak();
    ask();
  }

  /** Those whose turn it is to be looked after: every one within half a minute. */
  *#lookAfter(workspace: Workspace): Generator<Circle> {
    for (let left = Math.ceil(workspace.circles.size / rotaBeats); left > 0; left--) {
      let next = workspace.rota.next();
      if (next.done) {
        workspace.rota = workspace.circles.values();
        next = workspace.rota.next();
      }
      if (next.done) return;
      yield next.value;
    }
  }
}

function frameOf({ channelId, count }: Circle, users: Readonly<Record<string, PresenceStatus>>, isAll: boolean): Buffer {
  return encodeFrame({
    type: 'presence',
    users,
    ...(channelId === null ? {} : { channelId, count }),
    ...(isAll ? { isAll } : {}),
  });
}
