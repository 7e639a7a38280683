import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { assert, type Logger, LruMap, sleep } from 'gb-utils';
import { bodyBytesMax, type Frame, FrameReader, frameKinds, writeFrame } from './link-frames.ts';
import { isSignature, newNonce, readHello, readProof, sign } from './link-proof.ts';
import { OutgoingLink } from './outgoing-link.ts';
import { removeStaleSockets, type SocketPlace, socketPath } from './socket-place.ts';

/** Callers that have not proven themselves yet. */
const strangersMax = 64;
const proofMsMax = 5_000;
const handshakeBytesMax = 1_024;
/** Answers that a peer does not read; then it is no longer listened to. */
const answerBacklogBytesMax = 16 * 1024 * 1024;
const peersMax = 256;
const farewellMsMax = 500;

export interface Peer {
  readonly id: string;
  /** The path of its socket. */
  readonly address: string;
}

export interface LinksOptions {
  readonly node: string;
  readonly place: SocketPlace;
  /** The installation's. Who cannot sign with it is hung up on. */
  readonly key: Uint8Array;
  readonly log: Logger;
}

/** Since the links were made. */
export interface LinksFigures {
  /** Peers that hear us, and peers that we hear. */
  readonly reached: number;
  readonly heard: number;
  readonly told: number;
  readonly toldBytes: number;
  readonly received: number;
  /** Batches that a peer will not get, because it did not read. */
  readonly dropped: number;
  readonly asked: number;
  /** Callers that did not belong to us, or spoke another version. */
  readonly strangers: number;
}

/**
 * Unix sockets between the processes of one host: each dials every other one, tells and asks over what it dialled, and
 * hears over what was dialled to it. Nobody is special, and none of it has to work: who is not reached finds out by
 * `onGap` and looks at the log.
 */
export class Links {
  readonly node: string;
  /** Where we listen. */
  readonly address: string;
  readonly #key: Uint8Array;
  readonly #log: Logger;
  readonly #server: Server;
  readonly #outgoing = new Map<string, OutgoingLink>();
  readonly #incoming = new Map<string, Incoming>();
  readonly #strangers = new Set<Socket>();
  readonly #wanted = new Map<string, string>();
  /** Were linked, and are neither said to live nor heard any more. */
  readonly #gone = new LruMap<string, true>(peersMax);
  readonly #gapListeners = new Set<{ readonly call: () => void }>();
  readonly #toldListeners = new Set<{ readonly call: (body: Buffer, from: string) => void }>();
  readonly #changeListeners = new Set<{ readonly call: () => void }>();
  readonly #figures = { told: 0, toldBytes: 0, received: 0, asked: 0, strangers: 0, dropped: 0 };
  #answerer: ((body: Buffer, from: string) => Promise<string>) | null = null;
  #said = 0;
  #isRetiring = false;
  #closed: Promise<void> | null = null;

  private constructor({ node, place, key, log }: LinksOptions) {
    this.node = node;
    this.#key = key;
    this.#log = log;
    this.address = socketPath(place, node);
    this.#server = createServer((socket) => this.#onCaller(socket));
  }

  /** Resolves when others can dial. */
  static async open(options: LinksOptions): Promise<Links> {
    const links = new Links(options);
    await removeStaleSockets(options.place, options.log);
    await new Promise<void>((resolve, reject) => {
      links.#server.once('error', reject);
      // Of this process alone, also where a parent process shares what its children listen on.
      links.#server.listen({ path: links.address, backlog: 512, exclusive: true }, () => {
        links.#server.off('error', reject);
        resolve();
      });
    });
    links.#server.on('error', (error) => options.log.error({ err: error }, 'No more links are taken'));
    chmodSync(links.address, 0o600);
    return links;
  }

  /** Who of this host lives, as of now. Who dials us is called back also when it is not among them yet. */
  setPeers(peers: readonly Peer[]): void {
    if (this.#closed) return;
    this.#wanted.clear();
    for (const { id, address } of peers) if (id !== this.node && this.#wanted.size < peersMax) this.#wanted.set(id, address);
    for (const [id, address] of this.#wanted) this.#dial(id, address);
    for (const id of [...this.#outgoing.keys()]) this.#forget(id);
  }

  /** Something was said to listeners here, while nobody else was there to be told. */
  noteSaid(count: number): void {
    this.#said += count;
  }

  get hasPeers(): boolean {
    return this.#outgoing.size > 0;
  }

  /** The peer is told all that is told. */
  isReached(id: string): boolean {
    return this.#outgoing.get(id)?.isUp ?? false;
  }

  /** All that the peer tells is heard. */
  isHeard(id: string): boolean {
    return this.#incoming.get(id)?.isLive ?? false;
  }

  /** It was a peer of ours and has ended: whatever still speaks of it, there is nobody to be told. */
  isGone(id: string): boolean {
    return this.#gone.get(id) === true && !this.#outgoing.has(id);
  }

  /** The peer says that it is ending. */
  isRetiring(id: string): boolean {
    return this.#incoming.get(id)?.isRetiring ?? false;
  }

  /** To everybody who is reached, in order; never waits. */
  tell(body: string): void {
    if (this.#closed) return;
    this.#said += 1;
    const frame = writeFrame(frameKinds.told, body);
    this.#figures.told += 1;
    this.#figures.toldBytes += frame.length;
    for (const link of this.#outgoing.values()) link.tell(frame);
  }

  /** See `OutgoingLink.ask`. */
  ask(id: string, body: string, msMax: number): Promise<Buffer> {
    this.#figures.asked += 1;
    const link = this.#outgoing.get(id);
    return link ? link.ask(body, msMax) : Promise.reject(new Error('This node has no link to the one that is asked'));
  }

  /** Answers what peers ask. One that fails is a refusal, and says no more than that. */
  answer(answerer: (body: Buffer, from: string) => Promise<string>): void {
    assert(this.#answerer === null, 'questions have one answerer');
    this.#answerer = answerer;
  }

  /** What peers tell, in the order of each. */
  onTold(listener: (body: Buffer, from: string) => void): () => void {
    return listen(this.#toldListeners, listener);
  }

  /** Something that a peer told may have been missed. */
  onGap(listener: () => void): () => void {
    return listen(this.#gapListeners, listener);
  }

  /** Somebody is reached who was not, or not any more, or is ending. */
  onChange(listener: () => void): () => void {
    return listen(this.#changeListeners, listener);
  }

  figures(): LinksFigures {
    const dropped = [...this.#outgoing.values()].reduce((sum, link) => sum + link.dropped, this.#figures.dropped);
    return {
      ...this.#figures,
      dropped,
      reached: [...this.#outgoing.values()].filter((link) => link.isUp).length,
      heard: [...this.#incoming.values()].filter((one) => one.isLive).length,
    };
  }

  /** Asks everybody to ask nothing more of us. */
  retire(): void {
    this.#isRetiring = true;
    for (const link of this.#outgoing.values()) link.retire();
  }

  /** What was told arrives, where it is read within half a second; what is being answered is answered. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      const closed = new Promise((resolve) => this.#server.close(resolve));
      const deadlineMs = performance.now() + farewellMsMax;
      while (performance.now() < deadlineMs && [...this.#incoming.values()].some((one) => one.answering > 0)) await sleep(5);
      await Promise.all([...this.#outgoing.values()].map((link) => link.close(farewellMsMax)));
      for (const { socket } of this.#incoming.values()) socket.destroy();
      for (const socket of this.#strangers) socket.destroy();
      for (const listeners of [this.#gapListeners, this.#toldListeners, this.#changeListeners]) listeners.clear();
      await closed;
      rmSync(this.address, { force: true });
    })();
    return this.#closed;
  }

  #dial(peer: string, path: string): void {
    const known = this.#outgoing.get(peer);
    if (known?.path === path) return;
    if (known) this.#drop(peer, known);
    const link: OutgoingLink = new OutgoingLink({
      self: this.node,
      address: this.address,
      peer,
      path,
      key: this.#key,
      log: this.#log,
      said: () => this.#said,
      onUp: () => {
        if (this.#isRetiring) link.retire();
        this.#tellChange();
      },
      onDown: () => {
        this.#forget(peer);
        this.#tellChange();
      },
    });
    this.#outgoing.set(peer, link);
  }

  /** Who is neither said to live nor heard is not dialled any more. */
  #forget(peer: string): void {
    const link = this.#outgoing.get(peer);
    if (link && !this.#wanted.has(peer) && !this.#incoming.has(peer)) this.#drop(peer, link);
  }

  #drop(peer: string, link: OutgoingLink): void {
    this.#outgoing.delete(peer);
    this.#gone.set(peer, true);
    this.#figures.dropped += link.dropped;
    void link.close(0);
  }

  #onCaller(socket: Socket): void {
    if (this.#closed || this.#strangers.size >= strangersMax) return void socket.destroy();
    this.#strangers.add(socket);
    const reader = new FrameReader(handshakeBytesMax);
    const timer = setTimeout(() => socket.destroy(), proofMsMax);
    socket.on('error', (error) => this.#log.debug({ reason: error.message }, 'A link from a peer failed'));
    socket.on('close', () => {
      clearTimeout(timer);
      this.#strangers.delete(socket);
      if (caller) this.#onGone(caller);
      else if (socket.bytesRead > 0) this.#figures.strangers += 1;
    });
    const hangUp = () => void socket.destroy();
    let wanted: string | null = null;
    let hello: ReturnType<typeof readHello> = null;
    let caller: Incoming | null = null;
    socket.on('data', (chunk) => {
      reader.push(chunk);
      for (let frame = reader.next(); frame && !socket.destroyed; frame = reader.next()) {
        if (caller) this.#onFrame(caller, frame);
        else if (frame.kind === frameKinds.hello && !hello) {
          hello = readHello(frame.body);
          if (!hello || hello.node === this.node) return hangUp();
          const own = { node: this.node, nonce: newNonce() };
          wanted = sign(this.#key, 'caller', hello, own);
          const mac = sign(this.#key, 'called', hello, own);
          socket.write(writeFrame(frameKinds.challenge, JSON.stringify({ ...own, mac })));
        } else if (frame.kind === frameKinds.proof && hello && wanted && isSignature(readProof(frame.body), wanted)) {
          clearTimeout(timer);
          this.#strangers.delete(socket);
          reader.bytesMax = bodyBytesMax;
          caller = { node: hello.node, socket, isLive: false, isRetiring: false, isLeaving: false, answering: 0 };
          this.#onProven(caller, hello.address);
        } else return hangUp();
      }
      if (reader.isBroken) hangUp();
    });
  }

  #onProven(caller: Incoming, address: string): void {
    const earlier = this.#incoming.get(caller.node);
    this.#incoming.set(caller.node, caller);
    // It dialled again, so it has given up the other one, whether we have noticed or not.
    earlier?.socket.destroy();
    if (!this.#closed) this.#dial(caller.node, this.#wanted.get(caller.node) ?? address);
  }

  #onFrame(caller: Incoming, { kind, id, body }: Frame): void {
    switch (kind) {
      case frameKinds.live:
        caller.isLive = true;
        // What it said before this moment is in the log by now, and from here on we hear it.
        if (saidBefore(body)) this.#tellGap();
        return this.#tellChange();
      case frameKinds.told:
        this.#figures.received += 1;
        for (const { call } of this.#toldListeners) call(body, caller.node);
        return;
      case frameKinds.lost:
        return this.#tellGap();
      case frameKinds.retiring:
        caller.isRetiring = true;
        return this.#tellChange();
      case frameKinds.farewell:
        caller.isLeaving = true;
        return;
      case frameKinds.ask:
        return this.#onAsk(caller, id, body);
      default:
        caller.socket.destroy();
    }
  }

  #onAsk(caller: Incoming, id: number, body: Buffer): void {
    const { socket } = caller;
    const reply = (frame: Buffer) => {
      if (socket.destroyed) return;
      if (socket.writableLength > answerBacklogBytesMax) socket.destroy();
      else socket.write(frame);
    };
    if (!this.#answerer || this.#closed) return reply(writeFrame(frameKinds.refusal, '', id));
    caller.answering += 1;
    this.#answerer(body, caller.node)
      .then(
        (answer) => reply(writeFrame(frameKinds.answer, answer, id)),
        (error: unknown) => {
          this.#log.warn({ err: error, peer: caller.node }, 'What a peer asked could not be answered');
          reply(writeFrame(frameKinds.refusal, '', id));
        },
      )
      .finally(() => {
        caller.answering -= 1;
      });
  }

  #onGone(caller: Incoming): void {
    if (this.#incoming.get(caller.node) === caller) this.#incoming.delete(caller.node);
    if (this.#closed) return;
    // Killed, most likely: what it committed last was told to nobody.
    if (caller.isLive && !caller.isLeaving) this.#tellGap();
    this.#forget(caller.node);
    this.#tellChange();
  }

  #tellGap(): void {
    for (const { call } of this.#gapListeners) call();
  }

  #tellChange(): void {
    for (const { call } of this.#changeListeners) call();
  }
}

interface Incoming {
  readonly node: string;
  readonly socket: Socket;
  /** It has said that it tells everything here. */
  isLive: boolean;
  isRetiring: boolean;
  isLeaving: boolean;
  /** Questions of its that are being answered. */
  answering: number;
}

function listen<T>(listeners: Set<{ readonly call: T }>, call: T): () => void {
  const own = { call };
  listeners.add(own);
  return () => {
    listeners.delete(own);
  };
}

function saidBefore(body: Buffer): boolean {
  try {
    return (JSON.parse(body.toString()) as { said?: unknown } | null)?.said !== 0;
  } catch {
    return true; // Another version's words; looking at the log does no harm.
  }
}
