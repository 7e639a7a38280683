import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ModelServer, startModelServer } from '../testing/model-server.ts';
import { createOpenAiModel, type OpenAiModelOptions } from './openai-model.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());
beforeEach(() => server.script());

const model = (more: Partial<OpenAiModelOptions> = {}) =>
  createOpenAiModel({
    url: server.url,
    key: server.key,
    model: 'small',
    embeddingModel: 'words',
    imageModel: 'painter',
    videoModel: 'camera',
    speechModel: 'voice',
    transcriptionModel: 'ear',
    pollMs: 1,
    ...more,
    times: { retryBaseMs: 1, ...more.times },
  });
const signal = new AbortController().signal;
const ask = (text: string) => ({ messages: [{ role: 'user' as const, text }] });
const questions = () => server.asked.length;

describe('an answer', () => {
  test('streams as it grows and comes back whole', async () => {
    server.script({ say: 'Olá, ação! 😀 Tudo bem?' });
    const seen: string[] = [];
    const answer = await model().chat(ask('hi'), { signal, onText: (text) => seen.push(text) });
    expect(answer).toMatchObject({ text: 'Olá, ação! 😀 Tudo bem?', stop: 'end', toolCalls: [] });
    expect(answer.usage?.promptTokens).toBeGreaterThan(0);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toBe(answer.text);
    expect(seen.every((text, index) => index === 0 || text.startsWith(seen[index - 1]!))).toBe(true);
  });

  test('may come whole though a stream was asked for', async () => {
    server.script({ say: 'whole', isWhole: true });
    expect((await model().chat(ask('hi'), { signal })).text).toBe('whole');
  });

  test('calls several tools at once', async () => {
    const call = [
      { name: 'weather', arguments: { city: 'São Paulo', days: 3 } },
      { name: 'clock', arguments: {} },
    ];
    for (const isWhole of [false, true]) {
      server.script({ call, isWhole });
      const answer = await model().chat(ask('hi'), { signal });
      expect(answer.stop).toBe('tools');
      expect(answer.toolCalls.map(({ name, argumentsText }) => ({ name, arguments: JSON.parse(argumentsText) }))).toEqual(call);
      expect(new Set(answer.toolCalls.map(({ id }) => id)).size).toBe(2);
    }
  });

  test('goes on from what tools gave, from pictures and from what was said before', async () => {
    await model().chat(
      {
        messages: [
          { role: 'system', text: 'Be kind.' },
          { role: 'user', text: 'what is this?', images: [{ bytes: new Uint8Array([1, 2]), type: 'image/png' }] },
          { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'look', argumentsText: '{}' }] },
          { role: 'tool', callId: 'c1', text: 'a cup' },
        ],
        tools: [{ script: 'look.bas', name: 'look', description: 'Looks', parameters: { type: 'object' } }],
        temperature: 0.2,
        answerTokensMax: 100,
        isJson: true,
      },
      { signal },
    );
    const { body } = server.asked.at(-1)!;
    expect(body).toMatchObject({
      model: 'small',
      temperature: 0.2,
      max_tokens: 100,
      response_format: { type: 'json_object' },
      tools: [{ type: 'function', function: { name: 'look', description: 'Looks', parameters: { type: 'object' } } }],
      messages: [
        { role: 'system', content: 'Be kind.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AQI=' } },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [{ id: 'c1', function: { name: 'look', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'c1', content: 'a cup' },
      ],
    });
  });

  test('says when it was cut off at a bound', async () => {
    server.script({ say: 'and so', stop: 'length' });
    expect((await model().chat(ask('hi'), { signal })).stop).toBe('length');
  });
});

describe('a failure', () => {
  test('that may pass is tried again before the first piece, after the wait that was asked for', async () => {
    server.script({ status: 429, times: 1, headers: { 'retry-after': '0' } }, { status: 503, times: 1 }, { say: 'fine' });
    const before = questions();
    expect((await model().chat(ask('hi'), { signal })).text).toBe('fine');
    expect(questions() - before).toBe(3);
  });

  test('that stays is told after a bounded number of tries', async () => {
    server.script({ status: 500, error: 'out of order' });
    const before = questions();
    await expect(model().chat(ask('hi'), { signal })).rejects.toMatchObject({ kind: 'overloaded', status: 500 });
    expect(questions() - before).toBe(3);
  });

  test('with a wait that is too long is told at once', async () => {
    server.script({ status: 429, headers: { 'retry-after': '3600' } });
    const before = questions();
    await expect(model().chat(ask('hi'), { signal })).rejects.toMatchObject({ kind: 'overloaded' });
    expect(questions() - before).toBe(1);
  });

  test('of the question is not tried again', async () => {
    server.script({ status: 400, error: 'the question is too long' });
    const before = questions();
    await expect(model().chat(ask('hi'), { signal })).rejects.toMatchObject({
      kind: 'refused',
      message: 'the question is too long',
    });
    expect(questions() - before).toBe(1);
  });

  test('of the key does not tell the key', async () => {
    const failure = await model({ key: 'sk-secret' })
      .chat(ask('hi'), { signal })
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ kind: 'not_allowed', status: 401 });
    expect((failure as Error).message).not.toContain('sk-secret');
  });

  test('after the first piece is told and not repeated', async () => {
    server.script({ say: 'half of an answer', cutAfter: 3 });
    const before = questions();
    const seen: string[] = [];
    await expect(model().chat(ask('hi'), { signal, onText: (text) => seen.push(text) })).rejects.toMatchObject({
      kind: expect.stringMatching(/broken|unreachable/),
    });
    expect(questions() - before).toBe(1);
    expect(seen.length).toBeGreaterThan(0);
  });

  test('before the first piece is tried again', async () => {
    server.script({ cutAfter: 0, times: 1 }, { say: 'fine' });
    expect((await model().chat(ask('hi'), { signal })).text).toBe('fine');
  });

  test.each([
    ['no JSON', 'data: {oops\n\n'],
    ['an end without an end', 'data: {"choices":[{"delta":{"content":"half"}}]}\n\n'],
    ['an error in the stream', 'data: {"error":{"message":"boom"}}\n\n'],
    ['an event without end', `data: ${'x'.repeat(1_100_000)}`],
  ])('is %s', async (_, raw) => {
    server.script({ raw });
    await expect(model({ times: { triesMax: 1 } }).chat(ask('hi'), { signal })).rejects.toMatchObject({ kind: 'broken' });
  });

  test('is an answer that does not begin, or does not go on', async () => {
    server.script({ waitMs: 5_000 });
    await expect(model({ times: { firstMsMax: 30, triesMax: 1 } }).chat(ask('hi'), { signal })).rejects.toMatchObject({
      kind: 'timed_out',
    });
    server.script({ say: 'a long answer', pieceMs: 5_000 });
    await expect(model({ times: { silenceMsMax: 30 } }).chat(ask('hi'), { signal })).rejects.toMatchObject({
      kind: 'timed_out',
    });
    server.script({ say: 'x'.repeat(2_000), pieceMs: 20 });
    await expect(model({ times: { wholeMsMax: 100 } }).chat(ask('hi'), { signal })).rejects.toMatchObject({ kind: 'timed_out' });
  });

  test('is nobody there', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    await expect(model({ url: `http://127.0.0.1:${port}` }).chat(ask('hi'), { signal })).rejects.toMatchObject({
      kind: 'unreachable',
    });
  });

  test('is not what came of a call that was given up', async () => {
    server.script({ waitMs: 5_000 });
    const controller = new AbortController();
    const answer = model().chat(ask('hi'), { signal: controller.signal });
    controller.abort(new Error('the person left'));
    await expect(answer).rejects.toThrow('the person left');
  });
});

describe('vectors', () => {
  test('are one for each text, of length 1, in order, in batches', async () => {
    const texts = Array.from({ length: 130 }, (_, n) => `tea number${n}`);
    const before = questions();
    const vectors = await model().embed(texts, { signal });
    expect(vectors).toHaveLength(130);
    expect(questions() - before).toBe(3);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    const [same] = await model().embed([texts[129]!], { signal });
    expect(vectors[129]).toEqual(same);
  });

  test.each(['{"data":[]}', '{"data":[{"embedding":"text"}]}', '[', '7'])('are refused when they are %s', async (raw) => {
    server.script({ raw });
    await expect(model({ times: { triesMax: 1 } }).embed(['a'], { signal })).rejects.toMatchObject({ kind: 'broken' });
  });
});

describe('pictures, films and voices', () => {
  test('are made of words', async () => {
    expect(await model().makeImage('a cup', { signal })).toMatchObject({ type: 'image/png' });
    expect(await model().speak('good morning', { signal })).toMatchObject({ type: 'audio/mpeg' });
    const film = await model().makeVideo('a cup', { signal });
    expect(film.type).toBe('video/mp4');
    expect(Buffer.from(film.bytes).toString()).toMatch(/^film of film_/);
  });

  test('are refused when the server fails at them, or sends something else', async () => {
    server.script({ error: 'too violent' });
    await expect(model().makeVideo('a fight', { signal })).rejects.toMatchObject({ kind: 'refused', message: 'too violent' });
    server.script({ raw: `{"data":[{"b64_json":"${Buffer.from('<html>').toString('base64')}"}]}` });
    await expect(model({ times: { triesMax: 1 } }).makeImage('a cup', { signal })).rejects.toMatchObject({ kind: 'broken' });
  });

  test('become words', async () => {
    server.script({ say: 'bom dia' });
    const recording = { bytes: new TextEncoder().encode('sound'), type: 'audio/ogg', name: 'voice.ogg' };
    expect(await model().transcribe(recording, { signal, language: 'pt' })).toBe('bom dia');
    expect(server.asked.at(-1)!.body).toMatchObject({
      model: 'ear',
      language: 'pt',
      file: { name: 'voice.ogg', type: 'audio/ogg', text: 'sound' },
    });
  });

  test('say which setting is missing', async () => {
    const bare = createOpenAiModel({ url: server.url, key: server.key, model: 'small' });
    for (const [work, setting] of [
      [() => bare.makeImage('x', { signal }), 'LLM_IMAGE_MODEL'],
      [() => bare.makeVideo('x', { signal }), 'LLM_VIDEO_MODEL'],
      [() => bare.speak('x', { signal }), 'LLM_SPEECH_MODEL'],
      [() => bare.embed(['x'], { signal }), 'LLM_EMBEDDING_MODEL'],
      [() => bare.transcribe({ bytes: new Uint8Array(), type: '', name: '' }, { signal }), 'LLM_TRANSCRIPTION_MODEL'],
    ] as const)
      await expect(Promise.resolve().then<unknown>(work)).rejects.toMatchObject({ kind: 'not_configured', setting });
  });
});
