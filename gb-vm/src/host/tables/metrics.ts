import type { Figure, PlainValue } from 'gb-core';
import { textOf } from '../../runtime/operations/memory-data.ts';
import type { Args } from '../operation.ts';
import { type DataScope, fail } from './scope.ts';

const figures: Readonly<Record<string, Figure>> = {
  messages: 'messages',
  mensagens: 'messages',
  people: 'people',
  users: 'people',
  pessoas: 'people',
  usuarios: 'people',
  usuários: 'people',
  conversations: 'conversations',
  conversas: 'conversations',
  sessions: 'conversations',
  turns: 'turns',
  turnos: 'turns',
};
const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const rowsMax = 1_000;
const rangeMsMax = 400 * 86_400_000;

/** QUERY METRICS: a row for each interval, `time` and `value`, the oldest first; what lies in no interval counts nowhere. */
export async function queryMetrics({ tx, nowMs }: DataScope, args: Args): Promise<PlainValue> {
  const wanted = textOf(args['metric']).trim().toLowerCase();
  const figure = Object.hasOwn(figures, wanted) ? figures[wanted] : undefined;
  if (!figure)
    throw fail(
      'QUERY METRICS knows messages, people, conversations and turns',
      'QUERY METRICS conhece messages, people, conversations e turns',
    );
  const rangeMs = duration(args['range'], 7 * units['d']!);
  const intervalMs = duration(args['interval'], 86_400_000);
  if (rangeMs > rangeMsMax || rangeMs / intervalMs > rowsMax)
    throw fail(
      `the range is at most 400 days and ${rowsMax} intervals`,
      `o período é de no máximo 400 dias e ${rowsMax} intervalos`,
    );
  const count = Math.max(1, Math.ceil(rangeMs / intervalMs));
  // Whole intervals, so that the same question a minute later has the same rows.
  const toMs = (Math.floor(nowMs / intervalMs) + 1) * intervalMs;
  const fromMs = toMs - count * intervalMs;
  const found = new Map((await tx.figures.count(figure, fromMs, toMs, intervalMs)).map(({ atMs, value }) => [atMs, value]));
  return Array.from({ length: count }, (_, index) => {
    const atMs = fromMs + index * intervalMs;
    return { time: new Date(atMs).toISOString().slice(0, 19).replace('T', ' '), value: found.get(atMs) ?? 0 };
  });
}

/** `7d`, `24 hours`, `30 dias`; a bare number is days. */
function duration(value: PlainValue | undefined, otherwise: number): number {
  if (value === undefined || value === null || value === '') return otherwise;
  const match = /^\s*(\d{1,6}(?:\.\d{1,3})?)\s*([\p{L}]*)\s*$/u.exec(textOf(value));
  const unit = match && unitOf(match[2]!.toLowerCase());
  const ms = match && unit ? Number(match[1]) * unit : 0;
  if (!(ms >= 60_000)) throw fail('a time is written like 7d, 24h or 15m', 'um período se escreve como 7d, 24h ou 15m');
  return ms;
}

function unitOf(word: string): number | undefined {
  if (word === '') return units['d'];
  if (/^(m|min|mins|minutes?|minutos?)$/.test(word)) return units['m'];
  if (/^(h|hours?|horas?)$/.test(word)) return units['h'];
  if (/^(d|days?|dias?)$/.test(word)) return units['d'];
  return /^(w|weeks?|s|semanas?)$/.test(word) ? units['w'] : undefined;
}
