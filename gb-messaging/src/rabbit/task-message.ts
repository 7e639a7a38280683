import type { ConsumeMessage, Options } from 'amqplib';
import { type PlainValue, type TaskPriority, taskBytesMax, taskKeyLengthMax } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { isUuid } from 'gb-utils';
import type { KindQueues, Queue } from './queues.ts';

/** A task as it lies at the broker. It keeps its id wherever it goes, so that two copies are known to be one task. */
export interface TaskMessage {
  readonly id: string;
  readonly kind: string;
  readonly customerId: CustomerId;
  readonly key: string;
  readonly payload: PlainValue;
  readonly priority: TaskPriority;
  /** Attempts that ended with a failure. */
  readonly failures: number;
  /** Deliveries of which nobody said how they ended. */
  readonly lost: number;
  /** Milliseconds since 1970; 0 for at once. */
  readonly notBeforeMs: number;
  /** When it leaves the queue it waits in, in milliseconds since 1970; 0 elsewhere. */
  readonly leaveMs: number;
}

const version = 1;
const priorities: readonly TaskPriority[] = ['high', 'normal', 'low'];
const countMax = 1_000_000;

export function encodeTask(message: TaskMessage): { content: Buffer; options: Options.Publish } {
  const { id, kind, customerId, key, payload, priority, failures, lost, notBeforeMs, leaveMs } = message;
  return {
    content: Buffer.from(JSON.stringify(payload)),
    options: {
      messageId: id,
      type: kind,
      contentType: 'application/json',
      persistent: true,
      headers: { version, customer: customerId, key, priority, failures, lost, 'not-before': notBeforeMs, leave: leaveMs },
    },
  };
}

/** The task, or a sentence why it is none: of another version, of somebody else, damaged. */
export function decodeTask(raw: ConsumeMessage, kind: string): TaskMessage | string {
  const { messageId: id, type, headers = {} } = raw.properties;
  if (headers['version'] !== version) return 'It has no version that we know';
  if (type !== kind) return 'It is of another kind than its queue';
  const { customer: customerId, key, priority, failures, lost, 'not-before': notBeforeMs, leave: leaveMs } = headers;
  if (!isUuid(id) || !isUuid(customerId)) return 'It does not say which or whose it is';
  if (typeof key !== 'string' || key === '' || key.length > taskKeyLengthMax) return 'It has no key';
  if (!priorities.includes(priority)) return 'It has no priority that we know';
  if (
    !isCount(failures, countMax) ||
    !isCount(lost, countMax) ||
    !isCount(notBeforeMs, Number.MAX_SAFE_INTEGER) ||
    !isCount(leaveMs, Number.MAX_SAFE_INTEGER)
  )
    return 'Its counts are no counts';
  if (raw.content.byteLength > taskBytesMax) return 'It is too large';
  let payload: PlainValue;
  try {
    payload = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw.content));
  } catch {
    return 'Its payload is no JSON';
  }
  return { id, kind, customerId: customerId as CustomerId, key, payload, priority, failures, lost, notBeforeMs, leaveMs };
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max;
}

/** The same, as it goes into a queue where it waits until `notBeforeMs`, or for its step of that time. */
export function toWait(message: TaskMessage, queues: KindQueues): { message: TaskMessage; queue: Queue } {
  const nowMs = Date.now();
  const { queue, stepMs } = queues.waitFor(message.notBeforeMs - nowMs);
  return { message: { ...message, leaveMs: Math.min(message.notBeforeMs, nowMs + stepMs) }, queue };
}
