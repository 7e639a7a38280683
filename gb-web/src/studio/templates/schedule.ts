import { inLanguage, start, type Template } from './template.ts';

export const schedule: Template = {
  id: 'schedule',
  title: 'template.scheduleTitle',
  text: 'template.scheduleText',
  files: ({ locale }) => [
    start(
      locale,
      `' What people hear who write to this bot.
TALK "Every weekday in the morning I greet #general. My times are in daily.bas."
`,
      `' O que ouve quem escreve para este bot.
TALK "Toda manhã de dia útil eu cumprimento #general. As horas estão em diario.bas."
`,
    ),
    {
      name: inLanguage(locale, 'daily.bas', 'diario.bas'),
      text: inLanguage(
        locale,
        `' Runs by itself, at the times in the next line. Add the bot to #general, or it cannot write there.
SET SCHEDULE "every weekday at 9:00"

questions = ["What is the one thing you want to finish today?", "Who could help you today?", "What did you learn yesterday?"]
question = questions[WEEKDAY(TODAY) MOD 3]
TALK TO "#general", "Good morning! \${question}"
`,
        `' É executado por conta própria, nas horas da próxima linha. Coloque o bot em #general, ou ele não pode escrever lá.
SET SCHEDULE "dias úteis às 9h"

perguntas = ["Qual é a coisa que você quer terminar hoje?", "Quem poderia ajudar você hoje?", "O que você aprendeu ontem?"]
pergunta = perguntas[WEEKDAY(TODAY) MOD 3]
TALK TO "#general", "Bom dia! \${pergunta}"
`,
      ),
    },
  ],
};
