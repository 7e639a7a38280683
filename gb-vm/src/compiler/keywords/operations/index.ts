import type { Details, FormRow, Group } from '../keyword.ts';
import { ai } from './ai.ts';
import { browser } from './browser.ts';
import { data } from './data.ts';
import { files } from './files.ts';
import { mail } from './mail.ts';
import { memory } from './memory.ts';
import { people } from './people.ts';
import { social } from './social.ts';
import { system } from './system.ts';
import { talk } from './talk.ts';
import { web } from './web.ts';
import { workflow } from './workflow.ts';

const groups: readonly (readonly [Group, readonly FormRow[]])[] = [
  ['talk', talk],
  ['data', data],
  ['memory', memory],
  ['web', web],
  ['ai', ai],
  ['files', files],
  ['mail', mail],
  ['people', people],
  ['workflow', workflow],
  ['browser', browser],
  ['social', social],
  ['system', system],
];

/** Any operation can fail in these ways. */
const operationErrors = ['operation_unavailable', 'operation_failed'];

/** What the host does, by subject. */
export const operations: readonly FormRow[] = groups.flatMap(([group, rows]) =>
  rows.map(
    ([name, forms, en, pt, example, details]): FormRow => [
      name,
      forms,
      en,
      pt,
      example,
      { group, raises: operationErrors, ...details } satisfies Details,
    ],
  ),
);
