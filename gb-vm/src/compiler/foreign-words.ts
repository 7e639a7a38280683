/**
 * Words of other languages and other BASICs, and what they are called here. Spelling alone would lead from RAISE to
 * RANGE; whoever types one of these knows what is wanted and not its name. Capitals without accents; two words may stand
 * together, as in FIM SE.
 */
const statements: Readonly<Record<string, string>> = {
  DIGA: 'TALK',
  DIZER: 'TALK',
  FALE: 'TALK',
  FALAR: 'TALK',
  ECHO: 'TALK',
  SAY: 'TALK',
  MSGBOX: 'TALK',
  PRINTF: 'PRINT',
  PRINTLN: 'PRINT',
  WRITELN: 'PRINT',
  ESCREVA: 'PRINT',
  IMPRIMA: 'PRINT',
  MOSTRE: 'TALK',
  RESPONDA: 'TALK',
  OUVIR: 'HEAR',
  OUCA: 'HEAR',
  PERGUNTE: 'HEAR',
  PERGUNTAR: 'HEAR',
  ASK: 'HEAR',
  INPUTBOX: 'HEAR',
  LEIA: 'HEAR',
  LER: 'HEAR',
  SE: 'IF',
  SI: 'IF',
  ENTAO: 'THEN',
  ENTONCES: 'THEN',
  SENAO: 'ELSE',
  SINO: 'ELSE',
  'SENAO SE': 'ELSEIF',
  ELIF: 'ELSEIF',
  ELSIF: 'ELSEIF',
  FIM: 'END',
  FIN: 'END',
  'FIM SE': 'END IF',
  FIMSE: 'END IF',
  FI: 'END IF',
  PARA: 'FOR',
  'PARA CADA': 'FOR EACH',
  FOREACH: 'FOR EACH',
  CADA: 'EACH',
  ATE: 'TO',
  PASSO: 'STEP',
  PROXIMO: 'NEXT',
  'FIM PARA': 'NEXT',
  ENDFOR: 'NEXT',
  ENQUANTO: 'WHILE',
  'FIM ENQUANTO': 'WEND',
  ENDWHILE: 'WEND',
  FACA: 'DO',
  REPITA: 'DO',
  REPEAT: 'DO',
  UNTIL: 'LOOP UNTIL',
  ESCOLHA: 'SELECT CASE',
  SELECIONE: 'SELECT CASE',
  CASO: 'CASE',
  WHEN: 'CASE',
  'FIM ESCOLHA': 'END SELECT',
  ENDSELECT: 'END SELECT',
  FUNCAO: 'FUNCTION',
  FUNCION: 'FUNCTION',
  DEFUN: 'FUNCTION',
  FUNC: 'FUNCTION',
  'FIM FUNCAO': 'END FUNCTION',
  ENDFUNCTION: 'END FUNCTION',
  PROCEDIMENTO: 'SUB',
  PROCEDURE: 'SUB',
  ENDSUB: 'END SUB',
  RETORNE: 'RETURN',
  RETORNAR: 'RETURN',
  CHAME: 'CALL',
  VARIAVEL: 'LET',
  VAR: 'LET',
  SEJA: 'LET',
  RAISE: 'THROW',
  LANCE: 'THROW',
  TENTE: 'TRY',
  EXCEPT: 'CATCH',
  RESCUE: 'CATCH',
  CAPTURE: 'CATCH',
  ENSURE: 'FINALLY',
  SAIA: 'EXIT',
  PARE: 'STOP',
  IMPORT: 'INCLUDE',
  REQUIRE: 'INCLUDE',
  INCLUA: 'INCLUDE',
  ESPERE: 'WAIT',
  SLEEP: 'WAIT',
  SALVE: 'SAVE',
  SALVAR: 'SAVE',
  BUSQUE: 'FIND',
  ENVIE: 'SEND MAIL',
  ARRAY: '[1, 2]',
};

const types: Readonly<Record<string, string>> = {
  INT: 'INTEGER',
  INTEIRO: 'INTEGER',
  LONG: 'INTEGER',
  NUMERO: 'NUMBER',
  NUMERIC: 'NUMBER',
  DOUBLE: 'NUMBER',
  DECIMAL: 'NUMBER',
  REAL: 'NUMBER',
  STR: 'STRING',
  TEXTO: 'TEXT',
  BOOL: 'BOOLEAN',
  LOGICO: 'BOOLEAN',
  DATA: 'DATE',
  HORA: 'HOUR',
  NOME: 'NAME',
  DINHEIRO: 'MONEY',
  VALOR: 'MONEY',
  CURRENCY: 'MONEY',
  TELEFONE: 'PHONE',
  TELEPHONE: 'PHONE',
  TEL: 'PHONE',
  FONE: 'PHONE',
  CELULAR: 'MOBILE',
  CEP: 'ZIPCODE',
  ZIP: 'ZIPCODE',
  SENHA: 'PASSWORD',
  COR: 'COLOR',
  COLOUR: 'COLOR',
  CARTAO: 'CREDITCARD',
  ARQUIVO: 'FILE',
  DOCUMENTO: 'DOCUMENT',
  IMAGEM: 'IMAGE',
  FOTO: 'IMAGE',
  PHOTO: 'IMAGE',
  PICTURE: 'IMAGE',
  IDIOMA: 'LANGUAGE',
  LINK: 'URL',
};

/** Methods of other languages, and what does the same here. */
const methods: Readonly<Record<string, string>> = {
  ADD: 'push',
  INSERT: 'push',
  PUSH_BACK: 'push',
  WRITELINE: 'TALK',
  WRITE: 'TALK',
  PRINT: 'TALK',
  PRINTLN: 'TALK',
  LOG: 'TALK',
  SHOW: 'TALK',
};

/** Others are not in the tables, and taking accents off costs by the letter. */
const wordLengthMax = 20;

/** The keyword that is meant by a word of elsewhere, together with the word that follows it if need be; null when none is. */
export function keywordMeant(word: string, next: string | null = null): string | null {
  const first = plain(word);
  const both = next === null ? null : look(statements, `${first} ${plain(next)}`);
  return both ?? look(statements, first);
}

/** The type of HEAR that is meant. */
export function typeMeant(word: string): string | null {
  return look(types, plain(word));
}

export function methodMeant(word: string): string | null {
  return look(methods, plain(word));
}

/** Capitals without accents; no word at all when it is longer than any that is known. */
function plain(word: string): string {
  return word.length > wordLengthMax ? '' : word.toUpperCase().normalize('NFD').replaceAll(/\p{M}/gu, '');
}

const look = (table: Readonly<Record<string, string>>, word: string): string | null =>
  Object.hasOwn(table, word) ? table[word]! : null;
