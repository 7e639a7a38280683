import { bwbasic } from './bwbasic.ts';
import { kafka } from './kafka.ts';
import { lua } from './lua.ts';
import { luajit } from './luajit.ts';
import { mariadb } from './mariadb.ts';
import { nats } from './nats.ts';
import { pgvector } from './pgvector.ts';
import { postgres } from './postgres.ts';
import { quickjs } from './quickjs.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis } from './redis.ts';
import type { Service } from './service.ts';
import { smtp } from './smtp.ts';
import { yabasic } from './yabasic.ts';

const shards = [1, 2, 3].map(postgres);

export const services: readonly Service[] = [
  redis,
  kafka,
  rabbitmq,
  nats,
  ...shards,
  smtp,
  mariadb,
  pgvector,
  yabasic,
  bwbasic,
  lua,
  luajit,
  quickjs,
];

/** Several services that are mostly wanted together. */
export interface Group {
  readonly name: string;
  readonly members: readonly Service[];
  /** What finds all of them, made of what finds each. */
  env(found: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
}

/** What the product knows the shards by, in the order of their numbers. */
const shardNames = ['main', 'east', 'west'];

export const groups: readonly Group[] = [
  {
    name: 'postgres',
    members: shards,
    env: (found) => ({
      DATABASE_SHARDS: shardNames.map((name, index) => `${name}=${found[`TEST_POSTGRES_${index + 1}_URL`]}`).join(' '),
    }),
  },
];

/** The services of a name, whether it is one or several; none where nothing has it. */
export function servicesOf(name: string): readonly Service[] {
  return groups.find((group) => group.name === name)?.members ?? services.filter((service) => service.name === name);
}

/** With what finds the groups that are there with all their members. */
export function withGroups(found: Readonly<Record<string, string>>, names: readonly string[]): Readonly<Record<string, string>> {
  const isThere = (group: Group): boolean => group.members.every(({ name }) => names.includes(name));
  return Object.assign({ ...found }, ...groups.filter(isThere).map((group) => group.env(found)));
}
