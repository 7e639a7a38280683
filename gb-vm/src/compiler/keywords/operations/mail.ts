import type { FormRow } from '../keyword.ts';

/** Mail and other messages out of the chat. */
export const mail: readonly FormRow[] = [
  [
    'SEND MAIL',
    [
      'SEND MAIL to, subject, body [, attachments...] [USING account]',
      'SEND EMAIL to, subject, body [, attachments...] [USING account]',
      'SEND MAIL to, subject, body, ATTACHMENT attachments...',
      'SEND MAIL to, body [USING account]',
      'SEND EMAIL to, body [USING account]',
      'SEND MAIL TO to SUBJECT subject BODY body [USING account]',
      'SEND EMAIL TO to SUBJECT subject BODY body [USING account]',
      'SEND MAIL TO to WITH body',
      'SEND EMAIL TO to WITH body',
    ],
    'Sends a mail. BEGIN MAIL to … END MAIL is the same for several lines, whose first may be "Subject: …".',
    'Envia um e-mail. BEGIN MAIL to … END MAIL é o mesmo para várias linhas; a primeira pode ser "Subject: …".',
    'SEND MAIL "ana@example.com", "Your order", "It is on its way."',
  ],
  [
    'CREATE DRAFT',
    'CREATE DRAFT to, subject, body [, attachments...]',
    'Writes a mail and leaves it in the drafts.',
    'Escreve um e-mail e o deixa nos rascunhos.',
    'CREATE DRAFT "ana@example.com", "Our offer", "Dear Ana, …"',
  ],
  [
    'SEND FILE',
    ['SEND FILE TO to, file [, caption]', 'SEND FILE file [, caption]'],
    'Sends a file, here or TO somebody else.',
    'Envia um arquivo, aqui ou a outra pessoa (TO).',
    'SEND FILE "menu.pdf", "Our menu"',
  ],
  [
    'SEND TEMPLATE',
    ['SEND TEMPLATE TO to, template [, values...]', 'SEND TEMPLATE template, channel, to [, values...]'],
    'Sends a message from an approved template.',
    'Envia uma mensagem de um modelo aprovado.',
    'SEND TEMPLATE TO "+5511999990000", "order-ready"',
  ],
  [
    'SEND SMS',
    ['SEND SMS TO to, text', 'SEND SMS to, text', 'SMS to, text'],
    'Sends a text message by telephone.',
    'Envia uma mensagem de texto por telefone.',
    'SEND SMS "+5511999990000", "Your code is 1234"',
    { isSoft: true },
  ],
  [
    'SEND WHATSAPP',
    ['SEND WHATSAPP TO to, text', 'SEND WHATSAPP to, text'],
    'Sends a message by WhatsApp.',
    'Envia uma mensagem por WhatsApp.',
    'SEND WHATSAPP "+5511999990000", "Your order is ready."',
  ],
  [
    'SEND MESSAGE',
    ['SEND MESSAGE TO to, text', 'SEND MESSAGE to, text', 'SEND MESSAGE text'],
    'Sends a message through the channel the person uses.',
    'Envia uma mensagem pelo canal que a pessoa usa.',
    'SEND MESSAGE TO "ana@example.com", "Welcome"',
  ],
];
