import type { ChannelId, Locale } from 'gb-protocol';
import { useSyncExternalStore } from 'react';

/** What this browser remembers about how one likes to work. Losing it costs a moment, so storage errors are let be. */
export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark';
  readonly enterSends: boolean;
  /** Notices on the desktop, where the browser allows them. */
  readonly desktopNotices: boolean;
  readonly locale: Locale | null;
  /** Latest first. */
  readonly recentChannels: readonly ChannelId[];
  readonly recentEmoji: readonly string[];
  readonly isWelcomeDismissed: boolean;
}

const storageKey = 'gb.preferences';
const defaults: Preferences = {
  theme: 'system',
  enterSends: true,
  desktopNotices: false,
  locale: null,
  recentChannels: [],
  recentEmoji: [],
  isWelcomeDismissed: false,
};

const listeners = new Set<() => void>();
let current: Preferences | null = null;

export function preferences(): Preferences {
  current ??= read();
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...preferences(), ...change };
  try {
    localStorage.setItem(storageKey, JSON.stringify(current));
  } catch {
    // Storage full or forbidden: the choice holds until the page closes.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}

export function applyTheme(): void {
  const { theme } = preferences();
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

const recentMax = 20;

export function rememberChannel(id: ChannelId): void {
  const { recentChannels } = preferences();
  if (recentChannels[0] === id) return;
  setPreferences({ recentChannels: [id, ...recentChannels.filter((other) => other !== id)].slice(0, recentMax) });
}

export function rememberEmoji(emoji: string): void {
  const { recentEmoji } = preferences();
  setPreferences({ recentEmoji: [emoji, ...recentEmoji.filter((other) => other !== emoji)].slice(0, recentMax) });
}

function subscribe(listener: () => void): () => void {
  const onStorage = (event: StorageEvent): void => {
    if (event.key !== storageKey) return;
    current = null;
    applyTheme();
    listener();
  };
  listeners.add(listener);
  window.addEventListener('storage', onStorage);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', onStorage);
  };
}

function read(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '{}');
    return typeof stored === 'object' && stored !== null ? { ...defaults, ...stored } : defaults;
  } catch {
    return defaults;
  }
}
