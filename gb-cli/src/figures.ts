import type { FigureSource } from 'gb-api';

/** One figure a name in `what`. */
export function counts(name: string, help: string, read: () => Readonly<Record<string, number>>): FigureSource {
  return {
    name,
    help,
    labels: ['what'],
    read: async () => Object.entries(read()).map(([what, value]) => ({ value, labels: { what } })),
  };
}

export function one(name: string, help: string, read: () => Promise<number>): FigureSource {
  return { name, help, read: async () => [{ value: await read() }] };
}

/** Several figures of one look: the brokers are asked once. */
export function recent<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    answer ??= ask().finally(() => {
      answer = null;
    });
    return answer;
  };
}
