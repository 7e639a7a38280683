import type { Finding, Project } from './project.ts';

const page = 'docs/ARCHITECTURE.md';
const linesMax = 120;

/** The architecture fits on one page, and names every package there is. */
export function checkArchitecture(project: Project): Finding[] {
  const text = project.text(page);
  if (text.trim() === '') return [{ file: page, line: 1, text: 'The page that shows the whole house is missing.' }];
  const findings: Finding[] = [];
  const lines = text.trimEnd().split('\n').length;
  if (lines > linesMax)
    findings.push({
      file: page,
      line: linesMax + 1,
      text: `${lines} lines: one page is at most ${linesMax}; move the detail to docs/subsystems/.`,
    });
  for (const { dir } of project.manifests) {
    if (dir !== '' && !text.includes(`${dir}/`)) findings.push({ file: page, line: 1, text: `The tree does not show ${dir}/.` });
  }
  for (const [, dir = ''] of text.matchAll(/^(gb-[a-z]+)\/ /gm)) {
    if (![...project.files.keys()].some((file) => file.startsWith(`${dir}/`)))
      findings.push({ file: page, line: project.lineOf(page, `${dir}/`), text: `The tree shows ${dir}/, which does not exist.` });
  }
  return findings;
}
