import { connect } from 'node:net';
import { serverStory } from './server-story.ts';

type Env = Readonly<Record<string, string>>;

const subject = 'kept.one';
const msMax = 30_000;

/** One request to its streams and the answer to it, in its protocol of lines. */
function request(env: Env, to: string, body: string): Promise<string> {
  const url = new URL(env['NATS_URL']!);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname);
    socket.setTimeout(msMax, () => socket.destroy(new Error(`no answer from ${to}`)));
    const log = JSON.stringify({ user: url.username, pass: url.password, verbose: false });
    let got = '';
    socket.on('data', (data) => {
      if (got === '')
        socket.write(`CONNECT ${log}\r\nSUB answer 1\r\nPUB ${to} answer ${Buffer.byteLength(body)}\r\n${body}\r\n`);
      got += data;
      // It may say more after the answer: that it wants to hear from us.
      const head = /\r\nMSG answer 1 +(\d+)\r\n/.exec(got);
      const rest = head ? got.slice(head.index + head[0].length) : '';
      if (!head || Buffer.byteLength(rest) < Number(head[1])) return;
      const text = Buffer.from(rest).subarray(0, Number(head[1])).toString();
      socket.destroy();
      if (text.includes('"error"')) reject(new Error(text));
      else resolve(text);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('it closed the connection')));
  });
}

serverStory('nats', {
  written: 'what was acknowledged',
  async write(env) {
    const stream = { name: 'kept', subjects: [subject], storage: 'file', retention: 'limits', max_consumers: -1 };
    await request(env, '$JS.API.STREAM.CREATE.kept', JSON.stringify(stream));
    await request(env, subject, 'what was acknowledged');
  },
  async read(env) {
    const answer = await request(env, '$JS.API.STREAM.MSG.GET.kept', JSON.stringify({ last_by_subj: subject }));
    const { message } = JSON.parse(answer) as { message: { data: string } };
    return Buffer.from(message.data, 'base64').toString();
  },
});
