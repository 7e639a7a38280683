import { type MoveProgress, moveBucket } from 'gb-storage';
import { report } from '../basic/terminal.ts';
import type { Session } from './session.ts';

/** A line of progress no more often than this, where nobody sees it being written over. */
const everyMs = 2_000;

/** Moves one bucket, telling how far it is. false when it was cut by Ctrl+C or SIGTERM. */
export async function carry(
  session: Session,
  move: { bucket: number; to: string; comparesInPause?: boolean; isJson?: boolean },
): Promise<boolean> {
  const { words, owners, say, number } = session;
  const cut = new AbortController();
  const onSignal = () => cut.abort(new Error('cut'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const line = new ProgressLine(session, move.bucket);
  try {
    const moved = await moveBucket({
      shards: owners,
      bucket: move.bucket,
      to: move.to,
      comparesInPause: move.comparesInPause ?? false,
      signal: cut.signal,
      onProgress: (progress) => line.show(progress),
    });
    line.end();
    if (move.isJson) {
      say(JSON.stringify(moved));
      return true;
    }
    const { source, target, rows, compared, tookMs, pauseMs } = moved;
    say(
      words.moved({
        bucket: move.bucket,
        from: source,
        to: target,
        rows: number(rows),
        compared: number(compared),
        seconds: number(tookMs / 1_000),
        pause: pauseMs === null ? null : number(Math.round(pauseMs)),
      }),
    );
    return true;
  } catch (error) {
    line.end();
    if (!cut.signal.aborted) throw error;
    report(`${words.cut(move.bucket)}\n`);
    return false;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** Written over on a terminal; elsewhere a line now and then, and whenever the step changes. */
class ProgressLine {
  readonly #session: Session;
  readonly #bucket: number;
  #step = '';
  #rows = 0;
  #startedMs = performance.now();
  #shownMs = 0;

  constructor(session: Session, bucket: number) {
    this.#session = session;
    this.#bucket = bucket;
  }

  show({ step, rows = 0, table }: MoveProgress): void {
    const { words, number } = this.#session;
    const name = words.step[step];
    const isNew = name !== this.#step;
    const nowMs = performance.now();
    if (isNew) {
      this.#step = name;
      this.#rows = 0;
      this.#startedMs = nowMs;
    }
    // What waits is how much there is, not how much was done.
    this.#rows = step === 'handed over' || step === 'waiting' ? rows : this.#rows + rows;
    const isTerminal = process.stderr.isTTY;
    if (!isNew && nowMs - this.#shownMs < (isTerminal ? 100 : everyMs)) return;
    this.#shownMs = nowMs;
    const perSecond = this.#rows / Math.max(0.001, (nowMs - this.#startedMs) / 1_000);
    const counts =
      this.#rows > 0 ? ` ${number(this.#rows)}${step === 'batch' ? ` (${number(Math.round(perSecond))}/s)` : ''}` : '';
    const text = `bucket ${this.#bucket}: ${name}${counts}${table && step === 'batch' ? words.table(table) : ''}`;
    report(isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) report('\r\u001b[K');
  }
}
