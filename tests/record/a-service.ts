import { NOTHING_SEEN, type Replica, type Service } from '../../watchdog/domain/service.ts';

export const aReplica = (changes: Partial<Replica> = {}): Replica => ({
  project: 'shop',
  service: 'web',
  id: 'c0ffee',
  name: 'shop-web-1',
  number: 1,
  image: 'web',
  state: 'running',
  health: 'none',
  exitCode: undefined,
  labels: {},
  networkParent: undefined,
  addresses: [],
  createdAt: 0,
  oneOff: false,
  publishesPorts: false,
  inspected: undefined,
  seen: NOTHING_SEEN,
  samples: [],
  ...changes,
});

/** One container for each argument; the first one names the service. */
export const aService = (...replicas: readonly Partial<Replica>[]): Service => ({
  project: replicas[0]?.project ?? 'shop',
  service: replicas[0]?.service ?? 'web',
  replicas: replicas.map(aReplica),
  dependencies: [],
});
