import { installPackages, onPath } from './debian.ts';
import { exchange, running, startServer, stopServer, waitUntil } from './server.ts';
import { type Service, Unavailable } from './service.ts';

const programs = ['redis-server', 'valkey-server'];

/** Keeps everything in memory and nothing on disk: a test that needs yesterday's keys is wrong. */
export const redis: Service = {
  name: 'redis',
  async install(place) {
    if (onPath(programs) === undefined) await installPackages(['redis-server'], place);
    if (onPath(programs) === undefined) throw new Unavailable('redis-server was installed and is not on the PATH');
  },
  start: (place) =>
    startServer(place, {
      program: onPath(programs)!,
      args: (port, dir) => [
        '--bind',
        '127.0.0.1',
        '--port',
        String(port),
        '--dir',
        dir,
        '--save',
        '',
        '--appendonly',
        'no',
        '--daemonize',
        'no',
      ],
    }),
  ready: (place) => waitUntil(place, (port) => exchange(port, 'PING\r\n', '+PONG')),
  env: (place) => ({ REDIS_URL: `redis://127.0.0.1:${running(place)!.port}` }),
  stop: stopServer,
};
