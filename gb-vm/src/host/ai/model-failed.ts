import type { ModelFailure } from 'gb-core';
import { OperationFailed, settingMissing } from '../operation.ts';

export class ModelFailed extends Error implements ModelFailure {
  readonly kind: ModelFailure['kind'];
  readonly status?: number;
  readonly setting?: string;
  /** What the server asked to wait before the next try. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: ModelFailure['kind'],
    message: string,
    more: { status?: number; setting?: string; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'ModelFailed';
    this.kind = kind;
    if (more.status !== undefined) this.status = more.status;
    if (more.setting !== undefined) this.setting = more.setting;
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}

const sentences: Readonly<Record<Exclude<ModelFailure['kind'], 'not_configured'>, { en: string; pt: string }>> = {
  unreachable: { en: 'the language model cannot be reached', pt: 'o modelo de linguagem não pode ser alcançado' },
  overloaded: { en: 'the language model is overloaded', pt: 'o modelo de linguagem está sobrecarregado' },
  timed_out: { en: 'the language model took too long', pt: 'o modelo de linguagem demorou demais' },
  not_allowed: { en: 'the language model refuses our key', pt: 'o modelo de linguagem recusa a nossa chave' },
  refused: { en: 'the language model refuses the question', pt: 'o modelo de linguagem recusa a pergunta' },
  broken: { en: 'the answer of the language model broke off', pt: 'a resposta do modelo de linguagem foi interrompida' },
};

/** For the bot's author. What the server said goes along where it helps: about a question that it does not take. */
export function toOperationFailed(error: unknown): unknown {
  if (!(error instanceof ModelFailed)) return error;
  if (error.kind === 'not_configured') return settingMissing(error.setting ?? 'LLM_URL');
  const { en, pt } = sentences[error.kind];
  const detail = error.kind === 'refused' ? `: ${error.message.slice(0, 200)}` : '';
  return new OperationFailed({ en: en + detail, pt: pt + detail });
}
