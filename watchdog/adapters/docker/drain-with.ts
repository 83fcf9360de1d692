import type { Readable } from 'node:stream';
import type { Docker } from './docker.ts';
import { ifThere } from './reads.ts';
import type { Requests } from './requests.ts';

/** Of what a command says, its last so many characters are of use to people. */
const SAID_LIMIT = 200;
/** Of its output no more than this is kept while it runs. */
const OUTPUT_LIMIT = 65_536;
/** Stream (1 byte), three zeros, length (4 bytes, big endian), then so many bytes (Engine API, ContainerAttach). */
const FRAME_HEADER = 8;

/** The part of `Docker` that lets a container finish what it is at. */
export const drainWith = (requests: Requests): Pick<Docker, 'exec' | 'kill' | 'untilEnded'> => ({
  exec: async (id, argv, signal) => {
    const exec = await requests.exec(id, argv, signal);
    const output = await requests.startExec(exec, stream => textFrom(stream), signal);
    const { ExitCode } = await requests.inspectExec(exec, signal);
    return { exitCode: ExitCode ?? undefined, said: output.trim().slice(-SAID_LIMIT) };
  },
  kill: async (id, name, signal) => {
    await requests.kill(id, name, signal);
  },
  untilEnded: async (id, signal) => {
    await ifThere(requests.wait(id, signal));
  },
});

/** Ends when the command does. */
async function textFrom(stream: Readable): Promise<string> {
  let kept = Buffer.alloc(0);
  for await (const chunk of stream) kept = Buffer.concat([kept, chunk as Buffer]).subarray(0, OUTPUT_LIMIT);
  const said: Buffer[] = [];
  for (let at = 0; at + FRAME_HEADER <= kept.length; ) {
    const end = at + FRAME_HEADER + kept.readUInt32BE(at + 4);
    said.push(kept.subarray(at + FRAME_HEADER, end));
    at = end;
  }
  return Buffer.concat(said).toString('utf8');
}
