import type { PublishedPort } from './making.ts';
import { clash, type HostPort } from './somebody.ts';

/** By name: `decide` and the playbooks know it as something that a service has to allow (`Policy.alternativePort`). */
export const FIND_ALTERNATIVE_PORT = 'find-alternative-port';

/** Ports from `first` to `last`, both meant. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Which ports of the host stand in for a taken one, for what listens on one of these inside of its container. */
export interface Alternatives {
  readonly inside: readonly number[];
  readonly range: PortRange;
}

/** What a container of a service listens on is published on another port of the host. */
export interface PortMove {
  /** `80/tcp`, inside of the container. */
  readonly container: string;
  /** The ports of the host. */
  readonly from: number;
  readonly to: number;
}

/** A port of the host that a container asks for by its number. */
export interface FixedPort extends HostPort {
  /** `80/tcp`, inside of the container. */
  readonly container: string;
}

/** Without those of which the engine may choose, and without ranges, of which any will do. */
export const fixedPorts = (published: readonly PublishedPort[]): readonly FixedPort[] =>
  published.flatMap(({ container, host, address = '' }) => {
    const port = Number(host);
    return port > 0 ? [{ container, address, port, protocol: container.split('/')[1] ?? 'tcp' }] : [];
  });

export const rangeInWords = ({ first, last }: PortRange): string => (first === last ? `${first}` : `${first}-${last}`);

/**
 * Where the ports go that others have: each to the first one of its range that nobody has, neither another container nor this one
 * itself. A port that is asked for under several addresses stays one.
 * @param taken what others have; empty where the address is not known
 * @param alternatives by name; of several for the same port inside the first counts
 * @returns an empty list where nothing is taken
 * @throws Error, with a sentence for people, where a port has no range, or its range is used up
 */
export function movesFor(
  fixed: readonly FixedPort[],
  taken: readonly HostPort[],
  alternatives: Readonly<Record<string, Alternatives>>,
): readonly PortMove[] {
  const moves: PortMove[] = [];
  const inUse: HostPort[] = [...taken, ...fixed];
  for (const asked of Map.groupBy(fixed, ({ container, port }) => `${port} ${container}`).values()) {
    const { container, port } = asked[0] as FixedPort;
    if (!asked.some(one => taken.some(other => clash(one, other)))) continue;
    const range = rangeFor(container, alternatives);
    const to = portsIn(range).find(
      each => !asked.some(one => inUse.some(other => clash({ ...one, port: each }, other))),
    );
    if (to === undefined)
      throw new Error(
        `no port of ${rangeInWords(range)} is free for ${container} in place of ${port}; free one, or widen the range under ports in watchdog.yml`,
      );
    moves.push({ container, from: port, to });
    inUse.push(...asked.map(one => ({ ...one, port: to })));
  }
  return moves;
}

function rangeFor(container: string, alternatives: Readonly<Record<string, Alternatives>>): PortRange {
  const found = Object.values(alternatives).find(({ inside }) => inside.includes(Number.parseInt(container, 10)));
  if (found !== undefined) return found.range;
  throw new Error(`there is no range of other ports for ${container}; name one under ports in watchdog.yml`);
}

const portsIn = ({ first, last }: PortRange): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
