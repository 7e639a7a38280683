import { parentPort } from 'node:worker_threads';
import { prepareProgram } from './program.ts';
import type { CompileAnswer, CompileJob } from './program-compiler.ts';

/** The thread scripts are compiled in, one after the other. Whoever waits ends it when it takes too long. */
const port = parentPort!;

port.on('message', ({ id, files, locale }: CompileJob) => {
  void prepareProgram(files, { locale }).then((outcome) => port.postMessage({ id, outcome } satisfies CompileAnswer));
});
