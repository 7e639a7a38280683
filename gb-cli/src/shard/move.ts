import type { CustomerId } from 'gb-protocol';
import { abortMove, bucketOf } from 'gb-storage';
import { isUuid } from 'gb-utils';
import { exit, readArguments, UsageError } from '../basic/command-line.ts';
import { carry } from './carry.ts';
import type { Session } from './session.ts';

export async function move(session: Session, args: readonly string[]): Promise<number> {
  const { words, owners, say } = session;
  const { values, positionals } = readArguments(args, {
    to: { type: 'string' },
    customer: { type: 'string' },
    verify: { type: 'boolean' },
    abort: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const bucket = bucketFrom(session, positionals, values.customer);
  if (values.abort) {
    await abortMove({ shards: owners, bucket });
    say(words.aborted(bucket));
    return exit.finished;
  }
  if (values.to === undefined) throw new UsageError(words.noName);
  const isMoved = await carry(session, {
    bucket,
    to: values.to,
    comparesInPause: values.verify ?? false,
    isJson: values.json ?? false,
  });
  return isMoved ? exit.finished : exit.failed;
}

function bucketFrom({ words }: Session, positionals: readonly string[], customer: string | undefined): number {
  if (customer !== undefined) {
    if (positionals.length > 0 || !isUuid(customer)) throw new UsageError(words.noBucket);
    return bucketOf(customer as CustomerId);
  }
  const [text = '', ...more] = positionals;
  if (more.length > 0 || !/^\d{1,4}$/.test(text) || Number(text) > 1023) throw new UsageError(words.noBucket);
  return Number(text);
}
