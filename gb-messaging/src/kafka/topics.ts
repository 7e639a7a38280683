import { type Admin, type ConfigDescription, ConfigResourceTypes } from '@platformatic/kafka';
import { GbError, type Logger } from 'gb-utils';

export interface TopicSettings {
  /** Of a topic that is made. Later it must not change: a channel would move to another partition and lose its order. */
  readonly partitions: number;
  /** Copies of each partition, of a topic that is made; 3, or as many as there are brokers, when not given. */
  readonly replicas?: number;
  /** How long a consumer may be away before it misses entries. */
  readonly retentionMs: number;
}

/**
 * Makes a topic that is missing and checks one that is there: nothing of it is changed. Throws `kafka_topic` when
 * entries would be lost in it; warns when it is only other than asked for.
 */
export async function ensureTopic(admin: Admin, topic: string, settings: TopicSettings, log: Logger): Promise<void> {
  const { brokers } = await admin.metadata({ topics: [] });
  const replicas = settings.replicas ?? Math.min(3, Math.max(1, brokers.size));
  if (!(await admin.listTopics()).includes(topic)) {
    try {
      await admin.createTopics({
        topics: [{ topic, partitions: settings.partitions, replicas }],
        configs: [
          { name: 'retention.ms', value: String(settings.retentionMs) },
          { name: 'retention.bytes', value: '-1' },
          { name: 'cleanup.policy', value: 'delete' },
          // Acknowledged means that one copy may burn: with acks=all a lone broker would acknowledge alone otherwise.
          { name: 'min.insync.replicas', value: String(replicas >= 3 ? 2 : 1) },
        ],
      });
      log.info({ topic, partitions: settings.partitions, replicas }, 'Made a topic');
    } catch (error) {
      // Another process may have made it in the meantime; whatever else it was shows below.
      log.debug({ topic, err: error }, 'The topic was not made');
      if (!(await admin.listTopics()).includes(topic)) throw error;
    }
  }
  const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true });
  const there = topics.get(topic)?.partitionsCount ?? 0;
  if (there < 1) throw new GbError('kafka_topic', `Topic ${topic} has no partitions yet.`, { retryable: true });
  if (there !== settings.partitions)
    log.warn({ topic, partitions: there, wanted: settings.partitions }, 'A topic has other partitions than asked for; it stays');
  const [described] = await admin.describeConfigs({
    resources: [
      {
        resourceType: ConfigResourceTypes.TOPIC,
        resourceName: topic,
        configurationKeys: ['cleanup.policy', 'retention.ms'],
      },
    ],
  });
  check(topic, described, settings, log);
}

function check(topic: string, described: ConfigDescription | undefined, { retentionMs }: TopicSettings, log: Logger): void {
  const value = (name: string) => described?.configs.find((config) => config.name === name)?.value;
  if (value('cleanup.policy')?.includes('compact'))
    throw new GbError(
      'kafka_topic',
      `Topic ${topic} is compacted: it would keep one entry of each channel. Set cleanup.policy=delete.`,
    );
  const there = Number(value('retention.ms'));
  if (there >= 0 && there < retentionMs)
    log.warn({ topic, retentionMs: there, wanted: retentionMs }, 'A topic forgets sooner than asked for; it stays');
}
