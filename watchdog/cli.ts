#!/usr/bin/env node
import { run } from './cli/run.ts';
import { thisTerminal } from './cli/terminal.ts';

const args = process.argv.slice(2);
const terminal = thisTerminal();

// The watchdog itself stays for months: it does not load the parser and the tables of the short commands (6 MB).
if (args.length === 1 && args[0] === 'run') process.exitCode = await run(terminal);
else {
  const { runProgram } = await import('./cli/program.ts');
  process.exitCode = await runProgram(args, terminal);
}
