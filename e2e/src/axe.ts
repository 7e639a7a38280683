import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with the page as it stands, one line each. */
export async function findings(page: Page, only: 'colours' | 'all' = 'all'): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  return page.evaluate(async (looksAt) => {
    interface Axe {
      run(context: object, options: object): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }>;
    }
    const { axe } = window as unknown as { axe: Axe };
    // React Aria's announcer points for seconds at options that are gone; it has said what it had to say by then.
    const context = { include: document, exclude: [['[data-live-announcer]']] };
    const runOnly =
      looksAt === 'colours'
        ? { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }
        : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
    // Below a dialog the page itself is hidden, its heading and its main part too.
    const hasPage = { enabled: document.querySelector('.overlay') === null };
    const rules = {
      'landmark-one-main': hasPage,
      'page-has-heading-one': hasPage,
      // An experiment of axe that takes the key beside a menu's entry, and the initials in a picture, for their label.
      'label-content-name-mismatch': { enabled: false },
    };
    const { violations } = await axe.run(context, { runOnly, rules, resultTypes: ['violations'] });
    const withoutIds = (html: string) => html.replace(/ (id|aria-[a-z]+by|data-react-aria-pressable)="[^"]*"/g, '');
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html }) => `${id}: ${help}: ${withoutIds(html).slice(0, 200)}`),
    );
  }, only);
}
