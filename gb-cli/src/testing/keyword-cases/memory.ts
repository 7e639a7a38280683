import type { KeywordCase } from '../keyword-world.ts';

/** What a bot keeps beyond the conversation. */
export const memory: readonly KeywordCase[] = [
  {
    shows: ['SET BOT MEMORY', 'GET BOT MEMORY', 'SET USER MEMORY', 'GET USER MEMORY'],
    scripts: `IF GET BOT MEMORY("opening-hour") IS NULL THEN
  SET BOT MEMORY "opening-hour", "9:00"
  SET USER MEMORY "size", "M"
  TALK "kept"
ELSE
  TALK GET BOT MEMORY("opening-hour") + " " + GET USER MEMORY("size")
END IF`,
    writes: ['go', 'again'],
    says: ['kept', '9:00 M'],
  },
  {
    shows: ['REMEMBER', 'RECALL'],
    scripts: 'x = RECALL "coupon"\nIF x IS NULL THEN\n  REMEMBER "coupon", "TEA10", 3600\n  TALK "none"\nELSE\n  TALK x\nEND IF',
    writes: ['go', 'again'],
    says: ['none', 'TEA10'],
    async check({ pass, write, world, bot, room }) {
      await pass(3_601_000);
      await write('later');
      const said = await world.said(bot.userId, room);
      if (said.at(-1) !== 'none') throw new Error(`the coupon outlived its time: ${said.join()}`);
    },
  },
  {
    shows: ['SET SESSION', 'GET SESSION'],
    scripts: 'SET SESSION "step", 2\nHEAR x\nTALK GET SESSION "step"\nTALK GET("session.step")',
    writes: ['go', 'on'],
    says: ['2', '2'],
  },
  {
    shows: ['SET USER'],
    scripts: 'SET USER "name", "Ana P."\nTALK GET "user.name"',
    says: ['Ana P.'],
  },
  {
    shows: ['CACHE GET', 'CACHE SET'],
    scripts: 'TALK (CACHE GET "rate") IS NULL\nCACHE SET "rate", 5.2, 600\nTALK CACHE GET "rate"',
    says: ['true', '5.2'],
  },
  {
    shows: ['GET CONFIG', 'SET PARAM'],
    scripts: 'TALK GET CONFIG "Shop Name"\nSET PARAM limit AS 10\nTALK GET CONFIG "limit"\nTALK api <> ""',
    settings: { 'Shop Name': 'Tea & Co' },
    says: ['Tea & Co', '10', 'true'],
  },
];
