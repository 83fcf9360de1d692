import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import { type Command, commandIn, EXEC_COMMAND, LONGEST_TIMEOUT } from '../domain/command.ts';
import { mask, maskWords } from '../domain/mask.ts';
import type { Order, Strategy } from '../domain/repair.ts';
import { inWords } from '../domain/time.ts';
import { cutShort } from './cut-short.ts';

export interface ExecNeeds {
  readonly docker: Pick<Docker, 'exec'>;
  readonly clock: Pick<Clock, 'after'>;
}

/**
 * Runs the command that the playbook names in the container, as the container's own user, without a shell. What it wrote is kept in
 * the journal. It has worked when it ended with 0; whether that helped, the verification tells.
 */
export const execCommand = ({ docker, clock }: ExecNeeds): Strategy => ({
  name: EXEC_COMMAND,
  danger: 'service',
  summary: 'runs a command of the playbook in the container, and keeps what it wrote',
  takes: LONGEST_TIMEOUT,
  apply: async ({ order, target, signal, journal }) => {
    const { argv, timeout } = commandOf(order);
    const program = argv[0] ?? '';
    journal('exec', { containerId: target.id, argv: maskWords(argv), timeout });
    // The engine has no way to end a command that it has begun: one that takes too long is left to itself.
    const run = (abort: AbortSignal) => docker.exec(target.id, argv, abort);
    const late = `${program} in ${target.name} has not ended within ${inWords(timeout)}; it may be running still`;
    const { exitCode, said } = await cutShort(run, timeout, late, clock, signal);
    journal('said', { exitCode: exitCode ?? 'unknown', output: mask(said) });
    if (exitCode === 0) return undefined;
    const how = exitCode === undefined ? 'was cut short by the end of its container' : `ended with ${exitCode}`;
    throw new Error(`${program} in ${target.name} ${how}${said && `: ${mask(said).slice(-200)}`}`);
  },
  // What a command did, nobody can take back who does not know it.
  undo: async () => undefined,
  recover: async steps => {
    if (steps.length === 0) return 'nothing had been done yet';
    const said = steps.find(({ step }) => step === 'said');
    return said === undefined
      ? 'whether the command ran to its end is not known; it is not run again by itself'
      : `the command had ended with ${said.data.exitCode}`;
  },
});

function commandOf({ with: told }: Order): Command {
  const command = commandIn(told);
  if ('argv' in command) return command;
  const { name, found, expected } = command;
  throw new Error(`${EXEC_COMMAND}: found ${found} for ${name}, expected ${expected}. Correct the playbook.`);
}
