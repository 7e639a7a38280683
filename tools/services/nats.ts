import { installPackages, onPath } from './debian.ts';
import { exchange, running, startServer, stopServer, waitUntil } from './server.ts';
import { type Service, Unavailable } from './service.ts';

const programs = ['nats-server'];
const [user, password] = ['general_bots', 'secret-word'];

/** What others carry messages with. Its streams are kept on disk. */
export const nats: Service = {
  name: 'nats',
  async install(place) {
    if (onPath(programs) === undefined) await installPackages(programs, place);
    if (onPath(programs) === undefined) throw new Unavailable(`${programs[0]} was installed and is not on the PATH`);
  },
  start: (place) =>
    startServer(place, {
      program: onPath(programs)!,
      args: (port, dir) => [
        ...['--addr', '127.0.0.1', '--port', String(port)],
        ...['--user', user, '--pass', password],
        ...['--jetstream', '--store_dir', dir],
      ],
    }),
  // It introduces itself before anything is asked.
  ready: (place) => waitUntil(place, (port) => exchange(port, '', 'INFO {')),
  env: (place) => ({ NATS_URL: `nats://${user}:${password}@127.0.0.1:${running(place)!.port}` }),
  stop: stopServer,
};
