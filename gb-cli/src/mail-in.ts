import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { limits } from 'gb-protocol';
import { readArguments, UsageError } from './basic/command-line.ts';
import { harmless } from './basic/report.ts';
import { readMailAccess } from './config.ts';

const help = `gb mail-in: hand a mail on to a bot

  gb mail-in [URL]           the mail on standard input starts the scripts of ON EMAIL
      --secret-file FILE     a file with the webhook-secret of the bot
      --to ADDRESS           who it goes to by its envelope; may be given several times
      --from ADDRESS         who it comes from by its envelope; empty for reports

URL is the address that the studio shows beside ON EMAIL. It and the secret may also be GB_MAIL_URL and GB_MAIL_SECRET,
and the envelope RECIPIENT and SENDER, which Exim and Postfix set for the programs they start. They pipe mail into this command; docs/bot-api.md has what they need for it.

Exit codes are those of sysexits.h: 0 it was taken, 75 try again later (no network, the server is busy or has no room),
77 the server does not know the bot or the secret, 65 it is no mail, or too large, 64 wrong use.
`;

/** What mail servers understand (sysexits.h): everything but 0 and 75 returns the mail to its sender. */
export const mailExit = { taken: 0, usage: 64, badMail: 65, later: 75, refused: 77 } as const;

/** Shorter than what mail servers give a program, so that it is we who say "later". */
const answerMsMax = 120_000;

/**
 * `gb mail-in`; gives the exit code. Only what the server plainly refuses is refused here: every doubt is "later", after
 * which the mail server tries again, and the same mail twice is one run.
 */
export async function mailIn(args: readonly string[], input: Readable = process.stdin): Promise<number> {
  try {
    const { values, positionals } = readArguments(args, {
      'secret-file': { type: 'string' },
      to: { type: 'string', multiple: true },
      from: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    });
    if (values.help) {
      process.stdout.write(help);
      return mailExit.taken;
    }
    const access = readMailAccess();
    const [address = access.url, ...others] = positionals;
    if (others.length > 0 || !address) throw new UsageError('gb mail-in needs one address of a server; `gb mail-in --help`.');
    const url = URL.parse(address);
    // It is not repeated: it may have a key in it, and who sent the mail is shown what is said here.
    if (!url || !/^https?:$/.test(url.protocol))
      throw new UsageError('The address is none of a server: it begins with https:// or http://.');
    for (const to of values.to ?? [access.recipient ?? '']) if (to !== '') url.searchParams.append('to', to);
    const from = values.from ?? access.sender;
    if (from !== null) url.searchParams.set('from', from);
    const secret = values['secret-file'] === undefined ? access.secret : readFileSync(values['secret-file'], 'utf8').trim();
    // Nobody's mail should come back because of a file that is empty, or cannot be read.
    if (!secret) throw new Error('There is no secret; gb mail-in needs a --secret-file.');
    const mail = await collected(input);
    if (mail === null) return ended(mailExit.badMail, `A mail has at most ${limits.mailBytesMax} bytes.`);
    return await send(url, secret, mail);
  } catch (error) {
    if (error instanceof UsageError) return ended(mailExit.usage, error.message);
    return ended(mailExit.later, reasonOf(error));
  }
}

async function send(url: URL, secret: string, mail: Uint8Array): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822', authorization: `Bearer ${secret}` },
    body: mail as Uint8Array<ArrayBuffer>,
    // A redirected POST is a GET without the mail.
    redirect: 'manual',
    signal: AbortSignal.timeout(answerMsMax),
  });
  const text = await response.text();
  if (response.ok) return mailExit.taken;
  const { code, message } = readProblem(text);
  return ended(exitFor(response.status, code), `${response.status} ${message ?? ''}`);
}

function exitFor(status: number, code: string | undefined): number {
  // No room, and too many runs: a mailbox that is full, which somebody may empty.
  if (code === 'quota_exceeded') return mailExit.later;
  if (status === 401 || status === 403 || status === 404) return mailExit.refused;
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429;
  return isFinal ? mailExit.badMail : mailExit.later;
}

/** A proxy in between answers in a language of its own. */
function readProblem(text: string): { readonly code?: string; readonly message?: string } {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** null when there is more than a mail may be. */
async function collected(input: Readable): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += (chunk as Uint8Array).byteLength;
    if (size > limits.mailBytesMax) return null;
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** What is on standard error stands in the log of the mail server, and in what it writes to the sender. */
function ended(code: number, reason: string): number {
  process.stderr.write(`gb mail-in: ${harmless(reason).slice(0, 300)}\n`);
  return code;
}
