import { bwbasic } from './bwbasic.ts';
import { lua } from './lua.ts';
import { luajit } from './luajit.ts';
import { mariadb } from './mariadb.ts';
import { pgvector } from './pgvector.ts';
import { quickjs } from './quickjs.ts';
import { redis } from './redis.ts';
import type { Service } from './service.ts';
import { smtp } from './smtp.ts';
import { yabasic } from './yabasic.ts';

export const services: readonly Service[] = [redis, smtp, mariadb, pgvector, yabasic, bwbasic, lua, luajit, quickjs];
