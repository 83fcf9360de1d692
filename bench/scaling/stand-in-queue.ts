import { createServer } from 'node:net';
import { now } from '../wall-clock.ts';

/** Answers as a Redis that holds one list, of as many items as it is told. */
export interface StandInQueue {
  readonly address: string;
  /** @returns when it was first asked after that, milliseconds since the epoch */
  readonly holds: (items: number) => Promise<number>;
  readonly close: () => void;
}

/** The watchdog asks each time over a connection of its own, and for nothing but the length. */
export async function standInQueue(): Promise<StandInQueue> {
  let items = 0;
  let asked: (at: number) => void = () => undefined;
  const server = createServer({ noDelay: true }, socket => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      // The instant of the sample: what comes after is the watchdog's own.
      asked(now());
      socket.write(`:${items}\r\n`);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    address: `redis://127.0.0.1:${port}/0#jobs`,
    holds: count =>
      new Promise(resolve => {
        items = count;
        asked = at => {
          asked = () => undefined;
          resolve(at);
        };
      }),
    close: () => void server.close(),
  };
}
