import { expect, test } from 'vitest';
import { isAdmin, isFullMember, rolesToInvite } from './roles.ts';

test('every full member invites members and guests, administrators also administrators, guests nobody', () => {
  expect(rolesToInvite({ role: 'owner' })).toContain('admin');
  expect(rolesToInvite({ role: 'admin' })).toContain('admin');
  expect(rolesToInvite({ role: 'member' })).toEqual(['member', 'guest']);
  expect(rolesToInvite({ role: 'guest' })).toEqual([]);
  expect(rolesToInvite({ role: 'bot' })).toEqual([]);
});

test('a member is full but no administrator', () => {
  expect([isFullMember({ role: 'member' }), isAdmin({ role: 'member' })]).toEqual([true, false]);
  expect([isFullMember({ role: 'guest' }), isAdmin({ role: 'guest' })]).toEqual([false, false]);
});
