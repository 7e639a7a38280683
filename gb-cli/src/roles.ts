import { type NodeRole, nodeRoles } from 'gb-core';
import { GbError } from 'gb-utils';

/**
 * What this process does for the others:
 * `gateway` holds people's connections, `api` answers REST and serves the web client, `writer` stores messages of hot
 * channels for its neighbours, `relay` brings what was committed from the outbox to the event log, `bots` answers for bots
 * and rings their alarms, `jobs` handles tasks and cleans up. `media` is announced, and nothing runs under it yet.
 */
export type Roles = ReadonlySet<NodeRole>;

/** All of them when nothing is said. */
export function readRoles(text: string | undefined): Roles {
  const words = (text ?? '')
    .split(/[\s,]+/)
    .map((word) => word.trim())
    .filter(Boolean);
  if (words.length === 0) return new Set(nodeRoles);
  for (const word of words)
    if (!nodeRoles.includes(word as NodeRole))
      throw new GbError('malformed', `GB_ROLES names "${word}". There are: ${nodeRoles.join(', ')}.`);
  return new Set(words as NodeRole[]);
}

/** Refuses what cannot work, with what to set instead. */
export function checkRoles(roles: Roles, engines: { readonly hasDatabase: boolean; readonly hasKafka: boolean }): void {
  // Nobody else can come to the database of this process.
  const missing = (['gateway', 'api', 'relay', 'bots', 'jobs'] as const).filter((role) => !roles.has(role));
  if (!engines.hasDatabase && missing.length > 0)
    throw new GbError(
      'malformed',
      `GB_ROLES leaves out ${missing.join(', ')}, and no other process can use the embedded database. Set DATABASE_URL or DATABASE_SHARDS, or leave GB_ROLES unset.`,
    );
  if (roles.has('relay') && !roles.has('bots') && !engines.hasKafka)
    throw new GbError(
      'malformed',
      'GB_ROLES has relay without bots: without Kafka, entries reach bots only in the process of the relay. Set KAFKA_BROKERS, or add bots to GB_ROLES.',
    );
}
