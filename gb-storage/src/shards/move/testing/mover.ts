import type { ClientConfig } from 'pg';
import { type MoveStep, moveBucket } from '../move-bucket.ts';

/**
 * A process that moves a bucket, to be killed by a test: it tells each step on standard output and waits at one of them.
 * Started with its orders as JSON.
 */
const orders = JSON.parse(process.argv[2]!) as {
  shards: [name: string, owner: ClientConfig][];
  bucket: number;
  to: string;
  waitAt: MoveStep | null;
  silenceMsMax: number;
};
const report = await moveBucket({
  shards: new Map(orders.shards),
  bucket: orders.bucket,
  to: orders.to,
  readingMsMax: 0,
  handOverMsMax: 300,
  patienceMs: 0,
  silenceMsMax: orders.silenceMsMax,
  onStep: async (step) => {
    process.stdout.write(`${step}\n`);
    if (step === orders.waitAt) await new Promise((resolve) => setTimeout(resolve, 600_000));
  },
});
process.stdout.write(`${JSON.stringify(report)}\n`);
