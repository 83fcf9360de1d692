import type { ServiceRef } from './service.ts';

/** A container, whosever it is. */
export interface Somebody {
  readonly id: string;
  readonly name: string;
  /** Undefined where it is not Compose's. */
  readonly owner: ServiceRef | undefined;
}

/** A container that holds ports of the host. */
export interface Publisher extends Somebody {
  readonly ports: readonly HostPort[];
}

/** A port of the host. */
export interface HostPort {
  /** `0.0.0.0` and `::` stand for all of their kind, an empty one for all. */
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
}

/** Whether nobody can have the one while somebody else has the other. */
export const clash = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (covers(a.address, b.address) || covers(b.address, a.address));

const covers = (address: string, other: string): boolean => {
  if (address === '' || address === other) return true;
  const isSixth = other.includes(':');
  return address === (isSixth ? '::' : '0.0.0.0');
};
