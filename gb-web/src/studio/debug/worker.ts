import type { FromWorker, ToWorker } from './protocol.ts';
import { DebugSession } from './session.ts';

const post = (message: FromWorker): void => self.postMessage(message);

/** A message channel is heard between two slices; a timer would wait longer each time. */
const pauses = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

const session = new DebugSession(
  (state) => post({ type: 'state', state }),
  pauses,
  (changes) => post({ type: 'changes', changes }),
);

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'command') void session.do(data.command);
  else post({ type: 'answer', id: data.id, answer: session.ask(data.question) });
};
