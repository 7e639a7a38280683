/** What a process does for the others. `media` is announced; nothing runs under it yet. */
export const nodeRoles = ['gateway', 'api', 'writer', 'relay', 'bots', 'jobs', 'media'] as const;

export type NodeRole = (typeof nodeRoles)[number];

/** A process' own name, made when it starts: one that comes back is another. */
export type NodeId = string & { readonly __id: 'Node' };

export interface NodeFacts {
  readonly id: NodeId;
  /** Those who say the same reach each other by Unix sockets. */
  readonly hostId: string;
  /** The path of its socket; null when it has none. */
  readonly address: string | null;
  readonly roles: readonly NodeRole[];
  readonly version: string;
}

export interface LivingNode extends NodeFacts {
  /** Milliseconds since 1970, by the engine's clock. */
  readonly startedAt: number;
  /** It is ending: it still answers, and nothing new should go there. */
  readonly isDraining: boolean;
}

/**
 * Who runs this installation at present. Each process says at every beat that it lives, and lives in the eyes of the others
 * until it was silent for some beats, by the one clock that all of them ask: theirs may differ and jump.
 * What is listed may be some beats old, so it is a hint for speed and never a reason for correctness: a node that is listed
 * may be dead, and one that is believed dead may write.
 */
export interface Nodes {
  readonly self: NodeFacts;
  /** A secret that all processes of one installation can read, and nobody else; the same for ever. */
  key(): Promise<Uint8Array>;
  /** Resolves when the others can see this node; from then on it beats by itself, and joins again if it was taken for dead. */
  join(): Promise<void>;
  /** The living as of the last beat, this node included. Empty before `join`. */
  list(): readonly LivingNode[];
  /** Called after a beat that brought somebody new, or took somebody away, or changed one of them. */
  onChange(listener: () => void): () => void;
  /** Says that it is ending. Resolves when the others can see it, or the engine is away. */
  drain(): Promise<void>;
  /** Gone, at once, in the eyes of the others. Twice does no harm. */
  leave(): Promise<void>;
}
