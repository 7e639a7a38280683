import path from 'node:path';
import type { Finding, Project } from './project.ts';

/** Every link of our Markdown to a file or heading of ours leads somewhere. */
export function checkLinks(project: Project): Finding[] {
  const findings: Finding[] = [];
  for (const file of [...project.files.keys()].filter((one) => one.endsWith('.md'))) {
    for (const { line, target } of linksOf(project.text(file))) {
      if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) continue;
      const [place = '', anchor] = target.split('#');
      const linked =
        place === ''
          ? file
          : path.posix.normalize(path.posix.join(path.posix.dirname(file), decodeURIComponent(place))).replace(/\/$/, '');
      const isDirectory = [...project.files.keys()].some((one) => one.startsWith(`${linked}/`));
      if (!project.files.has(linked) && !isDirectory) findings.push({ file, line, text: `The link to ${target} leads nowhere.` });
      else if (anchor && linked.endsWith('.md') && !anchorsOf(project.text(linked)).has(anchor))
        findings.push({ file, line, text: `${linked} has no heading for #${anchor}.` });
    }
  }
  return findings;
}

function linksOf(text: string): { line: number; target: string }[] {
  return proseLines(text).flatMap(({ line, prose }) => {
    const inline = prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g);
    const definitions = prose.matchAll(/^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(\s|$)/g);
    const tags = prose.matchAll(/<(?:img|a)\b[^>]*?\b(?:src|href)="([^"]+)"/g);
    return [...inline, ...definitions, ...tags].map((match) => ({ line, target: match[1] ?? '' }));
  });
}

/** Headings as GitHub addresses them: lower case, spaces to dashes, other signs gone, doubles numbered. */
function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const { prose } of proseLines(text, true)) {
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(prose)?.[1];
    if (heading === undefined) continue;
    const name = heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    anchors.add(count === 0 ? name : `${name}-${count}`);
  }
  return anchors;
}

/** The lines outside code blocks, without code spans unless they are kept. */
function proseLines(text: string, keepsCode = false): { line: number; prose: string }[] {
  let fence: string | undefined;
  return text.split('\n').flatMap((line, index) => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
      return [];
    }
    return fence === undefined ? [{ line: index + 1, prose: keepsCode ? line : line.replace(/`[^`]*`/g, '') }] : [];
  });
}
