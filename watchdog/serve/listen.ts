import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { isFromFriend } from './authenticate.ts';
import { codeOf } from './code-of.ts';
import { boundConnections, CONNECTION_LIMITS, type ConnectionLimits } from './connections.ts';
import { createServer } from './node-http.ts';

/** A server that listens. */
export interface Listening {
  /** `http://127.0.0.1:8099`, with the port that was given where 0 was asked for. */
  readonly address: string;
  /** Takes no more requests, lets those under way finish (at most five seconds), then cuts what is left. */
  close(): Promise<void>;
}

/** The address cannot be listened on. The message says why and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const GRACE = 5_000;

/** What clients are allowed that are slow, or many; durations in milliseconds. */
export interface Tolerance extends ConnectionLimits {
  /** From the first byte, or the opening of the connection, to the end of the headers; answered with 408 after that. */
  readonly headersTimeout: number;
  /** To the end of the body. */
  readonly requestTimeout: number;
  /** How often Node looks for those who were too slow. */
  readonly connectionsCheckingInterval: number;
}

/** Without these, clients that send their requests byte by byte could hold every connection there is. */
const TOLERANCE: Tolerance = {
  ...CONNECTION_LIMITS,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
};

/** Serves the app. Throws `ListenError`. */
export async function listen(
  app: Express,
  at: { readonly host: string; readonly port: number },
  tolerance: Partial<Tolerance> = {},
): Promise<Listening> {
  const { inAll, perAddress, ...slowness } = { ...TOLERANCE, ...tolerance };
  const server = createServer({ ...slowness, keepAliveTimeout: 15_000 }, app);
  boundConnections(server, { inAll, perAddress }, isFromFriend);
  // What was under way while the server closes leaves its connection idle; nobody else would end it then.
  server.on('request', (_request, response) =>
    response.on('close', () => {
      if (!server.listening) server.closeIdleConnections();
    }),
  );
  server.listen(at.port, at.host);
  await once(server, 'listening').catch(error => {
    throw listenError(error, at);
  });
  return {
    address: urlOf(server.address() as AddressInfo),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      const cut = setTimeout(() => server.closeAllConnections(), GRACE);
      await closed;
      clearTimeout(cut);
    },
  };
}

const urlOf = ({ address, port, family }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already; stop it or choose another WATCHDOG_PORT',
  EADDRNOTAVAIL: 'this machine has no such address; correct WATCHDOG_HOST',
  ENOTFOUND: 'this name has no address; correct WATCHDOG_HOST',
  EACCES: 'this user may not use that port; choose a WATCHDOG_PORT above 1023',
};

function listenError(error: unknown, { host, port }: { host: string; port: number }): ListenError {
  const code = codeOf(error);
  return new ListenError(`cannot listen on ${host}:${port} (${code}): ${REMEDIES[code] ?? String(error)}`, {
    cause: error,
  });
}
