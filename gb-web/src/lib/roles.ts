import type { Role } from 'gb-protocol';

/** What a role may do, as the server decides it: the page offers nothing that would be refused, and hides nothing else. */
export function isAdmin({ role }: { readonly role: Role }): boolean {
  return role === 'owner' || role === 'admin';
}

/** Making channels, inviting people, writing bots: everybody but guests. */
export function isFullMember({ role }: { readonly role: Role }): boolean {
  return role !== 'guest' && role !== 'bot';
}

/** As what somebody may invite others: nobody hands out more than their own kind. */
export function rolesToInvite(inviter: { readonly role: Role }): readonly ('member' | 'guest' | 'admin')[] {
  if (isAdmin(inviter)) return ['member', 'guest', 'admin'];
  return isFullMember(inviter) ? ['member', 'guest'] : [];
}
