import { limits } from 'gb-protocol';
import type { DriveFolder } from '../ports/index.ts';

// Control characters, and what turns the direction of writing around: "exe.gpj" must not be shown as "jpg.exe".
const unseen = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** The last part of whatever somebody calls a file, as it can be stored and shown. */
export function cleanFileName(name: string): string {
  const last = name.toWellFormed().replace(unseen, '').split(/[/\\]/).at(-1)!.trim();
  const clean = /^\.*$/.test(last) ? 'file' : last;
  if (clean.length <= limits.fileNameMax) return clean;
  // What is behind the last dot is what people tell files by.
  const dot = clean.lastIndexOf('.');
  const extension = dot > 0 && clean.length - dot <= 20 ? clean.slice(dot) : '';
  return (
    clean
      .slice(0, limits.fileNameMax - extension.length)
      .toWellFormed()
      .replace(/\uFFFD$/, '') + extension
  );
}

const folders = ['drive', 'kb', 'data', 'theme'] as const satisfies readonly DriveFolder[];

/**
 * A path as a program writes it: `drive/`, `data/`, `kb/` and `theme/` lead to the folder, anything else into the drive.
 * `folder` is null when none was named. null for what is no path: one that leads out, is too long, or holds what nobody sees.
 */
export function readDrivePath(text: string): { folder: DriveFolder | null; path: string } | null {
  if (text.length > limits.filePathMax || !text.isWellFormed() || text.search(unseen) >= 0) return null;
  const parts = text
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .map((part) => part.trim());
  if (parts.some((part) => part === '' || /^\.+$/.test(part) || part.length > limits.fileNameMax)) return null;
  // `shop.gbdrive/menu.pdf` is how packages call their folders.
  const first = parts[0]?.toLowerCase().replace(/^.*\.gb(?=(?:drive|kb|data|theme)$)/, '');
  const folder = folders.find((one) => one === first) ?? null;
  return { folder, path: parts.slice(folder === null ? 0 : 1).join('/') };
}
