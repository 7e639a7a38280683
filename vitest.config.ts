import { defineConfig } from 'vitest/config';

// Two kinds of tests. `unit` lies beside the code and runs side by side; `e2e` drives the whole product in a real browser,
// one story after the other, because two browsers on two cores measure each other.
const ignored = ['**/node_modules/**', '**/dist/**', '**/data/**'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['gb-*/src/**/*.test.{ts,tsx}', 'bench/src/**/*.test.ts', 'tools/**/*.test.ts', 'e2e/src/**/*.test.ts'],
          exclude: ignored,
          environment: 'node',
          // Generous: a PostgreSQL starts in some of them, on a machine that may be doing something else.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/src/**/*.story.ts'],
          exclude: ignored,
          environment: 'node',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
