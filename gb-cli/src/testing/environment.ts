/** What a program that a test starts has to know of its run: where temporary things go, and where compiled code is. */
export function runEnvironment(): Record<string, string> {
  const names = ['TMPDIR', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
