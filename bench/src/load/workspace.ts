import { type SpawnedServer, spawnServer } from 'gb-cli/testing';
import type { Invitation, SignedIn, Snapshot } from 'gb-protocol';

export interface Workspace {
  readonly server: SpawnedServer;
  readonly port: number;
  readonly tokens: readonly string[];
  readonly general: { readonly channelId: string; readonly epoch: number; readonly head: number };
  snapshot(): Promise<Snapshot>;
}

/** A real server with one organization of `people` members in #general, rate limits out of the way. */
export async function openWorkspace(people: number): Promise<Workspace> {
  const server = await spawnServer({
    env: {
      GB_RATE_FACTOR: '1000000',
      GB_QUOTAS: 'connections=unlimited members=unlimited messages=unlimited',
    },
  });
  const call = async <T>(method: string, path: string, body?: unknown, token?: string): Promise<T> => {
    const response = await fetch(`${server.url}/api${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const password = 'a bench of long words';
  const owner = await call<SignedIn>('POST', '/signup', {
    organization: 'Bench',
    name: 'Owner',
    email: 'owner@bench.example',
    password,
  });
  const invitation = await call<Invitation>('POST', '/invitations', { usesMax: 10_000 }, owner.token!);
  const tokens = [owner.token!];
  while (tokens.length < people) {
    const n = tokens.length;
    const joined = await call<SignedIn>('POST', `/invitations/${invitation.code}/accept`, {
      name: `Person ${n}`,
      email: `p${n}@bench.example`,
      password,
    });
    tokens.push(joined.token!);
  }
  const snapshot = () => call<Snapshot>('GET', '/snapshot', undefined, owner.token!);
  const state = (await snapshot()).channels.find(({ channel }) => channel.name === 'general');
  if (!state) throw new Error('There is no #general.');
  return {
    server,
    port: Number(new URL(server.url).port),
    tokens,
    general: { channelId: state.channel.id, epoch: state.epoch, head: state.head },
    snapshot,
  };
}
