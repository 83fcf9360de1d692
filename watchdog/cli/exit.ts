/** What a command says to the shell, as INTERFACE has it. */
export const EXIT = { fine: 0, trouble: 1, usage: 2, unreachable: 3 } as const;

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
