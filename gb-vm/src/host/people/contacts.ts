import type { Contact, ContactEntry, PlainValue, TurnScope } from 'gb-core';
import type { Args, InTurnOperation } from '../operation.ts';
import { idFor } from './attendance.ts';
import { userOf } from './teams.ts';
import { detailsArg, isObject, listOf, numberArg, textArg, wordOf, wrong } from './values.ts';

const contactsMax = 100_000;
const foundMax = 20;
const scoreMax = 1_000;

/** What is known of somebody makes them promising, when no rules are given. */
const usualPoints: Readonly<Record<string, number>> = { email: 20, phone: 15, name: 10, company: 15, budget: 25, interest: 15 };

/**
 * Customers and what is noted about them, in rows of their own (`contacts`): known by an e-mail, a telephone number or a
 * name. Scores are sums of points, kept with the contact.
 */
export const contactOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'FIND CONTACT'(args, scope) {
    const text = textArg(args['text'], { en: 'the name', pt: 'o nome' }, 254);
    const contacts = await scope.tx.contacts.find(text, foundMax);
    const people = await scope.tx.people.find(text);
    const [contact] = contacts;
    if (contact) return shown(contact);
    return people.length === 1 ? userOf(people[0]!) : null;
  },

  async 'CREATE DEAL'(args, scope) {
    const contact = await contactOf(scope, args['contact'], true);
    const text = textArg(args['name'], { en: 'the name of the deal', pt: 'o nome do negócio' }, 300);
    const hasAmount = wordOf(args['amount']).trim() !== '';
    const amount = hasAmount ? numberArg(args['amount'], { en: 'the amount', pt: 'o valor' }, 0, 1e15) : null;
    await note(scope, contact.key, { kind: 'deal', text, amount }, detailsArg([...listOf(args['values'])]));
    return { contact: contact.key, name: text, amount };
  },

  async 'ADD NOTE'(args, scope) {
    const key = keyOf(args['target']);
    const text = textArg(args['text'], { en: 'the note', pt: 'a nota' }, 4_000);
    await note(scope, key, { kind: 'note', text, amount: null }, null);
    return null;
  },

  async 'LOG ACTIVITY'(args, scope) {
    const [record, ...values] = listOf(args['values']);
    const text = textArg(values.map(wordOf).join(' '), { en: 'what was done', pt: 'o que foi feito' }, 4_000);
    await note(scope, keyOf(record), { kind: 'activity', text, amount: null }, null);
    return null;
  },

  async 'SCORE LEAD'(args, scope) {
    const lead = args['lead'];
    const facts = isObject(lead) ? lead : factsOf(await contactOf(scope, lead, false));
    const score = pointsOf(facts, args['rules']);
    if (!isObject(lead) || wordOf(lead['email'] ?? lead['phone']).trim() !== '') {
      const contact = await contactOf(scope, lead, true);
      await scope.tx.contacts.put({ ...contact, score });
    }
    return score;
  },

  'GET LEAD SCORE': async (args, scope) => (await contactOf(scope, args['lead'], false)).score,

  async 'QUALIFY LEAD'(args, scope) {
    const lead = args['lead'];
    const threshold =
      args['threshold'] === undefined ? 50 : numberArg(args['threshold'], { en: 'the threshold', pt: 'o limite' }, 0, scoreMax);
    const score = isObject(lead) ? pointsOf(lead, undefined) : (await contactOf(scope, lead, false)).score;
    return score >= threshold;
  },

  async 'UPDATE LEAD SCORE'(args, scope) {
    const points = numberArg(args['points'], { en: 'the points', pt: 'os pontos' }, -scoreMax, scoreMax);
    const contact = await contactOf(scope, args['lead'], true);
    const score = Math.max(0, Math.min(scoreMax, contact.score + points));
    await scope.tx.contacts.put({ ...contact, score });
    await note(scope, contact.key, { kind: 'score', text: wordOf(args['reason']).slice(0, 4_000), amount: points }, null);
    return score;
  },
};

/** Keeps a score that came from elsewhere. */
export async function keepScore(scope: Pick<TurnScope, 'tx'>, lead: PlainValue | undefined, score: number): Promise<void> {
  const contact = await contactOf(scope, lead, true);
  await scope.tx.contacts.put({ ...contact, score: Math.max(0, Math.min(scoreMax, score)) });
}

async function contactOf(scope: Pick<TurnScope, 'tx'>, value: PlainValue | undefined, mayBeNew: boolean): Promise<Contact> {
  const key = keyOf(value);
  const known = await scope.tx.contacts.get(key);
  if (!known && !mayBeNew) throw wrong(`there is no contact ${key.slice(0, 80)}`, `não há um contato ${key.slice(0, 80)}`);
  const facts: { readonly [name: string]: PlainValue } = isObject(value) ? value : {};
  const { name, email, phone, ...rest } = Object.fromEntries(
    Object.entries(facts).map(([one, fact]) => [one.toLowerCase(), fact]),
  );
  const contact: Contact = {
    key,
    name: (wordOf(name) || known?.name || '').slice(0, 200),
    email: (wordOf(email) || known?.email || (key.includes('@') ? key : '')).slice(0, 254),
    phone: (wordOf(phone) || known?.phone || (/^\+?[\d\s()-]+$/.test(key) ? key : '')).slice(0, 60),
    score: known?.score ?? 0,
    details: detailsArg({ ...known?.details, ...rest }) as Contact['details'],
  };
  if (!known) {
    if ((await scope.tx.contacts.count()) >= contactsMax)
      throw wrong(`there may be ${contactsMax} contacts`, `pode haver ${contactsMax} contatos`, 'limit_reached');
    await scope.tx.contacts.put(contact);
  }
  return contact;
}

function keyOf(value: PlainValue | undefined): string {
  const facts = isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, fact]) => [name.toLowerCase(), fact]))
    : null;
  const name = facts ? (facts['key'] ?? facts['email'] ?? facts['phone'] ?? facts['name']) : value;
  return textArg(name, { en: 'the contact', pt: 'o contato' }, 254).toLowerCase();
}

async function note(scope: TurnScope, key: string, entry: Omit<ContactEntry, 'at'>, details: PlainValue): Promise<void> {
  const id = await idFor(scope, `${entry.kind}:${key}`);
  await scope.tx.contacts.note({ ...entry, id, key, botId: scope.botId, details, at: scope.nowMs });
}

function shown({ key, name, email, phone, score, details }: Contact): PlainValue {
  return { ...details, key, name, email, phone, score };
}

const factsOf = ({ name, email, phone, details }: Contact): { readonly [name: string]: PlainValue } => ({
  ...details,
  name,
  email,
  phone,
});

/**
 * Points by rules: `{budget: 30, email: 10}` gives points for what is known and not nothing; a list of rows `{field, value,
 * points}` for what has this value, or for a number at least as high.
 */
export function pointsOf(facts: { readonly [name: string]: PlainValue }, rules: PlainValue | undefined): number {
  const known = new Map(Object.entries(facts).map(([name, value]) => [name.toLowerCase(), value]));
  const has = (value: PlainValue | undefined): boolean => !['', '0', 'false', '[]', '{}'].includes(wordOf(value).trim());
  const byRow = (rule: Args): number => {
    const value = known.get(wordOf(rule['field']).toLowerCase());
    const wanted = rule['value'];
    if (wanted === undefined) return has(value) ? Number(rule['points'] ?? 0) : 0;
    const isMet =
      typeof wanted === 'number' ? Number(value) >= wanted : wordOf(value).toLowerCase() === wordOf(wanted).toLowerCase();
    return isMet ? Number(rule['points'] ?? 0) : 0;
  };
  const points = Array.isArray(rules)
    ? rules.filter(isObject).map(byRow)
    : Object.entries(isObject(rules) ? rules : usualPoints).map(([field, count]) =>
        has(known.get(field.toLowerCase())) ? Number(count) : 0,
      );
  const sum = points.reduce((all, one) => all + (Number.isFinite(one) ? one : 0), 0);
  return Math.max(0, Math.min(scoreMax, sum));
}
