import { getFeed } from 'domutils';
import { parse, textOf } from './page.ts';
import type { FeedItem } from './page-reader.ts';

const itemsMax = 1_000;

/** The items of an RSS or Atom feed, descriptions as plain text; null when it is no feed. */
export function readFeed(source: string, base: string): readonly FeedItem[] | null {
  const feed = getFeed(parse(source, true).children);
  if (!feed) return null;
  return feed.items.slice(0, itemsMax).map(({ title, link, description, pubDate, id }) => ({
    title: plain(title),
    link: link && URL.canParse(link, base) ? new URL(link, base).href : (link ?? ''),
    description: plain(description),
    date: pubDate && !Number.isNaN(pubDate.getTime()) ? pubDate.toISOString() : '',
    id: id ?? link ?? '',
  }));
}

/** Titles and descriptions are often HTML inside the XML. */
const plain = (text: string | undefined): string => (text?.includes('<') ? textOf(parse(text)) : (text ?? '').trim());
