import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection to a server, for what no proper client would send. */
export async function dial(address: string, localAddress?: string): Promise<Socket> {
  const { hostname, port } = new URL(address);
  const socket = connect({ host: hostname, port: Number(port), ...(localAddress && { localAddress }) });
  // The server may cut it at any time; whoever cares listens for `close`.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sends these bytes as they are. @returns all that came back until the server closed the connection */
export async function say(address: string, bytes: string): Promise<string> {
  const socket = await dial(address);
  let said = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    said += chunk;
  });
  const closed = new Promise(resolve => socket.on('close', resolve));
  socket.end(Buffer.from(bytes, 'latin1'));
  await closed;
  return said;
}

/** The statuses of all answers in what came back. */
export const statusesIn = (said: string): number[] =>
  [...said.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));

/** A request in HTTP/1.1, with `Host` where nobody says otherwise. */
export const aRequest = (line: string, headers: readonly string[] = [], body = ''): string =>
  [
    `${line} HTTP/1.1`,
    ...(headers.some(header => /^host:/i.test(header)) ? [] : ['Host: watchdog']),
    ...headers,
    '',
    body,
  ].join('\r\n');
