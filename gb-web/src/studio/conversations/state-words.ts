import type { BotConversation } from 'gb-protocol';
import type { Dates } from '../../i18n/dates.ts';
import type { StudioTranslate } from '../words/index.ts';

/** Where a conversation stands, as a sentence. */
export function stateWords(one: BotConversation, t: StudioTranslate, dates: Dates): string {
  const until = one.wakeAt === null ? null : dates.until(one.wakeAt);
  switch (one.status) {
    case 'starting':
      return until === null ? t('state.starting') : t('state.startsIn', { until });
    case 'waiting': {
      const { waitsFor } = one;
      const words = waitsFor ? t('state.waitingFor', { file: waitsFor.file, line: waitsFor.line }) : t('state.waiting');
      return until === null ? words : t('state.timesOut', { words, until });
    }
    case 'asking':
      if (one.asks === 'WAIT' && until !== null) return t('state.pauses', { until });
      return until === null
        ? t('state.asking', { name: one.asks ?? '…' })
        : t('state.askingUntil', { name: one.asks ?? '…', until });
    case 'handed':
      return t('state.handed');
    case 'finished':
      return t('state.finished');
    case 'failed':
      return t('state.failed');
    case 'parked':
      return t('state.parked');
  }
}

export const isOver = ({ status }: BotConversation): boolean => status === 'finished' || status === 'failed';
