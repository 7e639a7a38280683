/** A first turn with room for any measurement: what is measured is the program, not where a limit cuts it. */
export const turnInput = {
  customerId: 'bench',
  snapshot: null,
  answer: null,
  nowMs: 0,
  seed: 1,
  locale: 'en',
  variables: {},
  limits: {
    fuelMax: 2_000_000_000,
    wallMsMax: 600_000,
    memoryBytesMax: 64 * 1024 * 1024,
    snapshotBytesMax: 64 * 1024 * 1024,
    messagesMax: 100,
  },
} as const;
