import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { prometheusImage } from '../images/names.ts';
import { freePort } from './free-port.ts';
import { DEADLINE } from './pulse.ts';

/** A line of an answer: its labels, and its newest value. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus that scrapes a watchdog of this machine, and itself, every second. */
export interface Prometheus {
  /** To be a service of the test's project, so that it goes when that goes. */
  readonly service: string;
  /** Where its configuration lies; remove it afterwards. */
  readonly folder: string;
  /** All lines that have data between then and now. Rejects with Prometheus' own words when it refuses the query. */
  readonly ask: (query: string, since: number) => Promise<readonly Series[]>;
  /** What `label_values(metric, label)` offers a reader of a dashboard. */
  readonly labelValues: (selector: string, label: string) => Promise<readonly string[]>;
}

export async function aPrometheus(watchdogPort: number): Promise<Prometheus> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'cwt-prometheus-'));
  // Its user is nobody.
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'prometheus.yml'), configuration(address, `127.0.0.1:${watchdogPort}`));
  const command = [
    '--config.file=/etc/prometheus/prometheus.yml',
    '--storage.tsdb.path=/prometheus',
    `--web.listen-address=${address}`,
  ];
  const asked = async (path: string, values: Record<string, string>): Promise<unknown> => {
    const response = await fetch(`http://${address}/api/v1/${path}?${new URLSearchParams(values)}`);
    const said = (await response.json()) as { status: string; error?: string; data: unknown };
    if (said.status !== 'success') throw new Error(`${said.error} in ${Object.values(values).join(' ')}`);
    return said.data;
  };
  return {
    folder,
    service: `{ image: ${prometheusImage}, network_mode: host, command: ${JSON.stringify(command)}, volumes: ["${folder}:/etc/prometheus:ro"] }`,
    ask: async (query, since) => {
      const seconds = { start: String(since / 1_000), end: String(Date.now() / 1_000), step: '2' };
      const data = (await asked('query_range', { query, ...seconds })) as Answer;
      return data.result.map(({ metric, values }) => ({ labels: metric, value: Number(values.at(-1)?.[1]) }));
    },
    labelValues: async (selector, label) =>
      (await asked(`label/${label}/values`, { 'match[]': selector })) as readonly string[],
  };
}

interface Answer {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values: readonly [number, string][];
  }[];
}

const configuration = (self: string, watchdog: string): string =>
  JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      { job_name: 'watchdog', static_configs: [{ targets: [watchdog] }] },
      { job_name: 'prometheus', static_configs: [{ targets: [self] }] },
    ],
  });

/** Asks again and again, for nothing tells when the next scrape has been: until there is something. @throws Error saying what was there instead */
export async function until<T>(what: string, probe: () => Promise<T | undefined>, deadline = DEADLINE): Promise<T> {
  const late = AbortSignal.timeout(deadline);
  let trouble = '';
  while (!late.aborted) {
    const seen = await probe().catch(error => {
      trouble = String(error);
      return undefined;
    });
    if (seen !== undefined) return seen;
    await pause(200);
  }
  throw new Error(`${what}: not within ${deadline / 1_000} s ${trouble}`);
}
