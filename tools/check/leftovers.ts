import { type Finding, type Project, roomOf } from './project.ts';
import { memberPath, nodeAt, nodesAt, stringOf, walk } from './syntax.ts';

// Built from halves, so that this file is not its own finding.
const notes = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`);
const testFunction = /^(test|it|describe|bench|suite)\b/;

/** What a hurried hand leaves behind: notes to oneself, prints, stops of the debugger, tests put out of action. */
export function checkLeftovers(project: Project): Finding[] {
  const findings: Finding[] = [];
  for (const [file, text] of project.files) {
    if (/(\.orig|\.rej|\.bak|\.swp|~)$/.test(file))
      findings.push({ file, line: 1, text: 'This file was left behind by a tool.' });
    if (/\.(ts|tsx|js|mjs|css|sql|sh|html|ya?ml)$/.test(file)) {
      text.split('\n').forEach((line, index) => {
        const note = notes.exec(line);
        if (note)
          findings.push({ file, line: index + 1, text: `A note to oneself (${note[0]}): do it, or put it where work is kept.` });
        if (/^(<{7}|>{7}) /.test(line)) findings.push({ file, line: index + 1, text: 'A merge was not finished here.' });
      });
    }
  }
  for (const file of project.sources) {
    walk(project.program(file), (node) => {
      const say = (sentence: string) => findings.push({ file, line: project.lineAt(file, node.start), text: sentence });
      if (node.type === 'DebuggerStatement') say('A stop for the debugger was left here.');
      if (node.type !== 'CallExpression') return;
      const path = memberPath(nodeAt(node, 'callee')) ?? '';
      if (roomOf(file).startsWith('gb-') && /^console\.(log|debug|info|trace|dir|table)$/.test(path))
        say('Packages speak through the logger they are given, not the console.');
      if (testFunction.test(path) && path.includes('.only')) say('.only puts every other test of this file out of action.');
      if (testFunction.test(path) && /\.(skip|todo|fails|skipIf|runIf)\b/.test(path) && !hasReason(project, file, node.start))
        say(`${path} without a comment that gives the reason.`);
      if (/^(ctx|context|t)\.skip$/.test(path) && nodesAt(node, 'arguments').every((argument) => !stringOf(argument)))
        say(`${path} without a reason.`);
    });
  }
  return findings;
}

/** A comment on the same line or the one above. */
function hasReason(project: Project, file: string, offset: number): boolean {
  const lines = project.text(file).split('\n');
  const line = project.lineAt(file, offset);
  return [lines[line - 1] ?? '', lines[line - 2] ?? ''].some((text, index) =>
    (index === 0 ? /\/\/ \w+/ : /^\s*(\/\/|\*|\/\*) ?\w+/).test(text),
  );
}
