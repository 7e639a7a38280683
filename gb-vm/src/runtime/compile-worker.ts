import { parentPort } from 'node:worker_threads';
import type { BotPackageFiles, CompileOutcome, PublishOutcome } from 'gb-core';
import { buildManifest } from '../package/manifest.ts';
import { readZip } from '../package/zip.ts';
import { prepareProgram } from './program.ts';
import type { CompileAnswer, CompileJob } from './program-compiler.ts';

/** The thread scripts are compiled in, one job after the other. Whoever waits ends it when it takes too long. */
const port = parentPort!;

port.on('message', ({ id, task }: CompileJob) => {
  void done(task).then((outcome) => port.postMessage({ id, outcome } satisfies CompileAnswer));
});

async function done(task: CompileJob['task']): Promise<CompileOutcome | PublishOutcome | BotPackageFiles> {
  switch (task.kind) {
    case 'compile':
      return prepareProgram(task.files, { locale: task.locale });
    case 'publish':
      return buildManifest(task.files, task.settings, task.options);
    case 'open':
      return readZip(task.zip, task.locale);
  }
}
