import { parentPort } from 'node:worker_threads';
import { readFeed } from './feed.ts';
import { PageError, readTable, readText, readTexts } from './page.ts';
import type { PageAnswer, PageJob, PageQuestion, PageResults } from './page-reader.ts';
import { readXml } from './xml.ts';

/** The thread pages are read in, one after the other. Whoever waits ends it when it takes too long. */
const port = parentPort!;

function read(job: PageJob): PageResults[keyof PageResults] {
  switch (job.kind) {
    case 'text':
      return readText(job.source, job.base, job.selector);
    case 'texts':
      return readTexts(job.source, job.base, job.selector);
    case 'table':
      return readTable(job.source, job.selector);
    case 'feed':
      return readFeed(job.source, job.base);
    case 'xml':
      return readXml(job.source);
  }
}

port.on('message', ({ id, job }: PageQuestion) => {
  try {
    port.postMessage({ id, value: read(job) } satisfies PageAnswer);
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    port.postMessage({ id, problem: error.said } satisfies PageAnswer);
  }
});

port.postMessage({ isReady: true } satisfies PageAnswer);
