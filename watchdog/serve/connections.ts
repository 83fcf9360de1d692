import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { ipKeyGenerator } from 'express-rate-limit';

/** How many connections may be open at once. */
export interface ConnectionLimits {
  readonly inAll: number;
  /** IPv6: of a /56 network. Behind a published port Docker may show all outside clients as one address. */
  readonly perAddress: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = { inAll: 256, perAddress: 64 };

/**
 * Bounds the connections of a server. Where there is no room left, the newcomer gets the place of the oldest connection
 * that does no work for a friend: `maxConnections` would turn newcomers away instead, and those who open connections and
 * say nothing could keep health checks and Alertmanager out for as long as they like.
 * @param isFriend whether a request that is under way is to be left alone
 */
export function boundConnections(
  server: Server,
  limits: ConnectionLimits,
  isFriend: (request: IncomingMessage) => boolean,
): void {
  const open = new Map<Socket, string>();
  const underWay = new WeakMap<Socket, IncomingMessage>();

  const isSpare = (socket: Socket): boolean => {
    const request = underWay.get(socket);
    return request === undefined || !isFriend(request);
  };
  const makeRoom = (from: string): boolean => {
    const [spare] = [...open].find(([socket, address]) => address === from && isSpare(socket)) ?? [];
    spare?.destroy();
    // Not when it says that it is closed: many newcomers can come before that.
    return spare !== undefined && open.delete(spare);
  };

  server.on('request', (request, response) => {
    underWay.set(request.socket, request);
    response.on('close', () => {
      if (underWay.get(request.socket) === request) underWay.delete(request.socket);
    });
  });
  server.on('connection', socket => {
    const address = ipKeyGenerator(socket.remoteAddress ?? '');
    const crowded = crowdedBy(address, [...open.values()], limits);
    if (crowded !== undefined && !makeRoom(crowded)) socket.destroy();
    else {
      open.set(socket, address);
      socket.on('close', () => open.delete(socket));
    }
  });
}

/** The address that has to give a connection back before this one may have another; undefined where there is room. */
function crowdedBy(newcomer: string, addresses: readonly string[], limits: ConnectionLimits): string | undefined {
  const counts = new Map<string, number>();
  for (const address of addresses) counts.set(address, (counts.get(address) ?? 0) + 1);
  if ((counts.get(newcomer) ?? 0) >= limits.perAddress) return newcomer;
  if (addresses.length < limits.inAll) return undefined;
  return [...counts].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}
