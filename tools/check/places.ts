import os from 'node:os';
import path from 'node:path';
import type { Finding, Project } from './project.ts';

// Written so that none of them matches itself.
const hosts = [
  /registry\.(npmjs|yarnpkg)\.(org|com)/,
  /npm\.pkg\.github\.com/,
  /[a-z0-9.-]+\/(artifactory|nexus)\//,
  /localhost:[4]873/,
];
const homes = [/(?<![\w.])\/(home|Users)\/[a-z][\w-]*\//, /(?<![\w.])\/root\/[\w.]/, /\b[A-Z]:\\Users\\/];
/** Directories everybody has: lying below one of them says nothing about the machine. */
const commonParents = ['/', '/tmp', '/var/tmp', '/home', '/opt', '/srv', '/usr/src', os.tmpdir(), os.homedir()];
/** Server configuration names the server's own directories. */
const serverConfiguration = /^(infra|k8s|docs\/operations)\//;

/** Nothing in the repository knows where it was written: no directory of a machine, no private registry. */
export function checkPlaces(project: Project): Finding[] {
  const here =
    project.root === ''
      ? []
      : [
          project.root.replace(/\/$/, ''),
          ...(commonParents.includes(path.dirname(project.root)) ? [] : [`${path.dirname(project.root)}/`]),
        ];
  const registry = hostOf(process.env['npm_config_registry']);
  const findings: Finding[] = [];
  for (const [file, text] of project.files) {
    text.split('\n').forEach((line, index) => {
      const say = (sentence: string) => findings.push({ file, line: index + 1, text: sentence });
      if (
        here.some((place) => line.includes(place)) ||
        (!serverConfiguration.test(file) && homes.some((pattern) => pattern.test(line)))
      )
        say('This line names a directory of one machine.');
      if (hosts.some((pattern) => pattern.test(line)) || (registry !== undefined && line.includes(registry)))
        say('This line names a package registry; the reader may use another.');
    });
  }
  return findings;
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined;
}
