import type { Finding, Project } from './project.ts';

/** Migrations run in the order of their numbers, each once and for ever: 0001, 0002, ... without holes or doubles. */
export function checkMigrations(project: Project): Finding[] {
  const findings: Finding[] = [];
  let previous = 0;
  for (const file of [...project.files.keys()].filter((one) => one.startsWith('migrations/') && one.endsWith('.sql')).sort()) {
    const number = Number(/^migrations\/(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1]);
    if (Number.isNaN(number))
      findings.push({ file, line: 1, text: 'A migration is called NNNN_what_it_does.sql, in lower case.' });
    else if (number === previous) findings.push({ file, line: 1, text: `Two migrations have the number ${number}.` });
    else if (number !== previous + 1)
      findings.push({ file, line: 1, text: `The migration after ${previous} is ${previous + 1}, not ${number}.` });
    if (!Number.isNaN(number)) previous = number;
  }
  return findings;
}
