import type { CustomerId, WebhookOffReason } from 'gb-protocol';
import { type Context, commit } from '../context.ts';
import { noticesIn } from './notices.ts';

/** Switches a webhook off that does more harm than good, and says so to those who look after the workspace. Twice is once. */
export async function switchOff(
  ctx: Context,
  customerId: CustomerId,
  webhookId: string,
  reason: Exclude<WebhookOffReason, 'person'>,
): Promise<void> {
  const isSwitched = await commit(ctx, customerId, async (tx) => {
    const webhook = await tx.webhooks.get(webhookId);
    if (!webhook || webhook.offReason !== null) return { result: false };
    await tx.webhooks.update(webhookId, { offReason: reason });
    await tx.audit.write({ actorId: null, action: 'webhook.switched_off', target: webhookId, facts: { reason } });
    const name = webhook.name.replace(/[`*_[\]<>@#\\]/g, ' ');
    const notices = await noticesIn(ctx, tx, customerId, {
      en: `The webhook "${name}" was switched off: ${reasons.en[reason]}. What happens now is not sent. Settings, Webhooks shows the last answers and switches it on again.`,
      'pt-BR': `O webhook "${name}" foi desligado: ${reasons['pt-BR'][reason]}. O que acontece agora não é enviado. Em Configurações, Webhooks estão as últimas respostas e o botão para ligar de novo.`,
    });
    return { result: true, ...notices };
  });
  if (isSwitched) ctx.log.warn({ customerId, webhookId, reason }, 'A webhook was switched off');
}

const reasons = {
  en: {
    failing: 'its address has answered nothing well for two days',
    gone: 'its address says that it is gone for good (410)',
    flooded: 'too many deliveries wait for its address',
  },
  'pt-BR': {
    failing: 'o endereço não responde bem há dois dias',
    gone: 'o endereço diz que não existe mais (410)',
    flooded: 'há entregas demais esperando pelo endereço',
  },
} as const;
