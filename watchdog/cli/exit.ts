/**
 * What a command says to the shell, as INTERFACE has it. `stuck` only ends `run`: a fresh start may help where the process cannot.
 * A process that a signal has ended shows as 128 and its number: see README, Exit status.
 */
export const EXIT = { fine: 0, trouble: 1, usage: 2, unreachable: 3, stuck: 4 } as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a sentence for the person who gave it. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly status: ExitStatus;

  constructor(status: ExitStatus, message: string) {
    super(message);
    this.status = status;
  }
}
