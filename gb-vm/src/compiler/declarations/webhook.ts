import type { Declaration } from '../ast.ts';
import type { Report } from './table.ts';

/** `Nova Ordem` is `nova-ordem`; null, with that reported, when nothing is left of the name. */
export function readWebhook({ values, span }: Declaration, report: Report): string | null {
  const name = String(values['name'])
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  if (name !== '' && name.length <= 64) return name;
  report('bad_webhook', span);
  return null;
}
