import { expect } from 'vitest';
import type { KeywordCase } from '../keyword-world.ts';
import { picture } from '../media.ts';

/** The bot and its platform, and social networks. */
export const system: readonly KeywordCase[] = [
  {
    shows: ['LOG', 'DEBUG'],
    scripts: 'LOG "order saved", 12\nDEBUG "got here"',
    settings: { debug: 'on' },
    async check({ log }) {
      expect(await log()).toEqual(expect.arrayContaining(['order saved 12', 'got here']));
    },
  },
  {
    shows: ['RECORD METRIC'],
    scripts: 'RECORD METRIC "orders" WITH kind = "web"\nRECORD METRIC "orders" WITH kind = "web"\nTALK "counted"',
    says: ['counted'],
  },
  {
    shows: ['PUBLISH'],
    scripts: 'PUBLISH\nTALK "published"',
    says: ['published'],
    async check({ world, bot }) {
      const row = await world.ctx.store.read(world.customerId, (tx) => tx.bots.get(bot.botId));
      expect(row?.publishedVersion).toBe(2);
    },
  },
  {
    shows: ['ALLOW ROLE'],
    scripts: 'ALLOW ROLE "owner"\nTALK "in"\nTRY\n  ALLOW ROLE "#nowhere"\nCATCH e\n  TALK e.code\nEND TRY',
    says: ['in', 'not_allowed'],
  },
  {
    shows: ['SECURITY'],
    scripts: 'x = SECURITY SCAN "menu.pdf"\nTALK x.body.action + " " + x.body.values[0]',
    settings: ({ api }) => ({ 'security-url': `${api}/security` }),
    says: ['scan menu.pdf'],
  },
  {
    shows: ['SET SCHEDULE'],
    scripts: {
      'start.bas': 'every = "every " + "hour"\nSET SCHEDULE every, "report"\nTALK "planned"\nHEAR x',
      'report.bas': 'TALK "report"',
    },
    says: ['planned'],
    async check({ pass, world, bot, room }) {
      await pass(3_601_000);
      expect(await world.said(bot.userId, room)).toEqual(['planned', 'report']);
    },
  },
  {
    shows: ['POST TO', 'TWEET', 'DELETE POST'],
    async before({ drive }) {
      await drive.write('tea.png', picture('#00ff00'));
    },
    scripts: 'POST TO INSTAGRAM "@shop", "tea.png", "New teas are here"\nTWEET "New teas"\nTALK DELETE POST "12"',
    settings: ({ api }) => ({ 'social-url': `${api}/social`, 'social-key': 'k' }),
    says: ['true'],
    async check({ peers }) {
      expect(peers.received.map(({ method, headers }) => [method, headers.authorization])).toEqual([
        ['POST', 'Bearer k'],
        ['POST', 'Bearer k'],
        ['DELETE', 'Bearer k'],
      ]);
      expect(peers.received[0]?.body).toMatchObject({
        network: 'instagram',
        account: '@shop',
        text: 'New teas are here',
        image: { name: 'tea.png', type: 'image/png' },
      });
      expect(peers.received[1]?.body).toMatchObject({ network: 'x', text: 'New teas' });
      expect(peers.received[2]?.query.get('post')).toBe('12');
    },
  },
];
