import type { QueueFill } from '../domain/queue-fill.ts';
import { type Family, familyText, labelsText } from './exposition.ts';

const HEALTHY: Family = {
  name: 'watchdog_healthy',
  type: 'gauge',
  help: 'What /healthz checks: 1 where all is well, 0 where something is wrong with the watchdog itself',
};
const FILL: Family = { name: 'watchdog_queue_fill', type: 'gauge', help: 'How much waits in the queue' };
const LIMIT: Family = { name: 'watchdog_queue_limit', type: 'gauge', help: 'How much may wait in the queue' };

export const checksText = (checks: Readonly<Record<string, string | undefined>>): string =>
  familyText(HEALTHY, series => {
    for (const [check, trouble] of Object.entries(checks)) series(labelsText({ check }), trouble === undefined ? 1 : 0);
  });

export const queuesText = (queues: readonly QueueFill[]): string =>
  [
    familyText(FILL, series => {
      for (const { queue, fill } of queues) series(labelsText({ queue }), fill);
    }),
    familyText(LIMIT, series => {
      for (const { queue, limit } of queues) series(labelsText({ queue }), limit);
    }),
  ].join('\n');
