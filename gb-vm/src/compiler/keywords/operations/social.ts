import type { FormRow } from '../keyword.ts';

/** Social networks. */
export const social: readonly FormRow[] = [
  [
    'POST TO',
    [
      'POST TO network:word image, text',
      'POST TO network:word account, image, text',
      'POST TO network:word account, password, image, text',
      'POST TO network:word AT time [, ] image, text',
      'POST TO network:word text',
    ],
    'Publishes on a network: POST TO INSTAGRAM, POST TO X …',
    'Publica em uma rede: POST TO INSTAGRAM, POST TO X …',
    'POST TO INSTAGRAM "@shop", "tea.jpg", "New teas are here"',
  ],
  ['TWEET', 'TWEET text', 'Publishes a short text.', 'Publica um texto curto.', 'TWEET "New teas are here"', { isSoft: true }],
  ['DELETE POST', 'DELETE POST post', 'Takes a publication back.', 'Apaga uma publicação.', 'DELETE POST "12"'],
];
