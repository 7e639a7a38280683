import type { ChannelId, LogEvent } from 'gb-protocol';
import { onTestFinished } from 'vitest';
import type { Client } from '../api.ts';
import { createNodeClient, type NodeClientOptions } from '../node.ts';
import type { Tuning } from '../options.ts';
import { TestServer } from './server.ts';
import type { Person } from './world.ts';

/** Everything ten times faster than in life, so that a test waits for facts and not for seconds. */
export const quick: Partial<Tuning> = {
  gapMs: 15,
  backoffBaseMs: 20,
  backoffMaxMs: 200,
  stableMs: 200,
  silenceMs: 2_000,
  pingMs: 500,
  probeMs: 100,
  ackMs: 150,
  readMarkMs: 40,
  watchMs: 10,
  draftMs: 30,
  echoMs: 300,
};

export interface Scene {
  readonly server: TestServer;
  readonly ana: Person;
  readonly bob: Person;
  readonly general: ChannelId;
}

/** A server with two people in one channel. */
export async function scene(): Promise<Scene> {
  const server = new TestServer();
  await server.start();
  onTestFinished(() => server.stop());
  const ana = server.world.addPerson('Ana');
  const bob = server.world.addPerson('Bob');
  const general = server.world.addChannel('general', [ana, bob]);
  return { server, ana, bob, general };
}

export function makeClient(server: TestServer, person: Person, options: Partial<NodeClientOptions> = {}): Client {
  const client = createNodeClient({
    baseUrl: server.url,
    token: person.token,
    ...options,
    tuning: { ...quick, ...options.tuning },
  });
  onTestFinished(() => client.close());
  return client;
}

/** A client that is live. */
export async function connect(server: TestServer, person: Person, options: Partial<NodeClientOptions> = {}): Promise<Client> {
  const client = makeClient(server, person, options);
  await client.start();
  await client.live();
  return client;
}

/** Resolves when the fact is one, looking every few milliseconds; fails with the facts after `timeoutMs`. */
export async function until(fact: () => boolean, what: string, timeoutMs = 4_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!fact()) {
    if (performance.now() > deadline) throw new Error(`Did not happen in ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}

/** Texts of the loaded window. */
export function texts(client: Client, channelId: ChannelId): string[] {
  return client.messages(channelId).messages.map((message) => message.text);
}

/** Keeps every entry of one channel the client tells. */
export function record(client: Client, channelId: ChannelId): LogEvent[] {
  const events: LogEvent[] = [];
  client.on('event', (event) => {
    if (event.channelId === channelId) events.push(event);
  });
  return events;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
