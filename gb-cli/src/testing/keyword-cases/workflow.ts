import { expect } from 'vitest';
import type { KeywordCase, Stage } from '../keyword-world.ts';

async function brunosRoom({ world, bot }: Stage) {
  const [bruno] = await world.ctx.store.read(world.customerId, (tx) => tx.people.find('@bruno.lima'));
  return { bruno: bruno!.id, room: await world.direct(bruno!.id, bot.userId) };
}

/** Bruno presses the button of the last card he was sent. */
async function decide(stage: Stage, button: number): Promise<void> {
  const { bruno, room } = await brunosRoom(stage);
  const card = (await stage.world.messages(room)).findLast((one) => one.card)?.card;
  await stage.world.say(bruno, room, card!.buttons![button]!.text!);
  await stage.world.settleTogether();
}

/** A bot beside the one of the case, by a handle that this case alone knows. */
const shop = (name: string) => async (stage: Stage) => {
  const made = await stage.world.bot({
    'start.bas': 'RETURN "10 for " + message',
    'count.bas': 'SET BOT MEMORY "prices", 10\nRETURN 3',
  });
  await stage.world.ctx.store.transaction(stage.world.customerId, (tx) => tx.users.update(made.userId, { name }));
};

/** Several bots and people working on one thing. */
export const workflow: readonly KeywordCase[] = [
  {
    shows: ['ORCHESTRATE WORKFLOW', 'WORKFLOW STEP', 'PARALLEL', 'BRANCH', 'END PARALLEL', 'TIMEOUT', 'DELAY'],
    before: shop('Counter'),
    scripts: {
      'start.bas': `ORCHESTRATE WORKFLOW "complaint"
TIMEOUT 1800
DELAY 60
STEP 1: BOT "Counter" "How many?"
PARALLEL
BRANCH A: "quick"
BRANCH B: BOT "Counter", "count"
all = END PARALLEL
TALK all.A + " and " + all.B`,
      'quick.bas': 'RETURN "quick"',
    },
    async check({ pass, world, bot, room }) {
      expect(await world.said(bot.userId, room)).toEqual([]);
      await pass(61_000);
      expect(await world.said(bot.userId, room)).toEqual(['quick and 3']);
    },
  },
  {
    shows: ['HUMAN APPROVAL'],
    scripts: 'agreed = HUMAN APPROVAL FROM "bruno.lima@example.org", "900 for chairs" TIMEOUT 3600\nTALK agreed',
    says: [],
    async check(stage) {
      await decide(stage, 0);
      expect(await stage.world.said(stage.bot.userId, stage.room)).toEqual(['true']);
    },
  },
  {
    shows: ['ON TIMEOUT', 'ESCALATE'],
    scripts: `ORCHESTRATE WORKFLOW "expense"
agreed = HUMAN APPROVAL FROM "@bruno.lima" TIMEOUT 60
ON TIMEOUT: ESCALATE TO "@bruno.lima"
ESCALATE TO "@bruno.lima", "please look"
TALK "done"`,
    async check(stage) {
      await stage.pass(61_000);
      await decide(stage, 1);
      expect(await stage.world.said(stage.bot.userId, stage.room)).toEqual(['done']);
      const { room } = await brunosRoom(stage);
      const told = (await stage.world.messages(room)).map(({ text }) => text).join('\n');
      expect(told).toContain('**expense**: please look');
    },
  },
  {
    shows: ['WAIT FOR EVENT', 'PUBLISH EVENT', 'TRIGGER'],
    scripts: {
      'start.bas':
        'IF message = "wait" THEN\n  x = WAIT FOR EVENT "paid-a" TIMEOUT 3600\n  TALK "paid " + x.order\nELSE\n  TALK PUBLISH EVENT("paid-a", {order: 12})\n  TALK TRIGGER("new-order-a", 7)\nEND IF',
      'on-order.bas': 'ON EVENT "new-order-a"\nTALK "order " + data',
    },
    writes: ['wait'],
    says: [],
    async check({ world, bot, room }) {
      const [bruno] = await world.ctx.store.read(world.customerId, (tx) => tx.people.find('@bruno.lima'));
      const other = await world.direct(bruno!.id, bot.userId);
      await world.say(bruno!.id, other, 'publish');
      await world.settleTogether();
      expect(await world.said(bot.userId, room)).toEqual(expect.arrayContaining(['paid 12', 'order 7']));
      expect((await world.said(bot.userId, other)).slice(0, 2)).toEqual(['1', '1']);
    },
  },
  {
    shows: ['BOT SHARE MEMORY', 'BOT SYNC MEMORY', 'DELEGATE'],
    before: shop('Keeper'),
    scripts: `SET BOT MEMORY "colour", "green"
BOT SHARE MEMORY "colour" WITH "Keeper"
n = DELEGATE TO "Keeper", "count"
BOT SYNC MEMORY FROM "Keeper"
TALK GET BOT MEMORY("prices")
TALK DELEGATE("What does tea cost?" TO "Keeper")`,
    says: ['10', '10 for What does tea cost?'],
  },
  {
    shows: ['ADD BOT', 'LIST BOTS', 'REMOVE BOT'],
    before: shop('Guest'),
    scripts: `ADD BOT "Guest" WITH TRIGGER "price, buy"
bots = LIST BOTS
names = ""
FOR EACH one IN bots
  names = names + one.name + ";"
NEXT
TALK names`,
    writes: ['go', 'what is the price?'],
    async check({ world, bot, room, write }) {
      const said = await world.said(bot.userId, room);
      expect(said[0]).toContain('Guest;');
      expect(said[1]).toContain('10 for what is the price?');
      await world.publish(bot.botId, [{ name: 'start.bas', text: 'TALK REMOVE BOT("Guest")' }]);
      await write('bye');
    },
  },
  {
    shows: ['REMOVE BOT'],
    before: shop('Leaver'),
    scripts: 'ADD BOT "Leaver" WITH TRIGGER "tea"\nTALK REMOVE BOT("Leaver")',
    says: ['true'],
  },
  {
    shows: ['ADD BOT', 'LIST TOOLS', 'LLM', 'REMOVE BOT'],
    async before(stage) {
      const made = await stage.world.bot({
        'start.bas': 'TALK "Hello"',
        'tea-price.bas':
          'PARAM tea AS STRING LIKE "green" DESCRIPTION "Which"\nDESCRIPTION "What a tea costs"\nTALK tea + " tea is 10"',
      });
      const { world, peers } = stage;
      await world.ctx.store.transaction(world.customerId, (tx) => tx.users.update(made.userId, { name: 'Pricer' }));
      peers.model.script(
        { when: ({ messages }) => messages.at(-1)?.role === 'tool', say: ({ last }) => `Told: ${last}` },
        { when: 'cost', call: [{ name: 'tea-price', arguments: { tea: 'green' } }] },
      );
    },
    scripts: `TRY
ADD BOT "Pricer" WITH TOOLS "gone"
CATCH e
TALK e.message
END TRY
ADD BOT "Pricer" WITH TOOLS "tea-price"
tools = LIST TOOLS
TALK tools[0].description
TALK LLM "What does it cost?"
TALK REMOVE BOT("Pricer")
TALK LEN(LIST TOOLS)`,
    says: [/has no tool gone/, 'What a tea costs', /Told: [\s\S]*green tea is 10/, 'true', '0'],
  },
  {
    shows: ['RUN SCRIPT'],
    scripts: {
      'start.bas': 'x = RUN SCRIPT "sum", 20, 22\nTALK x\nCALL "hello"',
      'sum.bas':
        'PARAM a AS INTEGER LIKE 1 DESCRIPTION "a"\nPARAM b AS INTEGER LIKE 2 DESCRIPTION "b"\nDESCRIPTION "adds"\nRETURN a + b',
      'hello.bas': 'TALK "hello"',
    },
    says: ['42', 'hello'],
  },
  {
    shows: ['RUN PYTHON', 'RUN JAVASCRIPT', 'RUN BASH'],
    scripts: 'TALK RUN PYTHON "print(2)"\nTALK RUN JAVASCRIPT "2 + 2"\nTALK RUN BASH "date"',
    says: ['ran python', 'ran javascript', 'ran bash'],
    async check({ peers }) {
      expect(peers.received.map(({ body }) => (body as { code: string }).code)).toEqual(['print(2)', '2 + 2', 'date']);
    },
  },
];
