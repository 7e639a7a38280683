/**
 * The data of the events in a stream of the WHATWG's server-sent events, in order: the fields that only concern a
 * browser's reconnecting are passed over. An event that the end cuts off is dropped, as the standard has it.
 */
export async function* eventsOf(body: ReadableStream<Uint8Array>, eventCharsMax: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  let size = 0;
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    // A CR at the end may be half of a CR LF: it waits for what follows.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > eventCharsMax) throw new RangeError('an event is too long');
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield data.join('\n');
        data = [];
        size = 0;
      } else if (line === 'data' || line.startsWith('data:')) {
        const value = line.slice(5).replace(/^ /, '');
        size += value.length;
        if (size > eventCharsMax) throw new RangeError('an event is too long');
        data.push(value);
      }
    }
  }
}
