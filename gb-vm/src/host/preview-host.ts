import type { PreviewHost } from 'gb-core';
import type { Locale } from 'gb-protocol';
import { createMemoryOperations, MemoryData } from '../runtime/operations/index.ts';
import type { Row } from '../runtime/operations/tables.ts';

/** What is about rows, memories and files of text: made up for a preview, whatever the server could do. */
const kept =
  /^(FIND|SAVE|INSERT|UPDATE|DELETE|MERGE|QUERY|MENU|SYNCHRONIZE|REFRESH|RESET REPORT|AUTO SAVE|(BEGIN|COMMIT|ROLLBACK) TRANSACTION|(SET|GET) (BOT|USER) MEMORY|REMEMBER|RECALL|(GET|SET) CONFIG|LOG|DEBUG)$/;

export function createPreviewHost({
  locale,
  settings,
}: {
  locale: Locale;
  settings: Readonly<Record<string, string>>;
}): PreviewHost {
  const data = new MemoryData();
  const operations = createMemoryOperations({ data, locale, config: settings });
  return {
    keeps: (name) => kept.test(name),
    perform: ({ name, args }) => operations(name, args),
    fill: (table, rows) => void data.tables.made(table)?.add(rows as readonly Row[]),
    takeSuggestions: () => data.suggestions.splice(0).map(({ label }) => label),
  };
}
