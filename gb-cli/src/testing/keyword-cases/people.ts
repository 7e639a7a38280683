import { expect } from 'vitest';
import type { KeywordCase, Stage } from '../keyword-world.ts';

async function toBruno({ world, saidTo }: Stage): Promise<string[]> {
  const [bruno] = await world.ctx.store.read(world.customerId, (tx) => tx.people.find('@bruno.lima'));
  return saidTo(bruno!.id);
}

/** A helper bot and a customer whose conversation waits in the queue of its desk. */
const desk = (work: string): Readonly<Record<string, string>> => ({
  'start.bas': `IF message = "help" THEN\n  TRANSFER TO HUMAN "sales", "a late parcel"\nELSE\n${work}\nEND IF`,
});

/** A customer asks for a person first, so that somebody waits. */
async function askedForHelp({ world, bot }: Stage): Promise<void> {
  const eva =
    (await world.ctx.store.read(world.customerId, (tx) => tx.people.find('eva@example.org')))[0]?.id ??
    (await world.person('Eva'));
  await world.say(eva, await world.direct(eva, bot.userId), 'help');
  await world.settleTogether();
}

/** Tasks, calendars, customers, and the people who answer them. */
export const people: readonly KeywordCase[] = [
  {
    shows: ['CREATE TASK', 'ACTIVE TASKS'],
    scripts:
      'CREATE TASK "Call Ana", "bruno.lima@example.org", "2026-12-01"\ntasks = ACTIVE TASKS "@bruno.lima"\nTALK tasks[0].title + " " + tasks[0].assignee + " " + LEFT(tasks[0].due, 10)',
    says: ['Call Ana Bruno Lima 2026-12-01'],
    async check(stage) {
      expect(await toBruno(stage)).toEqual(['A task for you: **Call Ana** (due 2026-12-01)']);
    },
  },
  {
    shows: ['BOOK', 'BOOK MEETING', 'CHECK AVAILABILITY'],
    scripts: `BOOK "Visit", "2055-12-01 10:00", 60
times = CHECK AVAILABILITY "2055-12-01", 60
TALK JOIN(times, " ")
TRY
  BOOK "Other", "2055-12-01 10:30", 30
CATCH e
  TALK e.message
END TRY
m = BOOK MEETING {title: "Review", start: "2055-12-02 10:00"}, ["bruno.lima@example.org"]
TALK m.people[0]`,
    settings: { 'opening-hours': '9-13' },
    says: ['09:00 11:00 12:00', /this time is taken/, 'Bruno Lima'],
    async check(stage) {
      expect((await toBruno(stage))[0]).toContain('Meeting: **Review**');
    },
  },
  {
    shows: ['CREATE TEAM', 'ADD MEMBER'],
    scripts:
      'TALK CREATE TEAM "tea-sales", ["@ana"]\nADD MEMBER "tea-sales", "bruno.lima@example.org", "member"\nTALK TO "#tea-sales", "Welcome all"',
    says: ['#tea-sales'],
    async check({ world }) {
      const members = await world.ctx.store.read(world.customerId, async (tx) => {
        const channel = await tx.channels.byName('tea-sales');
        return (await tx.channels.memberIds(channel!.id)).length;
      });
      expect(members).toBe(3);
    },
  },
  {
    shows: ['USER OF', 'FIND CONTACT', 'CREATE DEAL', 'ADD NOTE', 'LOG ACTIVITY', 'GET CUSTOMER HISTORY'],
    scripts: `boss = USER OF "bruno.lima@example.org"
TALK boss.name + " " + boss.handle
CREATE DEAL "eva@shop.example", "Three chairs", 900
ADD NOTE "eva@shop.example", "Prefers green"
LOG ACTIVITY "eva@shop.example", "account", "created"
who = FIND CONTACT "eva@shop.example"
TALK who IS NULL
past = GET CUSTOMER HISTORY "eva@shop.example"
FOR EACH one IN past
  TALK one.kind + ": " + one.text
NEXT`,
    async check({ world, bot, room }) {
      const [boss, isUnknown, ...past] = await world.said(bot.userId, room);
      expect([boss, isUnknown]).toEqual(['Bruno Lima bruno.lima', 'false']);
      expect(past.sort()).toEqual(['activity: account created', 'deal: Three chairs', 'note: Prefers green']);
    },
  },
  {
    shows: ['PAY', 'GET STOCK'],
    scripts: 'x = PAY "A-12", 30, "card"\nTALK x.link\nleft = GET STOCK "green tea"\nTALK left.left',
    settings: ({ api }) => ({ 'pay-url': `${api}/pay`, 'stock-url': `${api}/stock/{product}` }),
    says: ['https://pay.example/A-12', '7'],
    async check({ peers }) {
      expect(peers.received[0]?.body).toMatchObject({ order: 'A-12', amount: 30, method: 'card' });
    },
  },
  {
    shows: ['SCORE LEAD', 'GET LEAD SCORE', 'QUALIFY LEAD', 'UPDATE LEAD SCORE', 'AI SCORE LEAD'],
    scripts: `points = SCORE LEAD {name: "Eva", email: "lead@shop.example", budget: 900}
TALK points > 0
TALK GET LEAD SCORE("lead@shop.example") = points
TALK UPDATE LEAD SCORE("lead@shop.example", 10, "asked for a price") - points
TALK QUALIFY LEAD("lead@shop.example", 10)
TALK AI SCORE LEAD "lead@shop.example"
TALK GET LEAD SCORE("lead@shop.example")`,
    async before({ peers }) {
      peers.model.script({ say: '87' });
    },
    says: ['true', 'true', '10', 'true', '87', '87'],
  },
  {
    shows: ['GET QUEUE', 'NEXT IN QUEUE', 'TAG CONVERSATION', 'SET PRIORITY', 'GET QUEUE POSITION', 'ASSIGN CONVERSATION'],
    before: askedForHelp,
    scripts: desk(`waiting = GET QUEUE
one = NEXT IN QUEUE
TALK one.name + " " + one.reason + " " + one.queue
TAG CONVERSATION one.session, "urgent"
SET PRIORITY one.session, "high"
one = NEXT IN QUEUE
TALK one.tags[0] + " " + one.priority
TALK GET QUEUE POSITION one.session
ASSIGN CONVERSATION one.session, "bruno.lima@example.org"
TALK (NEXT IN QUEUE) IS NULL`),
    says: ['Eva a late parcel sales', 'urgent high', '1', 'true'],
    async check(stage) {
      expect((await toBruno(stage)).at(-1)).toContain('is yours');
    },
  },
  {
    shows: ['GET SESSIONS', 'RESOLVE CONVERSATION', 'GET SUMMARY', 'GET TIPS', 'GET SMART REPLIES'],
    async before(stage) {
      await askedForHelp(stage);
      stage.peers.model.script(
        { when: /advice/, say: '1. Be kind\n2. Be quick' },
        { when: /three short answers/, say: '- We are sorry\n- We look into it\n- Thank you' },
        { when: /Summarize/, say: 'A parcel is late.' },
      );
    },
    scripts: desk(`open = GET SESSIONS "handed"
TALK open[0].name
one = NEXT IN QUEUE
TALK GET SUMMARY one.session
tips = GET TIPS one.session
TALK tips[1]
replies = GET SMART REPLIES one.session
TALK replies[0]
RESOLVE CONVERSATION one.session, "paid"
TALK (NEXT IN QUEUE) IS NULL`),
    says: ['Eva', 'A parcel is late.', 'Be quick', 'We are sorry', 'true'],
  },
  {
    shows: ['GET ATTENDANTS', 'GET ATTENDANT STATS', 'GET ATTENDANT STATUS', 'SET ATTENDANT STATUS'],
    scripts: `SET ATTENDANT STATUS "@ana", "away"
TALK GET ATTENDANT STATUS "@ana"
TALK UBOUND(GET ATTENDANTS("online"))
SET ATTENDANT STATUS "@ana", "online"
staff = GET ATTENDANTS "online"
TALK staff[0].name
figures = GET ATTENDANT STATS "@ana"
TALK figures.attendant + " " + figures.taken`,
    says: ['away', /^-?[01]$/, 'Ana Prado', /^Ana Prado \d+$/],
  },
  {
    shows: ['POLISH MESSAGE'],
    scripts: 'TALK POLISH MESSAGE "pay now"',
    async before({ peers }) {
      peers.model.script({ when: 'pay now', say: 'Would you please pay?' });
    },
    says: ['Would you please pay?'],
  },
];
