import { webhookReasons } from 'gb-protocol';
import { withoutReordering } from '../lib/safe-text.ts';
import type { OutgoingTranslate } from './words/index.ts';

/** Why a delivery or a task failed, as the reader says it; what has no words of ours is shown as it is. */
export function reasonText(reason: string, t: OutgoingTranslate): string {
  const [, word, detail] = /^([a-z]+)(?: ([A-Z0-9_]{1,60}))?$/.exec(reason) ?? [];
  const known = webhookReasons.find((one) => one === word);
  if (known === undefined) return withoutReordering(reason);
  const text = t(`reason.${known}`);
  return detail === undefined ? text : t('reason.with', { reason: text, detail });
}
