import { metricName } from '../domain/scaling.ts';
import type { SizeNow } from '../domain/size.ts';
import { type Family, familyOf, familyText, labelsText } from './exposition.ts';

const DESIRED: Family = {
  name: 'service_replicas_desired',
  type: 'gauge',
  help: 'Replicas that a scaled service shall have now, after windows, rates and limits',
};
const RECOMMENDED: Family = {
  name: 'service_replicas_recommended',
  type: 'gauge',
  help: 'Replicas that the load of a scaled service asks for, before windows, rates and limits',
};
const MIN: Family = { name: 'service_replicas_min', type: 'gauge', help: 'Fewest replicas of a scaled service' };
const MAX: Family = { name: 'service_replicas_max', type: 'gauge', help: 'Most replicas of a scaled service' };
const QUEUE_DEPTH: Family = {
  name: 'service_queue_depth',
  type: 'gauge',
  help: 'Items in the Redis list that a scaled service follows, as last read',
};
const SIGNAL_UP: Family = {
  name: 'service_scaling_signal_up',
  type: 'gauge',
  help: 'Whether a signal that a scaled service follows could be read last: 1 yes, 0 no',
};

/** The sizes of all services that are scaled, asked at a scrape. */
export const sizesText = (sizes: readonly SizeNow[]): string =>
  [
    familyOf(DESIRED, sizes, ofService, ({ sizing }) => sizing.wanted),
    familyOf(RECOMMENDED, sizes, ofService, ({ recommendation }) => recommendation.replicas),
    familyOf(MIN, sizes, ofService, ({ scaling }) => scaling.min),
    familyOf(MAX, sizes, ofService, ({ scaling }) => scaling.max),
    familyText(QUEUE_DEPTH, series => {
      for (const { ref, scaling, elsewhere } of sizes)
        scaling.metrics.forEach(({ source }, at) => {
          const reading = elsewhere[at];
          if (source.kind !== 'queue' || reading?.kind !== 'number') return;
          series(labelsText({ ...ref, queue: source.queue.split('#')[1] ?? '' }), reading.value);
        });
    }),
    familyText(SIGNAL_UP, series => {
      for (const { ref, scaling, recommendation } of sizes)
        scaling.metrics.forEach(({ source }, at) => {
          const opinion = recommendation.opinions[at];
          // Two of one kind would be one series twice.
          const signal = scaling.metrics.length === 1 ? metricName(source) : `${at + 1} ${metricName(source)}`;
          series(labelsText({ ...ref, signal }), opinion?.value === undefined ? 0 : 1);
        });
    }),
  ].join('\n');

const ofService = ({ ref }: SizeNow): string => labelsText({ ...ref });
