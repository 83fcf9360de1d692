#!/usr/bin/env node
import { runProgram } from './cli/program.ts';
import { thisTerminal } from './cli/terminal.ts';

process.exitCode = await runProgram(process.argv.slice(2), thisTerminal());
