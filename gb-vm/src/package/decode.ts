/**
 * The text of a file: UTF-8 where that is possible, UTF-16 where a byte order mark says so, else Windows-1252, which old
 * scripts and spreadsheets on Windows are in. Line ends become `\n`; the Ctrl-Z with which DOS ended files goes.
 */
export function decodeText(bytes: Uint8Array): string {
  return cleanText(decode(bytes));
}

export function cleanText(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/\u001a[\s\0]*$/, '');
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes); // every sequence of bytes is a text of it
  }
}
