import { type SpawnedServer, type SpawnOptions, spawnServer } from 'gb-cli/testing';
import { ApiError, createHttp, createRest, createUpload, type Rest } from 'gb-client';
import type { Attachment, ChannelId, Locale, Snapshot, UserId } from 'gb-protocol';

export const password = 'three unrelated long words';

/** One person of a test: their calls and their token. */
export interface Person {
  readonly rest: Rest;
  readonly token: string;
  readonly userId: UserId;
  readonly email: string;
  upload(name: string, body: string | Uint8Array, type?: string): Promise<Attachment>;
}

export interface World {
  readonly server: SpawnedServer;
  /** A new organization with its owner. The server must allow more than one for a second call. */
  signUp(name?: string, options?: { organization?: string; locale?: Locale }): Promise<Person>;
  /** Somebody whom `by` invites. */
  invite(by: Person, name: string, role?: 'admin' | 'member' | 'guest'): Promise<Person>;
  general(person: Person): Promise<ChannelId>;
  stranger(): Rest;
  close(): Promise<void>;
}

let serial = 0;

/** Where worlds are made: in one process over the embedded engines, unless a story says otherwise. */
let install: () => Promise<SpawnOptions> = async () => ({});

/** From now on, in this file. Each world asks for an installation of its own. */
export function makeWorldsOn(other: () => Promise<SpawnOptions>): void {
  install = other;
}

/** The real server in its own process with an empty database, and people made through its API. */
export async function world(options: SpawnOptions = {}): Promise<World> {
  const place = await install();
  const env = { GB_OPEN_SIGNUP: 'true', GB_RATE_FACTOR: '1000', ...place.env, ...options.env };
  const server = await spawnServer({ ...place, ...options, env });
  return worldOn(server);
}

export function worldOn(server: SpawnedServer): World {
  const httpOptions = (token?: string) => ({ baseUrl: server.url, fetch, token: () => token, timeoutMs: 20_000 });
  const restOf = (token?: string) => createRest(createHttp(httpOptions(token)));
  const person = (signedIn: { token: string | null; userId: UserId }, email: string): Person => {
    if (!signedIn.token) throw new Error('A program gets a token.');
    const upload = createUpload(httpOptions(signedIn.token));
    return {
      rest: restOf(signedIn.token),
      token: signedIn.token,
      userId: signedIn.userId,
      email,
      upload: (name, body, type = '') =>
        upload({ name, type, body: typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body) }),
    };
  };
  return {
    server,
    async signUp(name = 'Ana Prado', { organization = 'Acme', locale = 'en' } = {}) {
      const email = `person${++serial}@example.com`;
      return person(await restOf().signUp({ organization, name, email, password, locale }), email);
    },
    async invite(by, name, role = 'member') {
      const email = `person${++serial}@example.com`;
      const { code } = await by.rest.createInvitation({ role, usesMax: 1 });
      return person(await restOf().acceptInvitation(code, { name, email, password }), email);
    },
    async general(by) {
      return channelNamed(await by.rest.snapshot(), 'general');
    },
    stranger: () => restOf(),
    close: () => server.dispose(),
  };
}

export function channelNamed(snapshot: Snapshot, name: string): ChannelId {
  const state = snapshot.channels.find(({ channel }) => channel.name === name);
  if (!state) throw new Error(`There is no #${name}.`);
  return state.channel.id;
}

/** The stable code a call is refused with; the test fails when it is not refused. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
  throw new Error('The call was not refused.');
}

/** Waits until something is so; polls, because the outside of a process has no better way to know. */
export async function eventually<T>(
  look: () => Promise<T | null | undefined | false>,
  what: string,
  timeoutMs = 10_000,
): Promise<T> {
  for (const deadlineMs = performance.now() + timeoutMs; ; ) {
    const value = await look();
    if (value) return value;
    if (performance.now() > deadlineMs) throw new Error(`It did not happen in ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
