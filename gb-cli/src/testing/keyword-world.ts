import { existsSync } from 'node:fs';
import { createDrive, type Drive, type HostOperations, type OperationRequest } from 'gb-core';
import type { ChannelId, Message, UserId } from 'gb-protocol';
import type { TestDatabase } from 'gb-storage/testing';
import { assert } from 'gb-utils';
import type { BotConfig } from '../config.ts';
import { BotWorld, type TestBot } from './bots.ts';
import { type Peers, startPeers } from './peers.ts';

/** Something written with files. */
export interface Sent {
  readonly text: string;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** A small script that uses keywords as a real one would, and the outcome that shows what they did. */
export interface KeywordCase {
  /** The keywords it shows; each has to be asked of the host when it runs. */
  readonly shows: readonly string[];
  /** By their names; a text is `start.bas`. `api` is the address of the HTTP service. */
  readonly scripts: string | Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, string>> | ((peers: Peers) => Readonly<Record<string, string>>);
  /** What Ana writes, one after the other. */
  readonly writes?: readonly (string | Sent)[];
  /** What the bot says to her. */
  readonly says?: readonly (string | RegExp)[];
  /** What is there before: files of the drive, other bots. */
  readonly before?: (stage: Stage) => Promise<void>;
  readonly check?: (stage: Stage) => Promise<void>;
}

/** Where one case is played. */
export interface Stage {
  readonly world: BotWorld;
  readonly peers: Peers;
  readonly bot: TestBot;
  readonly room: ChannelId;
  readonly drive: Drive;
  messages(): Promise<readonly Message[]>;
  /** What the bot said to somebody, in their direct channel. */
  saidTo(person: UserId): Promise<string[]>;
  write(text: string): Promise<void>;
  pass(ms: number): Promise<void>;
  /** The texts of the bot's log. */
  log(): Promise<string[]>;
}

export interface KeywordWorld {
  readonly world: BotWorld;
  readonly peers: Peers;
  readonly bruno: UserId;
  /** What the programs of the last case asked of the host. */
  readonly asked: OperationRequest[];
  play(one: KeywordCase): Promise<{ readonly stage: Stage; readonly said: readonly string[] }>;
  close(): Promise<void>;
}

/** Chromium, where the machine has one. */
export const browserPath =
  [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => path !== undefined && existsSync(path),
  ) ?? null;

/** One workspace with everything the product can do, and the world around it. */
export async function openKeywordWorld(database: TestDatabase, without: Partial<BotConfig> = {}): Promise<KeywordWorld> {
  const peers = await startPeers();
  const config: BotConfig = {
    publicUrl: 'https://chat.example',
    allowHosts: ['127.0.0.0/8'],
    smtp: { url: peers.smtp, from: 'Tea Bot <bot@example.com>' },
    model: {
      url: peers.model.url,
      key: peers.model.key,
      model: 'small',
      embeddingModel: 'vectors',
      imageModel: 'painter',
      videoModel: 'camera',
      speechModel: 'voice',
      voice: undefined,
      transcriptionModel: 'ear',
    },
    otherModels: ['fast'],
    allowsOwnModel: true,
    allowsOwnMail: true,
    browser: browserPath,
    runnerUrl: `${peers.api}/run`,
    ...without,
  };
  const asked: OperationRequest[] = [];
  const wrapOperations = (operations: HostOperations): HostOperations => ({
    ...operations,
    inTurn(request, scope) {
      asked.push(request);
      return operations.inTurn(request, scope);
    },
    outside(request, call) {
      asked.push(request);
      return operations.outside(request, call);
    },
  });
  const world = await BotWorld.open(database, { config, wrapOperations });
  const bruno = await world.person('Bruno Lima');

  async function play(one: KeywordCase) {
    asked.length = 0;
    peers.received.length = 0;
    peers.mails.length = 0;
    peers.model.script();
    const given = typeof one.settings === 'function' ? one.settings(peers) : (one.settings ?? {});
    const bot = await world.bot(one.scripts, { 'param-api': peers.api, ...given });
    const room = await world.direct(world.ana, bot.userId);
    const stage: Stage = {
      world,
      peers,
      bot,
      room,
      drive: createDrive(world.ctx, { customerId: world.customerId, botId: bot.botId, botUserId: bot.userId }),
      messages: () => world.messages(room),
      saidTo: async (person) => world.said(bot.userId, await world.direct(person, bot.userId)),
      async write(text) {
        await world.say(world.ana, room, text);
        await world.settleTogether();
      },
      async pass(ms) {
        world.clock.now += ms;
        await world.settleTogether();
      },
      async log() {
        const page = await world.ctx.store.read(world.customerId, (tx) => tx.botLog.page(bot.botId, { limit: 100 }));
        return page.lines.map(({ message }) => message);
      },
    };
    await one.before?.(stage);
    for (const text of one.writes ?? ['go']) {
      if (typeof text === 'string') await world.say(world.ana, room, text);
      else await world.send(world.ana, room, text.text, text.files);
      await world.settleTogether();
    }
    return { stage, said: await world.said(bot.userId, room) };
  }

  return {
    world,
    peers,
    bruno,
    asked,
    play,
    async close() {
      await world.close();
      await peers.close();
    },
  };
}

/** The bytes of a file that the bot sent with a message. */
export async function sentFile(
  { world, drive, messages }: Stage,
  at = -1,
): Promise<{ name: string; type: string; bytes: Uint8Array }> {
  const attachment = (await messages()).filter(({ attachments }) => attachments).at(at)?.attachments?.[0];
  assert(attachment, `a message of ${world.customerId} has a file`);
  const { id, name, type, size } = attachment;
  const found = await drive.read({ file: id, name, type, size });
  assert(found, 'the file is there');
  return { name, type, bytes: found.bytes };
}

/** A file of the drive as text. */
export async function textAt({ drive }: Stage, path: string): Promise<string | null> {
  const found = await drive.read(path);
  return found && new TextDecoder().decode(found.bytes);
}
