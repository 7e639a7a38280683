import { api } from './api.ts';
import { approval } from './approval.ts';
import { form } from './form.ts';
import { menu } from './menu.ts';
import { remember } from './remember.ts';
import { schedule } from './schedule.ts';
import { table } from './table.ts';
import type { Template } from './template.ts';

export type { Template } from './template.ts';

export const templates: readonly Template[] = [remember, form, menu, table, schedule, api, approval];
