import type { Readable } from 'node:stream';
import type { Docker } from './docker.ts';
import { type LogLine, logParser } from './log-frames.ts';
import { ifThere } from './reads.ts';
import type { Requests } from './requests.ts';

/** Of what a command says, its last so many characters are kept. */
const SAID_LIMIT = 4_096;

/** The part of `Docker` that has a container do something itself, and lets it finish what it is at. */
export const drainWith = (requests: Requests): Pick<Docker, 'exec' | 'kill' | 'untilEnded'> => ({
  exec: async (id, argv, signal) => {
    const exec = await requests.exec(id, argv, signal);
    const output = await requests.startExec(exec, endOf, signal);
    const { ExitCode } = await requests.inspectExec(exec, signal);
    return { exitCode: ExitCode ?? undefined, said: output.trim() };
  },
  kill: async (id, name, signal) => {
    await requests.kill(id, name, signal);
  },
  untilEnded: async (id, signal) => {
    await ifThere(requests.wait(id, signal));
  },
});

/** Ends when the command does; reads all of it, however much that is, and keeps the end. */
async function endOf(stream: Readable): Promise<string> {
  const parser = logParser();
  let said = '';
  const take = (lines: readonly LogLine[]) => {
    for (const { text } of lines) said = `${said}${text}\n`.slice(-SAID_LIMIT);
  };
  for await (const chunk of stream) take(parser.push(chunk as Buffer));
  take(parser.end());
  return said;
}
