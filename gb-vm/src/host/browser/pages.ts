import type { OutsideCall } from 'gb-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { wrong } from '../people/values.ts';
import { AllowList } from '../web/addresses.ts';
import type { Lookup } from '../web/resolve.ts';
import { type GuardedProxy, startGuardedProxy } from './guarded-proxy.ts';

const pagesMax = 16;
const pagesPerCustomerMax = 4;
const idleMsMax = 5 * 60_000;
const sweepMs = 30_000;
const stepMsMax = 15_000;
const openMsMax = 30_000;

export interface BrowserOptions {
  /** Of the Chromium that is started when a bot first opens a page. */
  readonly path: string;
  /** Hosts, addresses and networks that may be reached beside the public internet. */
  readonly allow?: readonly string[];
  readonly lookup?: Lookup;
}

interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly customerId: string;
  readonly botId: string;
  usedAt: number;
}

/**
 * Pages that bots have open, in one browser of this process; each has cookies and storage of its own. They live no longer
 * than five minutes without use, and not beyond the process: a program that comes back later finds its page closed.
 */
export class BrowserPages {
  readonly #options: BrowserOptions;
  readonly #pages = new Map<string, OpenPage>();
  #starting: Promise<{ browser: Browser; proxy: GuardedProxy }> | null = null;
  #sweep: NodeJS.Timeout | null = null;
  #opening = 0;
  #isClosed = false;

  constructor(options: BrowserOptions) {
    this.#options = options;
  }

  /** The page under an id, which stays the same page while it is open. */
  async open(id: string, address: URL, call: OutsideCall): Promise<Page> {
    const known = this.#pages.get(id);
    const page = known?.customerId === call.customerId && known.botId === call.botId ? known.page : await this.#new(id, call);
    await page.goto(address.href, { timeout: openMsMax, waitUntil: 'load' });
    return page;
  }

  /** Refuses a page that is closed, and one of another bot. */
  get(id: string, call: OutsideCall): Page {
    const known = this.#pages.get(id);
    if (known?.customerId !== call.customerId || known.botId !== call.botId)
      throw wrong('the page is closed: open it again', 'a página está fechada: abra-a de novo');
    known.usedAt = performance.now();
    return known.page;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#sweep) clearInterval(this.#sweep);
    const starting = this.#starting;
    this.#starting = null;
    this.#pages.clear();
    if (!starting) return;
    const { browser, proxy } = await starting;
    await browser.close();
    await proxy.close();
  }

  async #new(id: string, call: OutsideCall): Promise<Page> {
    const own = [...this.#pages.values()].filter(({ customerId }) => customerId === call.customerId).length;
    if (own >= pagesPerCustomerMax || this.#pages.size + this.#opening >= pagesMax)
      throw wrong('too many pages are open', 'há páginas demais abertas', 'limit_reached');
    this.#opening += 1;
    try {
      const { browser, proxy } = await this.#started();
      const context = await browser.newContext({
        acceptDownloads: false,
        permissions: [],
        serviceWorkers: 'block',
        locale: call.locale,
        viewport: { width: 1280, height: 800 },
        proxy: { server: proxy.address, username: proxy.user, password: proxy.password, bypass: '<-loopback>' },
      });
      context.setDefaultTimeout(stepMsMax);
      const page = await context.newPage();
      page.on('dialog', (dialog) => void dialog.dismiss().catch(() => {})); // the page may be gone before its question
      context.on('page', (popup) => void popup.close().catch(() => {})); // one page each; it may have closed by itself
      const open = { page, context, customerId: call.customerId, botId: call.botId, usedAt: performance.now() };
      this.#pages.set(id, open);
      page.on('close', () => this.#pages.delete(id));
      page.on('crash', () => void this.#drop(id, open));
      return page;
    } finally {
      this.#opening -= 1;
    }
  }

  #started(): Promise<{ browser: Browser; proxy: GuardedProxy }> {
    if (this.#isClosed) throw wrong('the server is stopping', 'o servidor está parando');
    const starting = (this.#starting ??= this.#start());
    starting.catch(() => {
      if (this.#starting === starting) this.#starting = null;
    });
    return starting;
  }

  async #start(): Promise<{ browser: Browser; proxy: GuardedProxy }> {
    const proxy = await startGuardedProxy({
      allow: new AllowList(this.#options.allow ?? []),
      ...(this.#options.lookup ? { lookup: this.#options.lookup } : {}),
    });
    try {
      // Loaded by the first bot that opens a page: 75 MB.
      const { chromium } = await import('playwright-core');
      const browser = await chromium.launch({
        executablePath: this.#options.path,
        // Its sandbox is the wall around pages nobody trusts. Only root cannot have it.
        chromiumSandbox: process.getuid?.() !== 0,
        proxy: { server: proxy.address, username: proxy.user, password: proxy.password, bypass: '<-loopback>' },
        args: [
          '--headless',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
        ],
      });
      browser.on('disconnected', () => {
        this.#starting = null;
        this.#pages.clear();
        void proxy.close();
      });
      this.#sweep ??= setInterval(() => this.#sweepIdle(), sweepMs).unref();
      return { browser, proxy };
    } catch (error) {
      await proxy.close();
      throw error;
    }
  }

  #sweepIdle(): void {
    const before = performance.now() - idleMsMax;
    for (const [id, open] of this.#pages) if (open.usedAt < before) void this.#drop(id, open);
  }

  async #drop(id: string, open: OpenPage): Promise<void> {
    this.#pages.delete(id);
    await open.context.close().catch(() => {}); // with the browser gone it is closed
  }
}
