import type { Bot, BotTheme, UserId } from 'gb-protocol';
import type { CSSProperties } from 'react';
import { useBotOf } from './client-context.tsx';

const colorPattern = /^#[0-9a-f]{6}$/;

/** What an element gets so that everything in it takes the colours of a bot; `design/bot-theme.css` makes them readable. */
export interface BotLook {
  readonly 'data-bot-color'?: '';
  readonly 'data-bot-tint'?: '';
  readonly style?: CSSProperties;
}

const plain: BotLook = {};

/** A colour is two figures for one of our own rules, and what is none goes no further: nothing a bot writes becomes style. */
export function lookOf(theme: BotTheme | undefined): BotLook {
  const color = theme?.color !== undefined && colorPattern.test(theme.color) ? theme.color : null;
  const tint = theme?.tint !== undefined && colorPattern.test(theme.tint) ? theme.tint : null;
  if (color === null && tint === null) return plain;
  return {
    ...(color === null ? {} : { 'data-bot-color': '' }),
    ...(tint === null ? {} : { 'data-bot-tint': '' }),
    style: {
      ...(color === null ? {} : { '--bot-color': color }),
      ...(tint === null ? {} : { '--bot-tint': tint }),
    } as CSSProperties,
  };
}

/** Of whoever it is: people have no look of their own. */
export function useBotLook(userId: UserId | undefined): BotLook {
  return lookOf(useBotOf(userId)?.theme);
}

/** The version is in the address, so that a picture that was published anew is not the one the browser kept. */
export function logoAddress({ id, theme, publishedVersion }: Bot): string | null {
  return theme?.logo === undefined ? null : `/api/bots/${id}/logo?version=${publishedVersion}`;
}
