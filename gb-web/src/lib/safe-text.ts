/**
 * Characters that reorder or hide the text around them. Someone who controls a name or a message can use them to make
 * "gpj.exe" read "exe.jpg", so what people see never contains them. Marks that only hint a direction (LRM, RLM) stay.
 */
const reordering = /[\u202a-\u202e\u2066-\u2069]/g;

export function withoutReordering(text: string): string {
  return text.replace(reordering, '');
}

/** For code, where a hidden character may be the point of the message: the character is spelled out. */
export function withReorderingSpelled(text: string): string {
  return text.replace(reordering, (character) => `⟨U+${character.charCodeAt(0).toString(16).toUpperCase()}⟩`);
}

/**
 * The address if a click may open it: absolute http, https or mailto. The check runs on what the browser itself would
 * parse, so tabs inside "java\tscript:" or a leading space change nothing.
 */
export function safeUrl(address: string): string | null {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.protocol === 'mailto:') return url.href;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  // "https://bank.example@evil.example" reads like the bank: addresses with credentials are shown as text.
  if (url.username !== '' || url.password !== '') return null;
  return url.href;
}
