import { type Keyword, keywords } from '../keywords/index.ts';

/** Blocks that one writes often, as templates: `${1:name}` are places to fill in, `$0` is where the caret ends. */
export interface BlockSnippet {
  readonly label: string;
  readonly insert: string;
  readonly keyword: Keyword | null;
}

const texts: readonly (readonly [keyword: string, label: string, insert: string])[] = [
  ['IF', 'IF … END IF', 'IF ${1:condition} THEN\n  $0\nEND IF'],
  ['IF', 'IF … ELSE … END IF', 'IF ${1:condition} THEN\n  ${2}\nELSE\n  $0\nEND IF'],
  ['FOR', 'FOR … NEXT', 'FOR ${1:i} = ${2:1} TO ${3:10}\n  $0\nNEXT'],
  ['FOR EACH', 'FOR EACH … NEXT', 'FOR EACH ${1:item} IN ${2:list}\n  $0\nNEXT'],
  ['WHILE', 'WHILE … WEND', 'WHILE ${1:condition}\n  $0\nWEND'],
  ['DO', 'DO … LOOP UNTIL', 'DO\n  $0\nLOOP UNTIL ${1:condition}'],
  ['SELECT CASE', 'SELECT CASE … END SELECT', 'SELECT CASE ${1:value}\nCASE ${2:"a"}\n  $0\nCASE ELSE\nEND SELECT'],
  ['SUB', 'SUB … END SUB', 'SUB ${1:name}(${2})\n  $0\nEND SUB'],
  ['FUNCTION', 'FUNCTION … END FUNCTION', 'FUNCTION ${1:name}(${2})\n  $0\n  RETURN ${3:value}\nEND FUNCTION'],
  ['TRY', 'TRY … CATCH … END TRY', 'TRY\n  $0\nCATCH ${1:problem}\n  TALK ${1:problem}.message\nEND TRY'],
  ['WITH', 'WITH … END WITH', 'WITH ${1:object}\n  $0\nEND WITH'],
  ['TYPE', 'TYPE … END TYPE', 'TYPE ${1:Name}\n  ${2:field} AS ${3:STRING}$0\nEND TYPE'],
  ['BEGIN TALK', 'BEGIN TALK … END TALK', 'BEGIN TALK\n$0\nEND TALK'],
  ['BEGIN MAIL', 'BEGIN MAIL … END MAIL', 'BEGIN MAIL ${1:to}\nSubject: ${2}\n\n$0\nEND MAIL'],
  ['BEGIN SYSTEM PROMPT', 'BEGIN SYSTEM PROMPT … END SYSTEM PROMPT', 'BEGIN SYSTEM PROMPT\n$0\nEND SYSTEM PROMPT'],
  ['TABLE', 'TABLE … END TABLE', 'TABLE ${1:name}\n  id integer key\n  ${2:column} ${3:string(80)}$0\nEND TABLE'],
  ['ON EVENT', 'ON EVENT … END ON', 'ON EVENT ${1:"name"} DO\n  $0\nEND ON'],
  ['HEAR', 'HEAR … AS …', 'HEAR ${1:answer} AS ${2:TEXT}'],
  ['PARAM', 'PARAM … AS …', 'PARAM ${1:name} AS ${2:STRING} LIKE ${3:"example"} DESCRIPTION ${4:"What it is"}'],
];

export const blockSnippets: readonly BlockSnippet[] = texts.map(([name, label, insert]) => ({
  label,
  insert,
  keyword: keywords.find((keyword) => keyword.name === name) ?? null,
}));
