import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ByteRange, type Context, type FileRow, fail, objectKey } from 'gb-core';
import type { CustomerId } from 'gb-protocol';

/**
 * What a browser may show in place: formats that cannot act. Everything else is a download, whatever its name: a page, an
 * SVG or a script that somebody uploaded must never run under our address.
 */
const shownInPlace = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'audio/mpeg',
  'audio/ogg',
  'audio/wav',
  'audio/mp4',
  'audio/aac',
  'audio/flac',
  'audio/webm',
  'video/mp4',
  'video/webm',
  'video/ogg',
  'application/pdf',
]);

const stalledMsMax = 120_000;

/** Sends a file or a part of it (RFC 9110, sections 13 and 14: one range, validators from the content's hash). */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { ctx, customerId, file, isDownload }: { ctx: Context; customerId: CustomerId; file: FileRow; isDownload: boolean },
): Promise<FastifyReply> {
  const etag = `"${Buffer.from(file.sha256).toString('hex')}"`;
  const inPlace = !isDownload && shownInPlace.has(file.type);
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    // Kept by this person's browser, asked about each time: who may see a file changes.
    'cache-control': 'private, no-cache',
    'content-disposition': disposition(inPlace ? 'inline' : 'attachment', file.name),
    // The sandbox would keep a browser's own viewer of PDFs from working; that viewer runs apart from the page.
    'content-security-policy':
      inPlace && file.type === 'application/pdf' ? "frame-ancestors 'none'" : "default-src 'none'; sandbox",
  });
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();

  const wanted = isRangeWanted(request, etag) ? readRange(request.headers.range, file.size) : null;
  if (wanted === 'none') {
    reply.header('content-range', `bytes */${file.size}`);
    return reply
      .code(416)
      .type('application/json')
      .send({ code: 'malformed', message: 'There are no such bytes.', retryable: false });
  }
  const stream = await ctx.objects.get(objectKey(customerId, file.id), wanted ?? undefined);
  if (!stream) {
    ctx.log.error({ customerId, fileId: file.id }, 'The bytes of a file are not there');
    throw fail('unavailable', 'The file cannot be read right now.');
  }
  if (wanted) reply.code(206).header('content-range', `bytes ${wanted.start}-${wanted.end}/${file.size}`);
  reply.header('content-length', wanted ? wanted.end - wanted.start + 1 : file.size);
  // A reader that takes nothing for this long has gone, or means harm.
  reply.raw.setTimeout(stalledMsMax);
  reply.header('content-type', file.type.startsWith('text/') ? `${file.type}; charset=utf-8` : file.type);
  return reply.send(stream);
}

function matches(header: string | undefined, etag: string): boolean {
  return header?.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag) ?? false;
}

function isRangeWanted(request: FastifyRequest, etag: string): boolean {
  const condition = request.headers['if-range'];
  return condition === undefined || condition === etag;
}

/** One range; several, or what cannot be read, is answered with everything, as the RFC allows. `none`: beyond the end. */
function readRange(header: string | undefined, size: number): ByteRange | 'none' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [, from, to] = match;
  if (from === '') {
    const last = Number(to);
    return last === 0 || size === 0 ? 'none' : { start: Math.max(0, size - last), end: size - 1 };
  }
  const start = Number(from);
  if (start >= size) return 'none';
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return end < start ? null : { start, end };
}

/** With the name in ASCII for the old, and as it is for all others (RFC 6266, RFC 8187). */
function disposition(kind: 'inline' | 'attachment', name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
