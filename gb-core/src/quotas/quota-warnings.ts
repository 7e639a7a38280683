import type { ClientId, CustomerId, Locale, QuotaName, UserId } from 'gb-protocol';
import { uuidFromText } from 'gb-utils';
import { openDirect } from '../commands/open-direct.ts';
import { postMessage } from '../commands/post-message.ts';
import type { Actor, Context } from '../context.ts';
import { isAdmin } from '../policies/role.ts';
import type { QuotaReached } from './quotas.ts';

/** Owners and administrators who are told; of more than these somebody will have read it. */
const toldMax = 20;
/** Warnings that wait to be written; more are for customers who see them on their page of usage all the same. */
const waitingMax = 1_000;
const weekMs = 7 * 86_400_000;
const dayMs = 86_400_000;

/**
 * Tells owners and administrators when a quota is nearly used up, and when it is: as a message of the guide, in their
 * conversation with it. At most once a week for each mark and amount, a day for what is counted by the day, whoever and
 * how many processes notice: the message has one client id for that time, so a second one is the first.
 */
export function startQuotaWarnings(ctx: Context): { close(): Promise<void> } {
  const waiting: QuotaReached[] = [];
  let working: Promise<void> | null = null;
  const work = async () => {
    for (let reached = waiting.shift(); reached; reached = waiting.shift()) {
      try {
        await warn(ctx, reached);
      } catch (error) {
        // Whoever notices it next tells it again.
        ctx.quotas.forget(reached);
        ctx.log.warn({ err: error, customerId: reached.customerId }, 'Administrators could not be told that a quota is used up');
      }
    }
    working = null;
  };
  const stop = ctx.quotas.onReached((reached) => {
    const { customerId, facts, percent } = reached;
    ctx.log.info({ customerId, ...facts, percent }, 'A quota is reached');
    if (waiting.length >= waitingMax) return ctx.quotas.forget(reached);
    waiting.push(reached);
    working ??= work();
  });
  return {
    async close() {
      stop();
      waiting.length = 0;
      await working;
    },
  };
}

async function warn(ctx: Context, { customerId, facts, percent }: QuotaReached): Promise<void> {
  const { name, most } = facts;
  const { guide, people } = await ctx.store.read(customerId, async (tx) => {
    const bots = await tx.bots.list();
    const admins = (await tx.users.list()).filter((user) => user.kind === 'person' && user.isActive && isAdmin(user));
    const told = admins.slice(0, toldMax);
    return {
      guide: bots.find((bot) => bot.origin === 'package' && bot.handle === 'guide'),
      people: await Promise.all(told.map(({ id }) => tx.users.get(id))),
    };
  });
  if (!guide) return;
  const nowMs = ctx.clock.nowMs();
  const time = Math.floor(nowMs / (name === 'messages' ? dayMs : weekMs));
  for (const person of people) {
    if (!person) continue;
    const admin: Actor = { customerId, userId: person.id, role: person.role, sessionId: null };
    const { channel } = await openDirect(ctx, admin, [guide.userId]);
    await postMessage(ctx, guideActor(customerId, guide.userId), channel.id, {
      clientId: (await uuidFromText(`quota:${customerId}:${name}:${most}:${percent}:${time}:${person.id}`)) as ClientId,
      text: sentence(person.locale, name, most, percent),
    });
  }
}

function guideActor(customerId: CustomerId, userId: UserId): Actor {
  return { customerId, userId, role: 'bot', sessionId: null };
}

/** Nothing in it that another process could know otherwise: a second message under the same id has to be the same. */
export function sentence(locale: Locale, name: QuotaName, most: number, percent: QuotaReached['percent']): string {
  const amount = amountOf(locale, name, most);
  const { what, full } = words[locale][name];
  if (locale === 'pt-BR')
    return percent === 100
      ? `⚠️ **${what}: o limite de ${amount} foi atingido.** ${full} Veja *Configurações → Uso*; quem opera este servidor pode aumentar o limite.`
      : `**${what}: mais de 80% de ${amount} em uso.** Veja *Configurações → Uso*; quem opera este servidor pode aumentar o limite.`;
  return percent === 100
    ? `⚠️ **${what}: the limit of ${amount} is reached.** ${full} See *Settings → Usage*; whoever operates this server can raise it.`
    : `**${what}: more than 80% of ${amount} in use.** See *Settings → Usage*; whoever operates this server can raise it.`;
}

function amountOf(locale: Locale, name: QuotaName, most: number): string {
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  if (name !== 'storage') return format.format(most);
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, most < 1 ? 0 : Math.floor(Math.log10(most) / 3));
  return `${format.format(most / 1000 ** power)} ${units[power]}`;
}

const words: Readonly<Record<Locale, Readonly<Record<QuotaName, { readonly what: string; readonly full: string }>>>> = {
  en: {
    messages: {
      what: 'Messages today',
      full: 'People can write again tomorrow; what they wrote is kept on their devices until then.',
    },
    storage: { what: 'Storage', full: 'No more files can be sent until some are deleted.' },
    members: { what: 'Members', full: 'Nobody else can join.' },
    channels: { what: 'Channels', full: 'Archive some to make new ones.' },
    bots: { what: 'Bots', full: 'No more can be made.' },
    webhooks: { what: 'Webhooks', full: 'No more can be made.' },
    connections: { what: 'Connections', full: 'More people cannot connect until others leave.' },
    calls: { what: 'Calls of bots', full: '' },
  },
  'pt-BR': {
    messages: {
      what: 'Mensagens de hoje',
      full: 'Amanhã será possível escrever de novo; até lá, o que foi escrito fica nos dispositivos.',
    },
    storage: { what: 'Armazenamento', full: 'Não é possível enviar arquivos até que alguns sejam apagados.' },
    members: { what: 'Membros', full: 'Ninguém mais pode entrar.' },
    channels: { what: 'Canais', full: 'Arquive alguns para criar novos.' },
    bots: { what: 'Bots', full: 'Não é possível criar mais.' },
    webhooks: { what: 'Webhooks', full: 'Não é possível criar mais.' },
    connections: { what: 'Conexões', full: 'Mais pessoas só podem se conectar quando outras saírem.' },
    calls: { what: 'Chamadas de bots', full: '' },
  },
};
