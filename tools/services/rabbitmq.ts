import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installPackages } from './debian.ts';
import { exchange, running, startServer, stopServer, waitUntil } from './server.ts';
import { type Place, type Service, Unavailable } from './service.ts';

/** The one on the PATH is for root and for one user only. */
const program = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const packages = ['rabbitmq-server'];
const [user, password] = ['general_bots', 'secret-word'];
const stopMsMax = 30_000;

/**
 * A broker without plug-ins, with a user and a virtual host of its own. The daemon that tells Erlang nodes where others are
 * is its own too: the machine's one, which listens for everybody, is neither asked nor started.
 */
export const rabbitmq: Service = {
  name: 'rabbitmq',
  async install(place) {
    if (!existsSync(program)) await installPackages(packages, place);
    if (!existsSync(program)) throw new Unavailable(`${packages.join(' ')} was installed and has no ${program}`);
  },
  start: (place) =>
    startServer(place, {
      program: '/bin/sh',
      args: (port) => ['-c', script(place, port)],
      ports: ['epmd', 'distribution'],
      env: (_port, dir, ports) => environment(place, dir, ports),
    }),
  // The beginning of its first frame: it listens when everything else is ready.
  ready: (place) => waitUntil(place, (port) => exchange(port, 'AMQP\0\0\x09\x01', '\x01\0\0')),
  env: (place) => ({ RABBIT_URL: `amqp://${user}:${password}@127.0.0.1:${running(place)!.port}/${user}` }),
  stop: (place) => stopServer(place, 'SIGTERM', stopMsMax),
};

/** Both stay in the foreground and so in the group that is ended. */
function script(place: Place, port: number): string {
  writeFileSync(path.join(place.dir, 'rabbitmq.conf'), settings(port), { mode: 0o644 });
  writeFileSync(path.join(place.dir, 'enabled_plugins'), '[].\n', { mode: 0o644 });
  return `epmd & exec '${program}'`;
}

function settings(port: number): string {
  return `listeners.tcp.1 = 127.0.0.1:${port}
default_vhost = ${user}
default_user = ${user}
default_pass = ${password}
log.file = false
log.console = true
log.console.level = warning
vm_memory_high_watermark.absolute = 384MiB
disk_free_limit.absolute = 64MiB
`;
}

function environment(place: Place, dir: string, ports: Readonly<Record<string, number>>): Record<string, string> {
  return {
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(ports['epmd']),
    RABBITMQ_NODENAME: 'general-bots@localhost',
    RABBITMQ_DIST_PORT: String(ports['distribution']),
    RABBITMQ_CONF_ENV_FILE: path.join(place.dir, 'no-such-file'),
    RABBITMQ_CONFIG_FILE: path.join(place.dir, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: path.join(place.dir, 'no-such-file.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: path.join(place.dir, 'enabled_plugins'),
    RABBITMQ_GENERATED_CONFIG_DIR: path.join(dir, 'generated'),
    RABBITMQ_MNESIA_BASE: path.join(dir, 'db'),
    RABBITMQ_PLUGINS_EXPAND_DIR: path.join(dir, 'plugins'),
    RABBITMQ_PID_FILE: path.join(dir, 'pid'),
    RABBITMQ_LOG_BASE: path.join(dir, 'log'),
    RABBITMQ_LOGS: '-',
    // Loopback for its own kind too, and threads that sleep instead of spinning when there is nothing to do.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
  };
}
