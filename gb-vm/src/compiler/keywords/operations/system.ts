import type { FormRow } from '../keyword.ts';

/** The bot and its platform. */
export const system: readonly FormRow[] = [
  [
    'LOG',
    'LOG values...',
    'Writes a line into the log of the bot.',
    'Escreve uma linha no registro do robô.',
    'LOG "order saved"',
    { isSoft: true },
  ],
  [
    'LOG ACTIVITY',
    'LOG ACTIVITY values...',
    'Writes what was done into the history of a record.',
    'Escreve o que foi feito no histórico de um registro.',
    'LOG ACTIVITY 12, "account", "created"',
  ],
  [
    'RECORD METRIC',
    'RECORD METRIC metric [WITH labels:fields]',
    'Counts something for the figures of the platform.',
    'Conta algo para os números da plataforma.',
    'RECORD METRIC "orders" WITH kind = "web"',
  ],
  [
    'KB STATISTICS',
    'KB STATISTICS',
    'How many documents the bot knows.',
    'Quantos documentos o robô conhece.',
    'figures = KB STATISTICS',
  ],
  [
    'DEBUG',
    'DEBUG values...',
    'Writes a line into the log while the bot is being developed.',
    'Escreve uma linha no registro durante o desenvolvimento.',
    'DEBUG "got here"',
    { isSoft: true },
  ],
  ['PUBLISH', 'PUBLISH', 'Publishes the package of the bot.', 'Publica o pacote do robô.', 'PUBLISH', { isSoft: true }],
  [
    'ALLOW ROLE',
    'ALLOW ROLE role',
    'Only people with this role may go on.',
    'Só pessoas com este papel podem continuar.',
    'ALLOW ROLE "admin"',
  ],
  [
    'LIST TOOLS',
    'LIST TOOLS',
    'The tools the model may use now.',
    'As ferramentas que o modelo pode usar agora.',
    'tools = LIST TOOLS',
  ],
  [
    'SECURITY',
    'SECURITY action:word [values...]',
    'A check of the security service.',
    'Uma verificação do serviço de segurança.',
    'SECURITY SCAN "menu.pdf"',
    { isSoft: true },
  ],
];
