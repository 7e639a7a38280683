import { type CompileOptions, compile } from 'gb-vm/compiler';
import { median } from './samples.ts';

export interface CompileTimes {
  /** Source to bytes, and with the `WebAssembly.Module` made of them. CPU ms, warm. */
  readonly compileMs: number;
  readonly moduleMs: number;
  readonly lines: number;
  readonly wasmBytes: number;
}

/** A bot's script of about 100 lines with twelve questions; another one each time, as when people save their work. */
export function dialogScript(seed: number): string {
  const questions = Array.from(
    { length: 12 },
    (_, n) =>
      `TALK "Question ${n} of ${seed}, \${total}?"\nHEAR a${n} AS INTEGER\nIF a${n} > ${n + seed} THEN\n  total = total + a${n}\nELSE\n  total = total - 1\nEND IF\nTALK "So far " + total`,
  );
  return `total = 0\nname = "${seed}"\n${questions.join('\n')}\nTALK "Bye " + name\n`;
}

/** Line numbers and jumps forward and back all over, as nobody writes it and a machine may. Only compiled: it need not end. */
export function gotoScript(lines: number): string {
  const number = (index: number): number => 5 * (index + 1); // 10,000 lines stay below 65,529, the highest there is
  const out = [`${number(0)} LET N = 0`, `${number(1)} LET S = 0`];
  for (let index = 2; index < lines - 2; index++) {
    const away = 2 + ((index * 7919) % (lines - 4));
    const statements = [
      `IF S > ${100_000 + index} THEN ${number(away)}`,
      `LET S = S + ${index} * N`,
      `IF N = ${index} THEN GOTO ${number(index + 1)}`,
      'LET N = N + 1',
      `GOTO ${number(away)}`,
    ];
    out.push(`${number(index)} ${statements[index % statements.length]}`);
  }
  out.push(`${number(lines - 2)} PRINT S`, `${number(lines - 1)} END`);
  return `${out.join('\n')}\n`;
}

/** What the compiler says when it does not take the script is the answer then. */
export function timeCompile(times: number, script: (index: number) => string, options: CompileOptions): CompileTimes | string {
  const rounds: CompileTimes[] = [];
  for (let index = 0; index < times; index++) {
    const text = script(index);
    const start = process.cpuUsage();
    const { program, diagnostics } = compile([{ name: 'start.bas', text }], options);
    const compileMs = cpuMsSince(start);
    if (!program) return diagnostics.map(({ line, message }) => `line ${line}: ${message}`)[0] ?? 'no program and no reason';
    new WebAssembly.Module(program.wasm as Uint8Array<ArrayBuffer>);
    rounds.push({ compileMs, moduleMs: cpuMsSince(start), lines: text.split('\n').length - 1, wasmBytes: program.wasm.length });
  }
  const warm = rounds.slice(rounds.length >> 1);
  return {
    compileMs: median(warm.map((round) => round.compileMs)),
    moduleMs: median(warm.map((round) => round.moduleMs)),
    lines: rounds[0]!.lines,
    wasmBytes: rounds[0]!.wasmBytes,
  };
}

function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
