import { browserPath, type KeywordCase } from '../keyword-world.ts';
import { ai } from './ai.ts';
import { browser, website } from './browser.ts';
import { data } from './data.ts';
import { files } from './files.ts';
import { mail } from './mail.ts';
import { memory } from './memory.ts';
import { people } from './people.ts';
import { system } from './system.ts';
import { talk } from './talk.ts';
import { web } from './web.ts';
import { workflow } from './workflow.ts';

/** Cases by the page of the manual their keywords are on. */
export const keywordCases: Readonly<Record<string, readonly KeywordCase[]>> = {
  talk,
  data,
  memory,
  web,
  ai,
  files,
  mail,
  people,
  workflow,
  browser: [...(browserPath === null ? [] : browser), ...website],
  system,
};

/** What cannot be shown on this machine, with the reason. */
export const notShown: readonly string[] = browserPath === null ? browser.flatMap(({ shows }) => shows) : [];
