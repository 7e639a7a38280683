import type { ChannelId, ClientId, CustomerId, Locale, UserId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { installPackage } from '../bots/packages.ts';
import { type Actor, type Context, commit } from '../context.ts';
import { createChannel, joinAll } from './create-channel.ts';
import { openDirect } from './open-direct.ts';
import { postMessage } from './post-message.ts';
import { setReaction } from './set-reaction.ts';

const guideHandle = 'guide';

/**
 * What a new workspace finds: #general with a few short conversations that show threads, reactions and code, and the
 * guide, which greets the owner. Each step looks whether it was done, so a start after a crash in the middle finishes it.
 */
export async function seedWorkspace(ctx: Context, owner: Actor, locale: Locale): Promise<void> {
  const existing = await ctx.store.read(owner.customerId, (tx) => tx.channels.byName('general'));
  const general =
    existing?.id ?? (await createChannel(ctx, owner, { kind: 'public', name: 'general', topic: texts[locale].topic })).channel.id;
  const guide = await installPackages(ctx, owner.customerId);
  if (!guide) return;
  const bot: Actor = { customerId: owner.customerId, userId: guide, role: 'bot', sessionId: null };
  await commit(ctx, owner.customerId, async (tx) => ({ result: undefined, entries: await joinAll(tx, owner, general, [guide]) }));
  const { hasOlder, messages } = await ctx.store.read(owner.customerId, (tx) => tx.messages.page(general, { limit: 1 }));
  if (!hasOlder && messages.length === 0) await seedGeneral(ctx, bot, general, locale);
  await greetFromGuide(ctx, owner);
}

/** Brings a customer's package bots up to date; the guide's account, when there is one. */
export async function installPackages(ctx: Context, customerId: CustomerId): Promise<UserId | null> {
  let guide: UserId | null = null;
  for (const pack of ctx.packages) {
    const { userId } = await installPackage(ctx, customerId, pack);
    if (pack.handle === guideHandle) guide = userId;
  }
  return guide;
}

/** Opens the direct channel with the guide; its program starts there by itself and says hello. */
export async function greetFromGuide(ctx: Context, actor: Actor): Promise<void> {
  const bots = await ctx.store.read(actor.customerId, (tx) => tx.bots.list());
  const guide = bots.find((bot) => bot.origin === 'package' && bot.handle === guideHandle);
  if (guide) await openDirect(ctx, { ...actor, role: actor.role === 'guest' ? 'member' : actor.role }, [guide.userId]);
}

async function seedGeneral(ctx: Context, guide: Actor, general: ChannelId, locale: Locale): Promise<void> {
  const say = (text: string, threadSeq?: number) =>
    postMessage(ctx, guide, general, { clientId: uuidv7() as ClientId, text, ...(threadSeq === undefined ? {} : { threadSeq }) });
  const t = texts[locale];
  const welcome = await say(t.welcome);
  await setReaction(ctx, guide, general, welcome.seq, '👋', true);
  const thread = await say(t.thread);
  for (const reply of t.replies) await say(reply, thread.seq);
  const code = await say(t.code);
  await setReaction(ctx, guide, general, code.seq, '🎉', true);
  await setReaction(ctx, guide, general, code.seq, '💡', true);
}

const program = (question: string, answer: string) => `\`\`\`basic
TALK "${question}"
HEAR name AS NAME
TALK "${answer}"
\`\`\``;

const texts = {
  en: {
    topic: 'For everybody in the workspace',
    welcome:
      'Welcome! This is **#general**, where everybody in the workspace can talk. Add a reaction to a message with the button that appears beside it, or press `+`.',
    thread: 'How do I answer somebody without filling the channel?',
    replies: [
      'With a thread, like this one: replies stay together beside the message they belong to.',
      'The channel only shows how many there are. Press `t` on any message to open its thread.',
    ],
    code: `Messages understand Markdown, so code looks like code. This is a whole bot:\n\n${program('What is your name?', 'Nice to meet you, ${name}!')}\n\nPress **+** beside *Bots* in the side bar to write your own, or mention @guide in any channel it is in.`,
  },
  'pt-BR': {
    topic: 'Para todos do espaço de trabalho',
    welcome:
      'Boas-vindas! Este é o **#general**, onde todos do espaço de trabalho podem conversar. Reaja a uma mensagem com o botão que aparece ao lado dela, ou tecle `+`.',
    thread: 'Como respondo a alguém sem encher o canal?',
    replies: [
      'Com uma conversa lateral, como esta: as respostas ficam juntas, ao lado da mensagem a que pertencem.',
      'O canal mostra apenas quantas são. Tecle `t` em qualquer mensagem para abrir a conversa dela.',
    ],
    code: `As mensagens entendem Markdown, então código parece código. Isto é um bot inteiro:\n\n${program('Qual é o seu nome?', 'Muito prazer, ${name}!')}\n\nClique em **+** ao lado de *Bots* na barra lateral para escrever o seu, ou mencione @guide em um canal onde ele esteja.`,
  },
} as const satisfies Record<Locale, unknown>;

/** Finishes a workspace whose making was cut short: the organization is there, but not what a newcomer finds in it. */
export async function repairWorkspace(ctx: Context, customerId: CustomerId): Promise<void> {
  const owner = await ctx.store.read(customerId, async (tx) => {
    if (await tx.channels.byName('general')) return null;
    const first = (await tx.users.list()).find((user) => user.role === 'owner' && user.isActive);
    return first ? tx.users.get(first.id) : null;
  });
  if (owner) await seedWorkspace(ctx, { customerId, userId: owner.id, role: 'owner', sessionId: null }, owner.locale);
}
