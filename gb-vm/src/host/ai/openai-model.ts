import { setTimeout as pause } from 'node:timers/promises';
import type { ChatAnswer, ChatMessage, ChatRequest, LanguageModel, ModelCall, ModelFile } from 'gb-core';
import { ChatAnswerReader } from './chat-answer.ts';
import { ModelFailed } from './model-failed.ts';
import { bytesOf, exchange, type FetchLike, type ModelTimes, modelTimes, textOf } from './model-http.ts';
import { eventsOf } from './server-sent-events.ts';

export interface OpenAiModelOptions {
  /** Where `/chat/completions` is below, like `https://api.openai.com/v1`. */
  readonly url: string;
  readonly key?: string | undefined;
  readonly model: string;
  readonly embeddingModel?: string | undefined;
  readonly imageModel?: string | undefined;
  readonly videoModel?: string | undefined;
  readonly speechModel?: string | undefined;
  readonly voice?: string | undefined;
  readonly transcriptionModel?: string | undefined;
  /** Node's own when nothing is said; a guarded one where a tenant names the address. */
  readonly fetch?: FetchLike;
  readonly times?: Partial<ModelTimes>;
  /** Between two looks at a film that is being made. */
  readonly pollMs?: number;
}

const answerBytesMax = 4_194_304;
const fileBytesMax = 26_214_400;
/** Base64 takes four bytes for three. */
const imageAnswerBytesMax = 36_700_160;
const eventCharsMax = 1_048_576;
const embeddingTextsAtOnce = 64;
const embeddingSizeMax = 4_096;
const videoMsMax = 600_000;

/** Any server that speaks the protocol of OpenAI: a cloud, or llama.cpp, vLLM or Ollama next door. */
export function createOpenAiModel(options: OpenAiModelOptions): LanguageModel {
  return new OpenAiModel(options);
}

class OpenAiModel implements LanguageModel {
  readonly model: string;
  readonly embeddingModel: string | null;
  readonly #options: OpenAiModelOptions;
  readonly #times: ModelTimes;
  readonly #fetch: FetchLike;

  constructor(options: OpenAiModelOptions) {
    this.model = options.model;
    this.embeddingModel = options.embeddingModel ?? null;
    this.#options = options;
    this.#times = { ...modelTimes, ...options.times };
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
  }

  chat(request: ChatRequest, call: ModelCall & { onText?(text: string): void }): Promise<ChatAnswer> {
    const tools = request.tools?.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, description, parameters },
    }));
    const body = {
      model: request.model ?? this.model,
      messages: request.messages.map(toWire),
      stream: true,
      stream_options: { include_usage: true },
      ...(tools?.length ? { tools } : {}),
      ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
      ...(request.answerTokensMax === undefined ? {} : { max_tokens: request.answerTokensMax }),
      ...(request.isJson ? { response_format: { type: 'json_object' } } : {}),
    };
    return this.#post('chat/completions', body, call, async (response, alive) => {
      const reader = new ChatAnswerReader();
      const take = (json: string): void => {
        alive();
        if (reader.take(json)) call.onText?.(reader.text);
      };
      // Some servers do not stream, or not with tools.
      if (!isEventStream(response)) {
        take(await textOf(response, answerBytesMax));
        return reader.answer();
      }
      let isDone = false;
      for await (const event of eventsOf(response.body!, eventCharsMax)) {
        isDone = event === '[DONE]';
        if (isDone) break;
        take(event);
      }
      // A connection that was cut looks like an end. Half an answer may say the opposite of the whole one.
      if (!isDone && !reader.isComplete) throw new ModelFailed('broken', 'the answer ended too early');
      return reader.answer();
    });
  }

  async embed(texts: readonly string[], call: ModelCall): Promise<readonly (readonly number[])[]> {
    const model = this.#need(this.#options.embeddingModel, 'LLM_EMBEDDING_MODEL');
    const vectors: number[][] = [];
    for (let from = 0; from < texts.length; from += embeddingTextsAtOnce) {
      const input = texts.slice(from, from + embeddingTextsAtOnce);
      const answer = await this.#json<{ data?: { index?: number; embedding?: unknown }[] }>(
        'embeddings',
        { model, input, encoding_format: 'float' },
        call,
        input.length * embeddingSizeMax * 24,
      );
      const rows = [...(answer.data ?? [])].sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
      if (rows.length !== input.length) throw new ModelFailed('broken', 'there is not one vector for each text');
      vectors.push(...rows.map((row) => unitVector(row.embedding)));
    }
    if (vectors.some((vector) => vector.length !== vectors[0]!.length))
      throw new ModelFailed('broken', 'the vectors are of different sizes');
    return vectors;
  }

  async makeImage(prompt: string, call: ModelCall): Promise<ModelFile> {
    const model = this.#need(this.#options.imageModel, 'LLM_IMAGE_MODEL');
    const answer = await this.#json<{ data?: { b64_json?: string; url?: string }[] }>(
      'images/generations',
      { model, prompt, n: 1 },
      call,
      imageAnswerBytesMax,
    );
    const [image] = answer.data ?? [];
    if (image?.b64_json) return pictureOf(Buffer.from(image.b64_json, 'base64'));
    if (image?.url && URL.canParse(image.url)) return pictureOf((await this.#download(image.url, {}, call)).bytes);
    throw new ModelFailed('broken', 'there is no picture in the answer');
  }

  async makeVideo(prompt: string, call: ModelCall): Promise<ModelFile> {
    const model = this.#need(this.#options.videoModel, 'LLM_VIDEO_MODEL');
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(videoMsMax)]);
    type Job = { id?: string; status?: string; error?: { message?: string } | null };
    let job = await this.#json<Job>('videos', { model, prompt }, call);
    const place = `videos/${encodeURIComponent(job.id ?? '')}`;
    while (job.status === 'queued' || job.status === 'in_progress') {
      await pause(this.#options.pollMs ?? 3_000, undefined, { signal }).catch(() => {
        call.signal.throwIfAborted();
        throw new ModelFailed('timed_out', 'the film was not ready in time');
      });
      job = await this.#exchange('GET', place, undefined, { signal }, readJson<Job>(answerBytesMax));
    }
    if (job.status !== 'completed') throw new ModelFailed('refused', job.error?.message ?? 'the film could not be made');
    const film = await this.#download(this.#address(`${place}/content`), this.#headers(), call);
    return { bytes: film.bytes, type: film.type.startsWith('video/') ? film.type : 'video/mp4' };
  }

  async speak(text: string, call: ModelCall): Promise<ModelFile> {
    const model = this.#need(this.#options.speechModel, 'LLM_SPEECH_MODEL');
    const body = { model, input: text, voice: this.#options.voice ?? 'alloy', response_format: 'mp3' };
    return this.#post('audio/speech', body, call, async (response, alive) => {
      const type = mediaType(response);
      return { bytes: await bytesOf(response, fileBytesMax, alive), type: type.startsWith('audio/') ? type : 'audio/mpeg' };
    });
  }

  async transcribe(recording: ModelFile & { readonly name: string }, call: ModelCall & { language?: string }): Promise<string> {
    const form = new FormData();
    form.set('model', this.#need(this.#options.transcriptionModel, 'LLM_TRANSCRIPTION_MODEL'));
    form.set('file', new Blob([Uint8Array.from(recording.bytes)], { type: recording.type }), recording.name);
    form.set('response_format', 'json');
    if (call.language) form.set('language', call.language);
    const encoded = new Response(form);
    const type = encoded.headers.get('content-type')!;
    const body = { type, bytes: await encoded.bytes() };
    const answer = await this.#exchange('POST', 'audio/transcriptions', body, call, readJson<{ text?: unknown }>(answerBytesMax));
    if (typeof answer.text !== 'string') throw new ModelFailed('broken', 'there is no text in the answer');
    return answer.text;
  }

  #need(value: string | undefined, setting: string): string {
    if (!value) throw new ModelFailed('not_configured', `${setting} is not set`, { setting });
    return value;
  }

  #json<T>(path: string, body: unknown, call: ModelCall, bytesMax = answerBytesMax): Promise<T> {
    return this.#post(path, body, call, readJson<T>(bytesMax));
  }

  #post<T>(
    path: string,
    body: unknown,
    call: ModelCall,
    read: (response: Response, alive: () => void) => Promise<T>,
  ): Promise<T> {
    return this.#exchange('POST', path, { type: 'application/json', bytes: JSON.stringify(body) }, call, read);
  }

  #exchange<T>(
    method: 'GET' | 'POST',
    path: string,
    body: { readonly type: string; readonly bytes: string | Uint8Array<ArrayBuffer> } | undefined,
    call: ModelCall,
    read: (response: Response, alive: () => void) => Promise<T>,
  ): Promise<T> {
    return exchange(this.#fetch, {
      url: this.#address(path),
      method,
      headers: { ...this.#headers(), ...(body ? { 'content-type': body.type } : {}) },
      ...(body ? { body: body.bytes } : {}),
      signal: call.signal,
      times: this.#times,
      redact: this.#redact,
      read,
    });
  }

  /** A picture may lie elsewhere, so the key only goes along where `headers` have it. */
  #download(url: string, headers: Readonly<Record<string, string>>, call: ModelCall): Promise<ModelFile> {
    return exchange(this.#fetch, {
      url,
      method: 'GET',
      headers,
      signal: call.signal,
      times: this.#times,
      redact: this.#redact,
      read: async (response, alive) => ({ bytes: await bytesOf(response, fileBytesMax, alive), type: mediaType(response) }),
    });
  }

  #address(path: string): string {
    return `${this.#options.url.replace(/\/+$/, '')}/${path}`;
  }

  #headers(): Record<string, string> {
    return this.#options.key ? { authorization: `Bearer ${this.#options.key}` } : {};
  }

  readonly #redact = (text: string): string => {
    const { key } = this.#options;
    const short = text.slice(0, 500);
    return key ? short.replaceAll(key, '…') : short;
  };
}

function toWire(message: ChatMessage): unknown {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.callId, content: message.text };
  if (message.role === 'assistant' && message.toolCalls?.length)
    return {
      role: 'assistant',
      content: message.text || null,
      tool_calls: message.toolCalls.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: call.argumentsText },
      })),
    };
  if (message.role === 'user' && message.images?.length)
    return {
      role: 'user',
      content: [
        { type: 'text', text: message.text },
        ...message.images.map((image) => ({
          type: 'image_url',
          image_url: { url: `data:${image.type};base64,${Buffer.from(image.bytes).toString('base64')}` },
        })),
      ],
    };
  return { role: message.role, content: message.text };
}

const readJson =
  <T>(bytesMax: number) =>
  async (response: Response, alive: () => void): Promise<T> => {
    const text = await textOf(response, bytesMax);
    alive();
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null) return value as T;
    } catch {
      // Told below, as anything else that is no object.
    }
    throw new ModelFailed('broken', 'the answer is not JSON');
  };

function unitVector(value: unknown): number[] {
  const isVector =
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= embeddingSizeMax &&
    value.every((number) => Number.isFinite(number));
  if (!isVector) throw new ModelFailed('broken', 'a vector cannot be read');
  const numbers = value as number[];
  const length = Math.hypot(...numbers);
  return length === 0 ? numbers : numbers.map((number) => number / length);
}

function pictureOf(bytes: Uint8Array): ModelFile {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  const type = head.startsWith('\x89PNG')
    ? 'image/png'
    : head.startsWith('\xff\xd8\xff')
      ? 'image/jpeg'
      : head.startsWith('RIFF') && head.endsWith('WEBP')
        ? 'image/webp'
        : null;
  if (type === null || bytes.length > fileBytesMax) throw new ModelFailed('broken', 'the answer is no picture');
  return { bytes, type };
}

const mediaType = (response: Response): string =>
  (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
const isEventStream = (response: Response): boolean => mediaType(response) === 'text/event-stream' && response.body !== null;
