import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { installPackages, onPath } from './debian.ts';
import { installJars } from './jars.ts';
import { kafkaJars } from './kafka-jars.ts';
import { ask, running, type ServerOptions, startServer, stopServer, waitUntil } from './server.ts';
import { type Place, type Service, Unavailable } from './service.ts';

const version = '3.9.1';
const programs = ['java', 'keytool'];
const packages = ['default-jre-headless'];
const [user, password] = ['general_bots', 'secret-word'];
const stopMsMax = 30_000;

/**
 * One broker that is its own controller. Others find it without a log-in, and at a second address over TLS with one, by
 * PLAIN or by SCRAM. Topics are made by who needs them, not by a message to a name that does not exist. It keeps what it
 * has: what was acknowledged is there after a kill, though not after a loss of power.
 */
export const kafka: Service = {
  name: 'kafka',
  async install(place) {
    const isThere = (): boolean => programs.every((name) => onPath([name]) !== undefined);
    if (!isThere()) await installPackages(packages, place);
    if (!isThere()) throw new Unavailable(`${packages.join(' ')} was installed and has no ${programs.join(' and ')}`);
    await jarsOf(place);
  },
  async start(place) {
    const jars = await jarsOf(place);
    const args: ServerOptions['args'] = (port, dir, ports) => ['-c', script(place, jars, dir, port, ports)];
    await startServer(place, { program: '/bin/sh', args, ports: ['controller', 'secure'] });
  },
  ready: (place) => waitUntil(place, hasBrokers),
  env: (place) => {
    const { port, ports } = running(place)!;
    return {
      KAFKA_BROKERS: `127.0.0.1:${port}`,
      TEST_KAFKA_SECURE_BROKERS: `localhost:${ports['secure']}`,
      TEST_KAFKA_USER: user,
      TEST_KAFKA_PASSWORD: password,
      TEST_KAFKA_CA: path.join(place.dir, 'data', 'certificate.pem'),
    };
  },
  stop: (place) => stopServer(place, 'SIGTERM', stopMsMax),
};

const jarsOf = (place: Place): Promise<string> => installJars(place, { name: `kafka-${version}`, jars: kafkaJars });

/**
 * Asks for its metadata (request 3, version 1, no topics) and looks whether the answer names a broker: the port is open
 * before one is.
 */
async function hasBrokers(port: number): Promise<boolean> {
  const request = Buffer.from([0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 7, 0xff, 0xff, 0, 0, 0, 0]);
  const answer = await ask(port, request, 12);
  return answer !== null && answer.readInt32BE(4) === 7 && answer.readInt32BE(8) > 0;
}

/** Makes a certificate and a log of its own, each at once or not at all; then becomes the broker. */
function script(
  place: Place,
  jars: string,
  dir: string,
  port: number,
  { controller, secure }: Readonly<Record<string, number>>,
): string {
  const properties = path.join(place.dir, 'server.properties');
  writeFileSync(properties, settings(dir, port, controller!, secure!), { mode: 0o644 });
  const java = (memory: string) =>
    `java ${memory} -XX:+UseSerialGC -XX:-UsePerfData -Djava.io.tmpdir='${dir}' -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '${jars}/*'`;
  const keytool = (rest: string) => `keytool -J-XX:-UsePerfData ${rest} -alias kafka -storepass ${password} >/dev/null 2>&1`;
  const names = '-dname CN=localhost -ext san=dns:localhost,ip:127.0.0.1';
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((kind) => `--add-scram '${kind}=[name=${user},password=${password}]'`);
  // It begins with a letter: a minus would be an option.
  const cluster = `g${randomBytes(16).toString('base64url').slice(1)}`;
  return [
    'set -e',
    `if [ ! -f certificate.pem ]; then
       rm -f keys.p12 certificate.new
       ${keytool(`-genkeypair -keyalg EC -groupname secp256r1 -validity 3650 ${names} -keystore keys.p12 -storetype PKCS12`)}
       ${keytool('-exportcert -rfc -keystore keys.p12 -file certificate.new')}
       mv certificate.new certificate.pem
     fi`,
    `if [ ! -d log ]; then
       rm -rf log.new
       sed 's|^log.dirs=.*|log.dirs=${dir}/log.new|' '${properties}' >format.properties
       ${java('-Xmx128m')} kafka.tools.StorageTool format -t ${cluster} -c format.properties ${scram.join(' ')} >/dev/null
       mv log.new log
     fi`,
    `exec ${java('-Xms128m -Xmx384m -XX:+ExitOnOutOfMemoryError')} kafka.Kafka '${properties}'`,
  ].join('\n');
}

function settings(dir: string, port: number, controller: number, secure: number): string {
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule';
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule';
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},SECURE://127.0.0.1:${secure},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},SECURE://localhost:${secure}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.secure.plain.sasl.jaas.config': `${plain} required user_${user}="${password}";`,
    'listener.name.secure.scram-sha-256.sasl.jaas.config': `${scram} required;`,
    'listener.name.secure.scram-sha-512.sasl.jaas.config': `${scram} required;`,
    'ssl.keystore.location': `${dir}/keys.p12`,
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.password': password,
    'log.dirs': `${dir}/log`,
    'auto.create.topics.enable': false,
    'num.partitions': 4,
    // One broker keeps one copy, and need not keep it in fifty parts.
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    // Nobody waits for others to join, nor for one that was killed to be given up.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 3000,
    'controlled.shutdown.enable': false,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
