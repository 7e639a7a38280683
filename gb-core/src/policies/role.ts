import type { Role } from 'gb-protocol';
import type { Actor } from '../context.ts';
import { fail } from '../fail.ts';

export function isAdmin(actor: { role: Role }): boolean {
  return actor.role === 'owner' || actor.role === 'admin';
}

export function requireAdmin(actor: Actor): void {
  if (!isAdmin(actor)) throw fail('forbidden', 'Only owners and administrators may do this.');
}

/** Making channels, inviting people, writing bots: everybody but guests. */
export function requireFullMember(actor: Actor): void {
  if (actor.role === 'guest' || actor.role === 'bot') throw fail('forbidden', 'Guests may not do this.');
}
