import { defineConfig } from 'vitest/config';

// Two kinds of tests. `unit` lies beside the code and runs side by side; `e2e` drives the whole product in a real browser,
// one story after the other, because two browsers on two cores measure each other.
const ignored = ['**/node_modules/**', '**/dist/**', '**/data/**'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: ['tools/test/run-directory.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['gb-*/src/**/*.test.{ts,tsx}', 'bench/src/**/*.test.ts', 'tools/**/*.test.ts', 'e2e/src/**/*.test.ts'],
          exclude: ignored,
          environment: 'node',
          // Generous: a server starts in some of them, the first one builds the web client, and the machine may be busy.
          testTimeout: 60_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 10_000 } },
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
          expect: { poll: { timeout: 10_000 } },
        },
      },
    ],
  },
});
