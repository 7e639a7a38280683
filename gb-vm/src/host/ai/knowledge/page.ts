import { Parser } from 'htmlparser2';

export interface Page {
  readonly title: string;
  /** Absolute, each once. */
  readonly links: readonly string[];
  /** What its author says about it to programs. */
  readonly mayIndex: boolean;
  readonly mayFollow: boolean;
  /** Its own address, when it says one of this site. */
  readonly canonical: string | null;
}

const linksMax = 2_000;
const titleCharsMax = 300;

/** What a crawler must know of a page besides its text. */
export function readPage(html: string, address: string): Page {
  const links = new Set<string>();
  let [title, base, robots, canonical] = ['', address, '', null as string | null];
  let isTitle = false;
  const resolve = (href: string | undefined): string | null => {
    const url = URL.parse(href?.trim() ?? '', base);
    if (!url || !/^https?:$/.test(url.protocol)) return null;
    url.hash = '';
    return url.href;
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'title') isTitle = title === '';
      else if (name === 'base') base = resolve(attributes['href']) ?? base;
      else if (name === 'meta' && /^(robots|generalbots)$/i.test(attributes['name'] ?? ''))
        robots += ` ${attributes['content'] ?? ''}`;
      else if (name === 'link' && attributes['rel']?.toLowerCase() === 'canonical') canonical = resolve(attributes['href']);
      else if ((name === 'a' || name === 'area') && !/\bnofollow\b/i.test(attributes['rel'] ?? '')) {
        const link = attributes['href'] === undefined ? null : resolve(attributes['href']);
        if (link && links.size < linksMax) links.add(link);
      }
    },
    ontext(text) {
      if (isTitle && title.length < titleCharsMax) title += text;
    },
    onclosetag(name) {
      if (name === 'title') isTitle = false;
    },
  });
  parser.end(html);
  return {
    title: title.replace(/\s+/g, ' ').trim().slice(0, titleCharsMax),
    links: [...links],
    mayIndex: !/\b(noindex|none)\b/i.test(robots),
    mayFollow: !/\b(nofollow|none)\b/i.test(robots),
    canonical,
  };
}
