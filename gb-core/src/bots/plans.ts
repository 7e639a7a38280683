import type { Locale } from 'gb-protocol';
import type { OperationResult, TurnLimits } from '../ports/index.ts';

/** What the bots of a customer may spend. A breach is an error in the program, at its line, and nobody else's trouble. */
export interface BotPlan {
  readonly turn: Omit<TurnLimits, 'messagesLeft'>;
  /** Operations within one turn, like FIND. */
  readonly operationsPerTurnMax: number;
  /** Operations outside, like GET, since somebody last said something. */
  readonly callsMax: number;
  /** Messages of one bot. */
  readonly messagesPerMinuteMax: number;
  /** Turns of one bot that nobody's message caused, an hour; see `Pace`. */
  readonly turnsAlonePerHourMax: number;
}

const MiB = 1024 * 1024;

/**
 * The same for everybody: it is what a runaway program costs the others. Fuel alone does not bound it, since a round of
 * work on texts or dates takes a thousand times as long as one of sums.
 */
const turnMsMax = 200;

const free: BotPlan = {
  turn: {
    fuelMax: 50_000_000,
    wallMsMax: turnMsMax,
    memoryBytesMax: 16 * MiB,
    snapshotBytesMax: MiB,
    messagesMax: 50,
  },
  operationsPerTurnMax: 1_000,
  callsMax: 100,
  messagesPerMinuteMax: 600,
  turnsAlonePerHourMax: 3_600,
};

/** By `subscription_tier`. A tier nobody knows is the smallest. */
const plans: Readonly<Record<string, BotPlan>> = {
  free,
  pro: {
    turn: { ...free.turn, fuelMax: 100_000_000, memoryBytesMax: 32 * MiB, snapshotBytesMax: 2 * MiB },
    operationsPerTurnMax: 2_000,
    callsMax: 500,
    messagesPerMinuteMax: 3_000,
    turnsAlonePerHourMax: 20_000,
  },
  enterprise: {
    turn: { ...free.turn, fuelMax: 200_000_000, memoryBytesMax: 64 * MiB, snapshotBytesMax: 4 * MiB },
    operationsPerTurnMax: 5_000,
    callsMax: 2_000,
    messagesPerMinuteMax: 20_000,
    turnsAlonePerHourMax: 200_000,
  },
};

/** What a program gets that asked the world as often as its plan allows. */
export function tooManyCalls(callsMax: number, locale: Locale): OperationResult {
  const error =
    locale === 'pt-BR'
      ? `${callsMax} chamadas para fora desde a última resposta são o máximo`
      : `${callsMax} calls outside since the last answer are the most`;
  return { error, code: 'limit_reached' };
}

/** What the bots of a customer may spend; `callsMax` where something else was set than its tier has. */
export function planOf(tier: string, callsMax: number | null = null): BotPlan {
  const plan = Object.hasOwn(plans, tier) ? plans[tier]! : free;
  return callsMax === null ? plan : { ...plan, callsMax };
}
