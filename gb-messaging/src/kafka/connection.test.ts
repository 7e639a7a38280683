import { expect, test } from 'vitest';
import { readKafkaConnection } from './connection.ts';

const refusal = (text: string): string => {
  try {
    readKafkaConnection(text);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${text} was taken`);
};

test('brokers with commas between them, with and without ports, of every family', () => {
  expect(readKafkaConnection('one:19092, two,[::1]:9094')).toEqual({
    brokers: [
      { host: 'one', port: 19_092 },
      { host: 'two', port: 9_092 },
      { host: '::1', port: 9_094 },
    ],
    sasl: null,
    tls: null,
  });
});

test('a URL says how to log in and whether to encrypt', () => {
  expect(readKafkaConnection('kafkas://ana:p%40ss%3Aword@one,two:9094?mechanism=SCRAM-SHA-256', { ca: 'PEM' })).toEqual({
    brokers: [
      { host: 'one', port: 9_093 },
      { host: 'two', port: 9_094 },
    ],
    sasl: { mechanism: 'SCRAM-SHA-256', username: 'ana', password: 'p@ss:word' },
    tls: { ca: 'PEM' },
  });
  expect(readKafkaConnection('kafka://ana:secret@one').sasl?.mechanism).toBe('SCRAM-SHA-512');
  expect(readKafkaConnection('kafka://ana:secret@127.0.0.1?mechanism=plain').sasl?.mechanism).toBe('PLAIN');
});

test('what is wrong is said, and never the password', () => {
  for (const text of [
    '',
    'http://one:9092',
    'one:0',
    'one:70000',
    'one two',
    'kafka://one?acks=0',
    'kafka://ana@one',
    'kafka://:secret-word@one',
    'kafka://ana:secret-word@one?mechanism=gssapi',
    'kafka://ana:secret-word%@one',
    'kafka://one?mechanism=plain',
  ]) {
    expect(refusal(text), text).toMatch(/KAFKA_BROKERS/);
    expect(refusal(text)).not.toContain('secret-word');
  }
});

test('a password does not travel in the clear, and certificates do not look as if they were used', () => {
  expect(refusal('kafka://ana:secret-word@kafka.example.org?mechanism=plain')).toMatch(/in the clear/);
  expect(() => readKafkaConnection('one:9092', { ca: 'PEM' })).toThrow(/kafkas/);
});
