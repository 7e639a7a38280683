import { expect } from 'vitest';
import { type KeywordCase, sentFile } from '../keyword-world.ts';
import { pixelsOf } from '../media.ts';

/** A web browser that the bot drives. */
export const browser: readonly KeywordCase[] = [
  {
    shows: ['OPEN', 'TEXT OF', 'CLICK', 'HOVER', 'PRESS', 'SCREENSHOT', 'CLICK LINK TEXT', 'SET'],
    scripts: `page = OPEN "\${api}/site"
TALK page.title + ": " + TEXT OF(page, "h1")
CLICK page, "#buy"
TALK TEXT OF page, "h1"
HOVER page, "#menu"
TALK TEXT OF page, "#menu"
PRESS page, "Enter"
TALK TEXT OF page, "#menu"
SET page, "#field", "green"
TALK SCREENSHOT page
page = CLICK LINK TEXT page, "Go on"
TALK page.url`,
    says: ['Shop: Tea & more', 'Bought', 'Seen', 'Key Enter', '', /\/site\/next$/],
    async check(stage) {
      expect((await pixelsOf((await sentFile(stage)).bytes)).width).toBeGreaterThan(300);
    },
  },
];

/** Needs a service, no browser. */
export const website: readonly KeywordCase[] = [
  {
    shows: ['WEBSITE OF'],
    scripts: 'TALK WEBSITE OF "Pragmatismo"',
    settings: ({ api }) => ({ 'website-url': `${api}/website` }),
    says: ['https://pragmatismo.example'],
  },
];
