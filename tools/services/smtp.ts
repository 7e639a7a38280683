import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installPackages, onPath } from './debian.ts';
import { exchange, running, startServer, stopServer, waitUntil } from './server.ts';
import { type Service, Unavailable } from './service.ts';

const programs = ['exim4', 'exim'];

/**
 * A mail server that many have. It takes mail to anybody at `example.com` without a log-in and puts it into a maildir, a
 * file a mail; it knows no `nobody@example.com`, and serves no other domain. What comes for `robot@example.com` it pipes into
 * the program that a test puts at `TEST_SMTP_ROBOT`, while there is one, and tries again when that says so. With a configuration of ours its program
 * gives up the rights it is installed with, so it runs as whoever starts it.
 */
export const smtp: Service = {
  name: 'smtp',
  async install(place) {
    if (program() === undefined) await installPackages(['exim4-daemon-light'], place);
    if (program() === undefined) throw new Unavailable('exim4-daemon-light was installed and has no program exim4');
  },
  start: (place) =>
    startServer(place, {
      program: program()!,
      args: (port, dir) => ['-bdf', '-q1s', '-oX', `127.0.0.1.${port}`, '-C', writeConfiguration(dir)],
    }),
  ready: (place) => waitUntil(place, (port) => exchange(port, 'QUIT\r\n', '220 ')),
  env: (place) => ({
    TEST_SMTP_URL: `smtp://127.0.0.1:${running(place)!.port}?tls=none`,
    TEST_SMTP_MAILDIR: path.join(place.dir, 'data', 'mail'),
    TEST_SMTP_ROBOT: path.join(place.dir, 'data', 'robot'),
  }),
  stop: stopServer,
};

/** Debian puts it where only root looks. */
function program(): string | undefined {
  return onPath(programs) ?? programs.map((name) => `/usr/sbin/${name}`).find((file) => existsSync(file));
}

function writeConfiguration(dir: string): string {
  const { uid, gid } = statSync(dir);
  const file = path.join(dir, 'exim.conf');
  writeFileSync(file, configuration(dir, uid, gid), { mode: 0o644 });
  return file;
}

const configuration = (dir: string, uid: number, gid: number): string => `
primary_hostname = mail.example.com
domainlist local_domains = example.com
spool_directory = ${dir}/spool
log_file_path = ${dir}/%slog
pid_file_path = ${dir}/exim.pid
exim_user = ${uid}
exim_group = ${gid}
deliver_drop_privilege = true
tls_advertise_hosts =
host_lookup =
keep_environment =
message_size_limit = 30M
acl_smtp_rcpt = recipient
acl_smtp_data = accept

begin acl
recipient:
  deny domains = !+local_domains
       message = we do not serve that domain
  deny local_parts = nobody
       message = there is no such mailbox
  accept

begin routers
robot:
  driver = accept
  local_parts = robot
  local_part_suffix = +*
  local_part_suffix_optional
  condition = \${if exists{${dir}/robot}}
  transport = robot
everybody:
  driver = accept
  transport = maildir

begin transports
robot:
  driver = pipe
  command = ${dir}/robot
  home_directory = ${dir}
  current_directory = ${dir}
  log_output
  user = ${uid}
  group = ${gid}
maildir:
  driver = appendfile
  directory = ${dir}/mail
  maildir_format
  create_directory
  user = ${uid}
  group = ${gid}

begin retry
* * F,1h,1s
`;
