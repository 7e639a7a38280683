import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SpawnedServer } from 'gb-cli/testing';
import type { ChannelId, ClientId } from 'gb-protocol';
import { sleep, uuidv7 } from 'gb-utils';
import { expect } from 'vitest';
import { channelNamed, type Person, worldOn } from './world.ts';

/**
 * Somebody who says something a few times a second, and a program outside that a webhook tells: what was acknowledged goes
 * through the log of events and the queue of tasks, and has to come out at the other end.
 */
export class Told {
  readonly acked: string[] = [];
  readonly #heard: Set<string>;
  readonly #receiver: Server;
  readonly #saying: Promise<void>;
  #isSaying = true;

  private constructor(receiver: Server, heard: Set<string>, ana: Person, channelId: ChannelId) {
    this.#receiver = receiver;
    this.#heard = heard;
    this.#saying = this.#say(ana, channelId);
  }

  static async start(server: SpawnedServer): Promise<Told> {
    const heard = new Set<string>();
    const receiver = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      heard.add(String(JSON.parse(Buffer.concat(chunks).toString()).data.event?.message?.text));
      response.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const ana = await worldOn(server).signUp('Ana Prado', { organization: 'Told' });
    const { port } = receiver.address() as AddressInfo;
    await ana.rest.createWebhook({ name: 'Outside', address: `http://127.0.0.1:${port}/`, kinds: ['message.posted'] });
    return new Told(receiver, heard, ana, channelNamed(await ana.rest.snapshot(), 'general'));
  }

  /** Says no more, and waits until everything that was acknowledged was told. */
  async check(timeoutMs: number): Promise<void> {
    this.#isSaying = false;
    await this.#saying;
    expect(this.acked.length).toBeGreaterThan(20);
    await expect
      .poll(() => this.acked.filter((text) => !this.#heard.has(text)), { timeout: timeoutMs, interval: 200 })
      .toEqual([]);
  }

  async close(): Promise<void> {
    this.#isSaying = false;
    await this.#saying;
    this.#receiver.closeAllConnections();
    await new Promise((resolve) => this.#receiver.close(resolve));
  }

  async #say({ rest }: Person, channelId: ChannelId): Promise<void> {
    for (let n = 1; this.#isSaying; n++) {
      const text = `told ${n}`;
      const clientId = uuidv7() as ClientId;
      for (let isAcked = false; !isAcked && this.#isSaying; ) {
        isAcked = await rest.postMessage(channelId, { clientId, text }).then(
          () => true,
          () => false, // Whatever dies is killed on purpose, and the same again is safe.
        );
        if (isAcked) this.acked.push(text);
        else await sleep(100);
      }
      await sleep(200);
    }
  }
}
