import type { FormRow } from '../keyword.ts';

/** A web browser that the bot drives. */
export const browser: readonly FormRow[] = [
  [
    'OPEN',
    ['OPEN address (AS | WITH) # session:word', 'OPEN address (AS | WITH) session', 'OPEN address'],
    'Opens a page and gives it back.',
    'Abre uma página e a devolve.',
    'page = OPEN "https://example.com"',
    { isSoft: true },
  ],
  [
    'CLICK',
    'CLICK page, selector [, values...]',
    'Clicks something on the page.',
    'Clica em algo na página.',
    'page = OPEN "https://example.com"\nCLICK page, "#buy"',
    { isSoft: true },
  ],
  [
    'CLICK LINK TEXT',
    'CLICK LINK TEXT page, text [, values...]',
    'Clicks the link with this text.',
    'Clica no link com este texto.',
    'page = OPEN "https://example.com"\nCLICK LINK TEXT page, "Next"',
  ],
  [
    'HOVER',
    'HOVER page, selector',
    'Moves the pointer over something.',
    'Move o ponteiro sobre algo.',
    'page = OPEN "https://example.com"\nHOVER page, "#menu"',
    { isSoft: true },
  ],
  [
    'PRESS',
    'PRESS page, key',
    'Presses a key.',
    'Aperta uma tecla.',
    'page = OPEN "https://example.com"\nPRESS page, "Enter"',
    { isSoft: true },
  ],
  [
    'SCREENSHOT',
    'SCREENSHOT page [, selector]',
    'A picture of the page.',
    'Uma imagem da página.',
    'page = OPEN "https://example.com"\nTALK SCREENSHOT page',
    { isSoft: true },
  ],
  [
    'TEXT OF',
    'TEXT OF page [, selector]',
    'The text of the page or a part of it.',
    'O texto da página ou de uma parte.',
    'page = OPEN "https://example.com"\nTALK TEXT OF page, "h1"',
  ],
  ['WEBSITE OF', 'WEBSITE OF name', 'The web address of a company.', 'O site de uma empresa.', 'site = WEBSITE OF "Pragmatismo"'],
];
