import type { Declaration, DeclaredValue } from '../ast.ts';
import type { Report } from './table.ts';

export type FolderEvent = 'created' | 'changed' | 'deleted';

/** What starts a script by itself: ON INSERT, ON EMAIL, ON CHANGE and the like. */
export type TriggerDeclaration =
  | { readonly kind: 'insert' | 'update' | 'delete'; readonly table: string }
  | { readonly kind: 'email'; readonly address: string | null; readonly from: string | null; readonly subject: string | null }
  | { readonly kind: 'change'; readonly folder: string; readonly events: readonly FolderEvent[] }
  | { readonly kind: 'form'; readonly form: string | null }
  | { readonly kind: 'event'; readonly event: string };

const nameMax = 100;
const mailTextMax = 200;
/** Or a domain alone, `@example.com`. */
const mailAddress = /^[^\s@,;<>]*@[^\s@,;<>]+$/;

/** Null when the declaration is no trigger, or one that nothing would ever start; then that is reported. */
export function readTrigger({ keyword, values, span }: Declaration, report: Report): TriggerDeclaration | null {
  const text = (name: string): string | null =>
    values[name] === undefined || values[name] === null ? null : String(values[name]);
  const named = (name: string): string | null => {
    const given = text(name) ?? '';
    if (given.trim() !== '' && given.length <= nameMax) return given;
    report('bad_trigger', span, keyword);
    return null;
  };
  switch (keyword) {
    case 'ON INSERT':
    case 'ON UPDATE':
    case 'ON DELETE': {
      const table = named('table');
      const kind = keyword === 'ON INSERT' ? 'insert' : keyword === 'ON UPDATE' ? 'update' : 'delete';
      return table === null ? null : { kind, table };
    }
    case 'ON EMAIL': {
      const address = text('address')?.trim().toLowerCase() || null;
      const [from, subject] = [text('sender')?.trim() || null, text('subject')?.trim() || null];
      const isAddress = address === null || address === '*' || mailAddress.test(address);
      if (isAddress && [address, from, subject].every((one) => (one ?? '').length <= mailTextMax))
        return { kind: 'email', address, from, subject };
      report('bad_mail_trigger', span);
      return null;
    }
    case 'ON CHANGE': {
      const events = readEvents(values['events'], span, report);
      const folder = (text('folder') ?? '').replaceAll('\\', '/').replace(/^\/+|\/+$/g, '');
      return events && { kind: 'change', folder, events };
    }
    case 'ON FORM SUBMIT':
      return { kind: 'form', form: text('form') };
    case 'ON EVENT': {
      const event = named('event');
      return event === null ? null : { kind: 'event', event };
    }
    default:
      return null;
  }
}

const folderEvents: Readonly<Record<string, FolderEvent>> = {
  created: 'created',
  create: 'created',
  added: 'created',
  new: 'created',
  changed: 'changed',
  change: 'changed',
  modified: 'changed',
  modify: 'changed',
  updated: 'changed',
  deleted: 'deleted',
  delete: 'deleted',
  removed: 'deleted',
};

/** None named are all. */
function readEvents(value: DeclaredValue | undefined, span: Declaration['span'], report: Report): FolderEvent[] | null {
  if (value === undefined || value === null) return [];
  const words = (Array.isArray(value) ? value.map(String) : String(value).split(/[,;\s]+/)).filter(Boolean);
  const found = words.map((word) => {
    const key = word.toLowerCase();
    return Object.hasOwn(folderEvents, key) ? folderEvents[key] : undefined;
  });
  const unknown = words[found.indexOf(undefined)];
  if (unknown !== undefined) {
    report('unknown_folder_event', span, unknown);
    return null;
  }
  return [...new Set(found.filter((event) => event !== undefined))];
}
