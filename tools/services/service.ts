/**
 * Something that tests or benchmarks compare with or talk to, and that is not part of the product: a server on a private
 * port, or another language's interpreter. Every step may be taken again at any time: what is installed, runs or is
 * stopped already stays as it is.
 */
export interface Service {
  readonly name: string;
  /** Puts the program in place. Throws `Unavailable` where that cannot be done. */
  install(place: Place): Promise<void>;
  /** Starts the server, as somebody without rights where we have any; nothing for a program that is run by its user. */
  start(place: Place): Promise<void>;
  /** Returns when it has answered. Throws `Unavailable` when it does not within its time. */
  ready(place: Place): Promise<void>;
  /** What a user must set to find it. Only asked when it is ready. */
  env(place: Place): Readonly<Record<string, string>>;
  /** Returns when the server is gone. What is installed stays. */
  stop(place: Place): Promise<void>;
}

/** Where a service keeps its files, and how it tells a person what takes long. */
export interface Place {
  readonly dir: string;
  readonly say: (text: string) => void;
}

/** Why a service cannot be had here, as the end of a sentence: "yabasic: only root may install it". */
export class Unavailable extends Error {}
