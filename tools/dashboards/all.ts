import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { autoRepair } from './auto-repair.ts';
import { scaling } from './scaling.ts';
import { watchdog } from './watchdog.ts';

/** By the name of its file in monitoring/grafana/dashboards. A new one is one file and one line here. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  'auto-repair.json': autoRepair,
  'scaling.json': scaling,
  'watchdog.json': watchdog,
};

/** As it stands in the file. */
export const textOf = (dashboard: Dashboard): string => `${JSON.stringify(dashboard, null, 2)}\n`;
