import type { Clock } from './adapters/clock.ts';
import type { Docker } from './adapters/docker/docker.ts';
import type { Logger } from './adapters/logger.ts';
import type { QueryNumber } from './adapters/prometheus-query.ts';
import type { ListLength } from './adapters/redis-list.ts';
import { readOnce } from './config/read-once.ts';
import { scalingIfAsked } from './config/scaling-for.ts';
import type { Settings } from './config/settings.ts';
import type { Scope } from './domain/decision.ts';
import type { Finding } from './domain/finding.ts';
import type { Service, ServiceRef } from './domain/service.ts';
import type { SizeMemory } from './domain/size.ts';
import { LoadSensor } from './observe/load-sensor.ts';
import { MetricReader } from './observe/metric-reader.ts';
import type { StackKeeper } from './observe/stack-keeper.ts';
import { Sizes } from './sizes.ts';

export interface ScalerParts {
  readonly settings: () => Settings;
  readonly stack: StackKeeper;
  readonly read: Pick<Docker, 'howMade'>;
  readonly ledger: SizeMemory;
  readonly scope: Scope;
  readonly queues: ListLength;
  /** Undefined while no Prometheus is known. */
  readonly query: () => QueryNumber | undefined;
  readonly isUnderRepair: (ref: ServiceRef) => boolean;
  readonly emit: (finding: Finding) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Joins what reads loads and what weighs them. Starts nothing. */
export function scaler(parts: ScalerParts): { readonly sizes: Sizes; readonly sensor: LoadSensor } {
  const { settings, stack, ledger, isUnderRepair, scope } = parts;
  const scalingIn = readOnce(
    () => [settings()],
    (ref, labels) => scalingIfAsked(settings(), ref, labels)?.scaling,
  );
  const scalingOf = (service: Service) => scalingIn(service, service.replicas[0]?.labels ?? {});
  const sizes = new Sizes({ stack, memory: ledger, isUnderRepair, scalingOf });
  const sensor = new LoadSensor({
    ...parts,
    scalingOf,
    reader: new MetricReader({ listLength: parts.queues, query: parts.query }),
    docker: parts.read,
    selfId: scope.selfId,
    weigh: (service, reading) => sizes.weigh(service, reading),
    passed: services => {
      sizes.keepOnly(services);
      sizes.save(parts.clock.now());
    },
    interval: () => settings().scalerInterval,
  });
  return { sizes, sensor };
}
