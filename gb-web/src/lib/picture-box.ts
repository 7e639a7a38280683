import type { Attachment } from 'gb-protocol';

export interface Box {
  readonly width: number;
  readonly height: number;
}

export const pictureMax: Box = { width: 400, height: 300 };
/** A sliver of a picture is hard to hit; it is shown with room around it. */
export const pictureMin = 48;

const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const videos = new Set(['video/mp4', 'video/webm', 'video/ogg']);
const sounds = new Set(['audio/mpeg', 'audio/ogg', 'audio/wav', 'audio/mp4', 'audio/aac', 'audio/flac', 'audio/webm']);

export type Shown = 'picture' | 'video' | 'audio' | 'file';

/** How a file is shown. A picture without a size is a file: its box would jump when it comes. */
export function shownAs({ type, width, height }: Attachment): Shown {
  if (pictures.has(type) && width && height) return 'picture';
  if (videos.has(type)) return 'video';
  return sounds.has(type) ? 'audio' : 'file';
}

/** The room a picture takes, known before a byte of it is here. Never larger than the picture itself. */
export function pictureBox(
  { width = 1, height = 1 }: { width?: number | undefined; height?: number | undefined },
  max: Box = pictureMax,
): Box {
  const scale = Math.min(1, max.width / width, max.height / height);
  return { width: Math.max(pictureMin, Math.round(width * scale)), height: Math.max(pictureMin, Math.round(height * scale)) };
}

export const chipHeight = 56;
export const videoBox: Box = { width: 400, height: 225 };

/** The height of a message's files, for the list's guess before it is drawn. */
export function attachmentsHeight(attachments: readonly Attachment[] | undefined): number {
  let height = 0;
  for (const one of attachments ?? []) {
    const shown = shownAs(one);
    height += (shown === 'picture' ? pictureBox(one).height : shown === 'video' ? videoBox.height + 28 : chipHeight) + 8;
  }
  return height;
}
