import { type BotId, type CustomerId, limits } from 'gb-protocol';
import type { Context } from '../context.ts';
import { fail } from '../fail.ts';
import { type ObjectKey, objectKey, type PackageFile, type ThemeFile } from '../ports/index.ts';

/** Of one style sheet: what a theme may say takes a few lines. */
const styleBytesMax = 65_536;
const stylesReadMax = 20;

const isStyle = (path: string): boolean => /\.(?:css|json)$/i.test(path);

/** The theme of a package that is being published. */
export function themeOfPackage(files: readonly PackageFile[]): ThemeFile[] {
  let read = 0;
  return files
    .filter(({ folder }) => folder === 'theme')
    .map(({ path, bytes }) => {
      const isRead = isStyle(path) && bytes.length <= styleBytesMax && read++ < stylesReadMax;
      return { path, size: bytes.length, bytes: isRead ? bytes : null };
    });
}

/** The theme a bot has: a draft is published, and looks, with the files that are there. */
export async function readThemeFiles(ctx: Context, customerId: CustomerId, botId: BotId): Promise<ThemeFile[]> {
  const rows = await ctx.store.read(customerId, (tx) => tx.files.list(botId, 'theme', { limit: limits.filesPerBotMax }));
  const files: ThemeFile[] = [];
  let read = 0;
  for (const { id, path, size } of rows) {
    const isRead = isStyle(path!) && size <= styleBytesMax && read++ < stylesReadMax;
    files.push({ path: path!, size, bytes: isRead ? await bytesOf(ctx, objectKey(customerId, id)) : null });
  }
  return files;
}

async function bytesOf(ctx: Context, key: ObjectKey): Promise<Uint8Array> {
  const stream = await ctx.objects.get(key);
  if (!stream) throw fail('unavailable', 'A file of the theme cannot be read right now.');
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return new Uint8Array(Buffer.concat(chunks));
}
