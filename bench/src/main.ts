import { benchAffinity } from './affinity.ts';
import { benchBotLatency } from './bot-latency.ts';
import { benchMillion } from './bots-million.ts';
import { benchResume } from './bots-resume.ts';
import { benchRunaways } from './bots-runaway.ts';
import { benchBotTurns } from './bots-turns.ts';
import { benchBus } from './bus.ts';
import { benchCold, coldReport } from './cold.ts';
import { benchEventLog, eventLogReport } from './event-log.ts';
import { benchFanOut } from './fan-out.ts';
import { benchFanOutScale } from './fan-out-scale.ts';
import { benchIdle } from './idle.ts';
import { benchLimits } from './limits.ts';
import { benchPresence } from './presence.ts';
import { benchShardMove, shardMoveReport } from './shard-move.ts';
import { benchTwoGateways } from './two-gateways.ts';
import { benchVm } from './vm.ts';
import { benchVmPeers } from './vm-peers.ts';
import { benchWritePath, writePathReport } from './write-path.ts';

/** `npm run bench [name ...]`: every benchmark compares with something in the same run and prints ratios. */
const benches: Readonly<Record<string, () => Promise<unknown>>> = {
  'write-path': async () => {
    process.stdout.write(`Write path\n${writePathReport(await benchWritePath()).text}\n`);
  },
  'event-log': async () => {
    process.stdout.write(`Event log\n${eventLogReport(await benchEventLog()).text}\n`);
  },
  cold: async () => {
    process.stdout.write(`Old history\n${coldReport(await benchCold())}\n`);
  },
  'shard-move': async () => {
    process.stdout.write(`Moving a bucket\n${shardMoveReport(await benchShardMove())}\n`);
  },
  limits: () => benchLimits(),
  'fan-out': () => benchFanOut(),
  'fan-out-scale': () => benchFanOutScale(),
  idle: () => benchIdle(),
  presence: () => benchPresence(),
  bus: () => benchBus(),
  'two-gateways': () => benchTwoGateways(),
  affinity: () => benchAffinity(),
  vm: () => benchVm(),
  'vm-peers': () => benchVmPeers(),
  'bot-latency': () => benchBotLatency(),
  'bots-resume': () => benchResume(),
  'bots-turns': () => benchBotTurns(),
  'bots-runaway': () => benchRunaways(),
  'bots-million': () => benchMillion(),
};

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!Object.hasOwn(benches, name)) {
    process.stderr.write(`There is no benchmark "${name}". There are: ${Object.keys(benches).join(', ')}\n`);
    process.exit(2);
  }
}
for (const [name, bench] of Object.entries(benches)) if (wanted.length === 0 || wanted.includes(name)) await bench();
