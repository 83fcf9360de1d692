import type { QueueFill } from '../domain/queue-fill.ts';
import { type Family, familyOf, labelsText } from './exposition.ts';

const HEALTHY: Family = {
  name: 'watchdog_healthy',
  type: 'gauge',
  help: 'What /healthz checks: 1 where all is well, 0 where something is wrong with the watchdog itself',
};
const FILL: Family = { name: 'watchdog_queue_fill', type: 'gauge', help: 'How much waits in the queue' };
const LIMIT: Family = { name: 'watchdog_queue_limit', type: 'gauge', help: 'How much may wait in the queue' };

export const checksText = (checks: Readonly<Record<string, string | undefined>>): string =>
  familyOf(
    HEALTHY,
    Object.entries(checks),
    ([check]) => labelsText({ check }),
    ([, trouble]) => (trouble === undefined ? 1 : 0),
  );

export const queuesText = (queues: readonly QueueFill[]): string =>
  [familyOf(FILL, queues, ofQueue, ({ fill }) => fill), familyOf(LIMIT, queues, ofQueue, ({ limit }) => limit)].join(
    '\n',
  );

const ofQueue = ({ queue }: QueueFill): string => labelsText({ queue });
