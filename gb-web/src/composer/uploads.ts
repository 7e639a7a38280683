import type { Client } from 'gb-client';
import { type Attachment, type ChannelId, limits, type Seq } from 'gb-protocol';
import { useMemo, useSyncExternalStore } from 'react';
import { useClient } from '../app/client-context.tsx';
import { codeOf } from '../app/problem.ts';

/** A file on its way into a message that is still being written. */
export interface TrayItem {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly state: 'waiting' | 'sending' | 'done' | 'failed';
  /** 0 to 1. */
  readonly progress: number;
  readonly attachment: Attachment | null;
  /** Why it failed, as a code of the protocol. */
  readonly problem: string | null;
  /** A picture as it is here, to be looked at before it is sent. */
  readonly preview: string | null;
}

interface Held {
  item: TrayItem;
  readonly file: File | null;
  controller: AbortController | null;
}

const inFlightMax = 3;
/** Uploads leave the server after a day; one that is nearly that old is not offered again. */
const keptMs = (limits.fileUnusedHoursMax - 1) * 3_600_000;
const previewBytesMax = 20_000_000;

/**
 * The files of one message that is being written: uploaded at once, a few at a time, kept when one looks elsewhere, and
 * those that arrived also when the page is loaded again.
 */
export class UploadTray {
  readonly #client: Client;
  readonly #storageKey: string;
  readonly #listeners = new Set<() => void>();
  #held: Held[] = [];
  #items: readonly TrayItem[] = [];
  #nextKey = 0;

  constructor(client: Client, place: string) {
    this.#client = client;
    this.#storageKey = `gb.uploads:${client.me().id}:${place}`;
    for (const attachment of this.#remembered()) this.#holdStored(attachment);
    this.#items = this.#held.map(({ item }) => item);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  items = (): readonly TrayItem[] => this.#items;

  /** Gives the names of those that do not fit: too large, or too many. */
  add(files: readonly File[]): { readonly tooLarge: readonly string[]; readonly tooMany: boolean } {
    const tooLarge = files.filter((file) => file.size > limits.fileBytesMax).map((file) => file.name);
    const fitting = files.filter((file) => file.size <= limits.fileBytesMax);
    const room = limits.attachmentsPerMessageMax - this.#held.length;
    for (const file of fitting.slice(0, Math.max(0, room))) {
      const isPicture = /^image\/(png|jpeg|gif|webp)$/.test(file.type) && file.size <= previewBytesMax;
      const preview = isPicture ? URL.createObjectURL(file) : null;
      this.#hold(file, { state: 'waiting', progress: 0, attachment: null, preview }, file);
    }
    this.#changed();
    this.#pump();
    return { tooLarge, tooMany: fitting.length > room };
  }

  remove(key: string): void {
    const held = this.#held.find(({ item }) => item.key === key);
    if (!held) return;
    this.#held = this.#held.filter((one) => one !== held);
    held.controller?.abort();
    this.#forget(held);
    // Nobody waits for this: what is not forgotten now leaves by itself in a day.
    if (held.item.attachment) this.#client.rest.discardFile(held.item.attachment.id).catch(() => {});
    this.#changed();
    this.#pump();
  }

  retry(key: string): void {
    const held = this.#held.find(({ item }) => item.key === key);
    if (held?.item.state !== 'failed') return;
    this.#set(held, { state: 'waiting', progress: 0, problem: null });
    this.#pump();
  }

  /** What is ready to go with the message; it is the message's from now on. What failed stays to be looked at. */
  take(): readonly Attachment[] {
    const ready = this.#held.filter(({ item }) => item.state === 'done');
    this.#held = this.#held.filter((held) => !ready.includes(held));
    for (const held of ready) this.#forget(held);
    this.#changed();
    return ready.flatMap(({ item }) => item.attachment ?? []);
  }

  /** After a refusal: what was taken comes back. */
  putBack(attachments: readonly Attachment[]): void {
    for (const attachment of attachments) this.#holdStored(attachment);
    this.#changed();
  }

  /** A file that is on the server already. */
  #holdStored(attachment: Attachment): void {
    this.#hold(attachment, { state: 'done', progress: 1, attachment, preview: null }, null);
  }

  #hold(
    { name, type, size }: Pick<TrayItem, 'name' | 'type' | 'size'>,
    begins: Pick<TrayItem, 'state' | 'progress' | 'attachment' | 'preview'>,
    file: File | null,
  ): void {
    const item: TrayItem = { key: this.#key(), name, type, size, problem: null, ...begins };
    this.#held.push({ item, file, controller: null });
  }

  #pump(): void {
    for (const held of this.#held) {
      if (this.#held.filter(({ item }) => item.state === 'sending').length >= inFlightMax) return;
      if (held.item.state === 'waiting' && held.file) void this.#send(held, held.file);
    }
  }

  async #send(held: Held, file: File): Promise<void> {
    const controller = new AbortController();
    held.controller = controller;
    this.#set(held, { state: 'sending' });
    try {
      const attachment = await this.#client.upload(
        { name: file.name, type: file.type, body: file },
        { signal: controller.signal, onProgress: (progress) => this.#set(held, { progress }) },
      );
      this.#set(held, { state: 'done', progress: 1, attachment });
    } catch (error) {
      if (!controller.signal.aborted) this.#set(held, { state: 'failed', problem: codeOf(error) });
    }
    this.#pump();
  }

  #set(held: Held, change: Partial<TrayItem>): void {
    held.item = { ...held.item, ...change };
    this.#changed();
  }

  #changed(): void {
    this.#items = this.#held.map(({ item }) => item);
    this.#remember();
    for (const listener of [...this.#listeners]) listener();
  }

  #forget(held: Held): void {
    if (held.item.preview) URL.revokeObjectURL(held.item.preview);
  }

  #key(): string {
    this.#nextKey += 1;
    return String(this.#nextKey);
  }

  #remembered(): readonly Attachment[] {
    try {
      const stored = JSON.parse(localStorage.getItem(this.#storageKey) ?? 'null') as { at: number; files: Attachment[] } | null;
      return stored && Date.now() - stored.at < keptMs ? stored.files : [];
    } catch {
      return []; // No storage here, or not what we wrote: there is nothing to bring back.
    }
  }

  #remember(): void {
    const files = this.#items.flatMap(({ attachment }) => attachment ?? []);
    try {
      if (files.length === 0) localStorage.removeItem(this.#storageKey);
      else localStorage.setItem(this.#storageKey, JSON.stringify({ at: Date.now(), files }));
    } catch {
      // A full or forbidden storage: the files are still here until the page is left.
    }
  }
}

/** One tray a place, for as long as the page lives: uploads go on while one reads another channel. */
const trays = new WeakMap<Client, Map<string, UploadTray>>();

export function useUploads(
  channelId: ChannelId,
  threadSeq: Seq | null,
): { readonly tray: UploadTray; readonly items: readonly TrayItem[] } {
  const client = useClient();
  const tray = useMemo(() => {
    const place = `${channelId}:${threadSeq ?? ''}`;
    let ofClient = trays.get(client);
    if (!ofClient) trays.set(client, (ofClient = new Map()));
    let found = ofClient.get(place);
    if (!found) ofClient.set(place, (found = new UploadTray(client, place)));
    return found;
  }, [client, channelId, threadSeq]);
  return { tray, items: useSyncExternalStore(tray.subscribe, tray.items) };
}
