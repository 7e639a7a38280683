import type { SpawnOptions } from 'gb-cli/testing';
import { uuidv7 } from 'gb-utils';
import { type StartedService, startService } from 'tools/services';

export type EngineName = 'postgres-1' | 'postgres-2' | 'redis' | 'kafka' | 'rabbitmq';
const shared = ['redis', 'kafka', 'rabbitmq'] as const;

/** All the servers of others that a cluster runs over. */
export interface ClusterEngines {
  /** Of the installation that was asked for last. */
  readonly services: ReadonlyMap<EngineName, StartedService>;
  /** What starts four processes of a new installation, with nobody in it. */
  install(env?: Readonly<Record<string, string>>): Promise<SpawnOptions>;
  close(): Promise<void>;
}

/** Null where one of them cannot be had; `startService` has said which and why, and where CI is set that is an error. */
export async function startClusterEngines(): Promise<ClusterEngines | null> {
  const services = new Map<EngineName, StartedService>();
  const started: StartedService[] = [];
  const close = async () => {
    await Promise.all(started.map((service) => service.close()));
  };
  const start = async (name: EngineName): Promise<StartedService | null> => {
    const service = await startService(name);
    if (service) {
      started.push(service);
      services.set(name, service);
    }
    return service;
  };
  const found = await Promise.all(shared.map(start));
  if (found.includes(null)) {
    await close();
    return null;
  }
  return {
    services,
    async install(env = {}) {
      // Databases of its own: the others keep installations apart by prefix, or by the ids of organizations.
      await Promise.all([services.get('postgres-1')?.close(), services.get('postgres-2')?.close()]);
      const [main, east] = await Promise.all([start('postgres-1'), start('postgres-2')]);
      if (!main || !east) throw new Error('There is no PostgreSQL for a further installation.');
      const id = uuidv7().slice(-8);
      return {
        args: ['--cluster', '4'],
        env: {
          DATABASE_SHARDS: `main=${main.env['TEST_POSTGRES_1_URL']} east=${east.env['TEST_POSTGRES_2_URL']}`,
          REDIS_URL: `${services.get('redis')!.env['REDIS_URL']}?prefix=${id}`,
          KAFKA_BROKERS: services.get('kafka')!.env['KAFKA_BROKERS']!,
          KAFKA_PREFIX: `${id}.`,
          RABBIT_URL: services.get('rabbitmq')!.env['RABBIT_URL']!,
          GB_BOT_WORKERS: '1',
          GB_DRAIN_SECONDS: '3',
          GB_LOG_LEVEL: 'info',
          ...env,
        },
      };
    },
    close,
  };
}
