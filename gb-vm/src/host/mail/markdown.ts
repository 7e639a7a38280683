import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

/**
 * What a bot writes is Markdown, as in the chat. A mail has it twice: as it is for readers of text, and as HTML that is
 * made of it alone - tags in the text are shown, not followed, and links lead to the web, mail or telephone only.
 */
export function htmlOf(markdown: string): string {
  const body = micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  return [
    '<!doctype html><html><head><meta charset="utf-8"></head>',
    '<body style="font-family:system-ui,-apple-system,\'Segoe UI\',Roboto,sans-serif;font-size:15px;line-height:1.5;color:#1d1d1f">',
    body,
    '</body></html>',
  ].join('\n');
}
