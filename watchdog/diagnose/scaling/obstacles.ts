import type { Making, PublishedPort } from '../../domain/making.ts';
import { replicasInWords, type Scaling } from '../../domain/scaling.ts';

/** Why a service cannot have several replicas; the closed list, in the order in which it is told. */
export const OBSTACLE_CODES = [
  'ourselves',
  'one-shot',
  'own-name',
  'host-port',
  'few-ports',
  'static-address',
  'shared-network',
  'shared-storage',
] as const;

export type ObstacleCode = (typeof OBSTACLE_CODES)[number];

export interface Obstacle {
  readonly code: ObstacleCode;
  /** One sentence for people: what is in the way, and what to change. */
  readonly because: string;
}

type Check = (making: Making, scaling: Scaling) => string | undefined;

const CHECKS: Readonly<Record<ObstacleCode, Check>> = {
  ourselves: ({ ourselves }) => (ourselves ? 'this is the watchdog itself; one of it is enough' : undefined),

  'one-shot': ({ oneShot }) => (oneShot ? 'it is meant to finish; more of it would only do its work again' : undefined),

  'own-name': ({ ownName }) =>
    ownName === undefined
      ? undefined
      : `container_name: ${ownName} fixes its name, and no two containers can bear it; remove container_name`,

  'host-port': ({ published }) => {
    const fixed = published.filter(({ host }) => rangeOf(host)?.size === 1);
    return fixed.length === 0
      ? undefined
      : `it publishes ${fixed.map(inWords).join(', ')}, and no two containers can have one port of the host; ` +
          'publish a range, such as 8080-8089:80, or let a proxy in front of it publish the port';
  },

  'few-ports': ({ published }, { max }) => {
    const narrow = published.find(({ host }) => {
      const size = rangeOf(host)?.size ?? Number.POSITIVE_INFINITY;
      return size > 1 && size < max;
    });
    return narrow === undefined
      ? undefined
      : `${inWords(narrow)} has ports for ${replicasInWords(rangeOf(narrow.host)?.size ?? 0)} only, and its max is ${max}; ` +
          'publish a wider range, or lower the max';
  },

  'static-address': ({ staticAddresses }) =>
    staticAddresses.length === 0
      ? undefined
      : `its address is fixed to ${staticAddresses.join(', ')}, and no two containers can have it; remove ipv4_address and ipv6_address`,

  'shared-network': ({ sharedNetwork, exposes }) =>
    sharedNetwork === undefined || exposes.length === 0
      ? undefined
      : `it listens on ${exposes.join(', ')} in the network of ${sharedNetwork === 'host' ? 'the host' : sharedNetwork}, ` +
        'where only one can; give it a network of its own',

  'shared-storage': ({ image, mounts }, { sharedStorage }) => {
    const database = databaseOf(image);
    const shared = mounts.find(({ type, anonymous, writable }) => writable && !anonymous && type !== 'tmpfs');
    if (sharedStorage || database === undefined || shared === undefined) return undefined;
    return (
      `several ${database} would write to the same ${shared.type === 'volume' ? 'volume' : 'folder'}, ${shared.source}, ` +
      'and destroy it; if this one is made for that, set shared_storage: true'
    );
  },
};

/**
 * All that stands against scaling this service, in plain words; nothing when nothing does. Pure: whoever asks has looked at
 * one of its containers.
 */
export const obstaclesTo = (making: Making, scaling: Scaling): readonly Obstacle[] =>
  OBSTACLE_CODES.flatMap(code => {
    const because = CHECKS[code](making, scaling);
    return because === undefined ? [] : [{ code, because }];
  });

/** `0` and nothing mean that the engine chooses (Engine API, `PortBinding.HostPort`). */
function rangeOf(host: string): { readonly size: number } | undefined {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(host) ?? [];
  if (from === undefined || Number(from) === 0) return undefined;
  return { size: Number(to) - Number(from) + 1 };
}

const inWords = ({ host, container }: PublishedPort): string => `${host}:${container.replace('/tcp', '')}`;

/**
 * Images whose data must not be written to by two of them, by the last part of their name: those that Docker's official
 * images, Bitnami and the makers use. A list of what is known cannot be whole; it is there for the common accident.
 */
const DATABASES: ReadonlySet<string> = new Set([
  'cassandra',
  'clickhouse-server',
  'couchbase',
  'couchdb',
  'elasticsearch',
  'etcd',
  'influxdb',
  'kafka',
  'mariadb',
  'minio',
  'mongo',
  'mongodb',
  'mysql',
  'mysql-server',
  'neo4j',
  'opensearch',
  'percona',
  'pgvector',
  'postgis',
  'postgres',
  'postgresql',
  'prometheus',
  'rabbitmq',
  'redis',
  'redis-stack-server',
  'scylla',
  'timescaledb',
  'valkey',
  'victoria-metrics',
  'zookeeper',
]);

/** `postgres` for `registry.example:5000/library/postgres:16@sha256:...`. */
function databaseOf(image: string): string | undefined {
  const [named = ''] = image.split('@', 1);
  const name = (named.split('/').at(-1) ?? '').split(':', 1)[0] ?? '';
  return DATABASES.has(name) ? name : undefined;
}
