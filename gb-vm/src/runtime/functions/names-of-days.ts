import type { Host } from '../host.ts';

type Names = Readonly<Record<Host['locale'], readonly string[]>>;

/** January first, Sunday first. The first three letters are the short form in both languages. */
export const monthNames: Names = {
  en: 'January February March April May June July August September October November December'.split(' '),
  'pt-BR': 'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro'.split(' '),
};
export const weekdayNames: Names = {
  en: 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' '),
  'pt-BR': 'domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado'.split(' '),
};
