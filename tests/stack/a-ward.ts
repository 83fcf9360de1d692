import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { renderRules } from '../../tools/render-rules.ts';
import { cacheFolder, projectFolder } from '../../tools/setup/places.ts';
import { type Stack, theStack } from '../engine/the-stack.ts';
import { wardImage } from '../images/names.ts';

/** The stack as people run it, with services that break in earnest (services.yaml). */
export interface Ward extends Stack {
  /** Makes the trouble of app.py in that service. */
  readonly trouble: (service: string, trouble: string) => Promise<void>;
  /** On 127.0.0.1, `http://127.0.0.1:32770`. */
  readonly addressOf: (service: string, port: number) => Promise<string>;
  readonly token: () => Promise<string>;
  /** With Prometheus last, so that no alert is about services that have not been started yet. */
  readonly bringUp: () => Promise<void>;
}

/**
 * A fiftieth of the rules' `for`, so that ten minutes are twelve seconds (docs/alerts.md, "For tests in a hurry"). The ranges in
 * their expressions stay as they are.
 */
const FOR_SCALE = 0.02;

const ENVIRONMENT = {
  WATCHDOG_INTERVAL: '2',
  // Much longer than Alertmanager waits before it tells people (30 s): every incident is told of, and none just so.
  WATCHDOG_SETTLE: '60s',
  // The same for what was stopped by hand.
  WATCHDOG_STOP_GRACE: '100s',
  SLACK_WEBHOOK_URL: 'http://people:8000/slack',
  PAGERDUTY_ROUTING_KEY: '0123456789abcdef0123456789abcdef',
  WATCHDOG_PAGERDUTY_URL: 'http://people:8000/pagerduty',
};

/** Nothing is up yet. `tearDown` it whatever happens. */
export async function aWard(): Promise<Ward> {
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, 'ward-'));
  const stack = theStack({
    files: ['compose.yaml', '../tests/stack/services.yaml'],
    env: { ...ENVIRONMENT, WARD_IMAGE: wardImage, WARD: join(import.meta.dirname, 'ward'), WARD_FILES: folder },
  });
  await writeFiles(folder, stack.name);
  return {
    ...stack,
    trouble: async (service, trouble) => {
      const answer = await stack.exec(
        service,
        'wget',
        '-q',
        '-O',
        '-',
        '--post-data=',
        `127.0.0.1:8000/trouble/${trouble}`,
      );
      if (answer !== trouble) throw new Error(`${service} was asked for ${trouble} and answered ${answer}`);
    },
    addressOf: async (service, port) => {
      const { Ports } = (await stack.container(service)).NetworkSettings;
      return `http://127.0.0.1:${Ports[`${port}/tcp`]?.[0]?.HostPort}`;
    },
    token: () => stack.exec('watchdog', 'watchdog', 'token'),
    bringUp: async () => {
      await stack.compose(['up', '-d', '--no-build', '--scale', 'prometheus=0']);
      await stack.untilHealthy('postgres', 'watchdog', 'alertmanager');
      await stack.compose(['up', '-d', '--no-build', 'prometheus']);
    },
    tearDown: async () => {
      await stack.tearDown();
      await rm(folder, { recursive: true });
    },
  };
}

/** What the containers have mounted. */
async function writeFiles(folder: string, project: string): Promise<void> {
  await renderRules(join(folder, 'alerts'), FOR_SCALE);
  const files = {
    'prometheus.yml': await quickPrometheus(),
    'user/ward.scrape.yml': stringify(scrapeConfigs(project)),
    'user/ward.rules.yml': stringify(userRules),
    'watchdog/watchdog.yml': stringify(watchdogConfig),
    'watchdog/playbooks/fresh-start.yml': stringify(freshStart),
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  // Prometheus is user nobody.
  await chmod(folder, 0o755);
}

/** Ours, asking every second. */
async function quickPrometheus(): Promise<string> {
  const ours = parse(await readFile(join(projectFolder, 'monitoring', 'prometheus', 'prometheus.yml'), 'utf8'));
  const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  return stringify({ ...ours, global });
}

/** As a user writes it by monitoring/prometheus/user/README.md: the exporters' own names, and who is who as labels of the targets. */
function scrapeConfigs(project: string) {
  const job = (name: string, target: string, labels: Record<string, string>, more: object = {}) => ({
    job_name: name,
    static_configs: [{ targets: [target], labels: { project, ...labels } }],
    ...more,
  });
  const queue = (name: string, workers: string) =>
    job(
      `queue-${name}`,
      'exporter:8000',
      { service: 'queue', repair_service: workers },
      {
        metrics_path: '/queue',
        params: { name: [name] },
        scrape_interval: '2s',
        scrape_timeout: '2s',
      },
    );
  const shop = ['storefront', 'till', 'bell', 'drawer'].map(service => job(service, `${service}:8000`, { service }));
  return {
    scrape_configs: [
      ...shop,
      job(
        'database',
        'exporter:8000',
        { service: 'postgres', repair_service: 'orders' },
        { metrics_path: '/database' },
      ),
      queue('mails', 'postman'),
      queue('reports', 'reporter'),
      job(
        'probe',
        'exporter:8000',
        { service: 'door', instance: 'http://door:8000/' },
        {
          metrics_path: '/probe',
          params: { target: ['http://door:8000/'] },
          // An answer that is only late is none that is wrong: on a busy machine it may take seconds.
          scrape_interval: '10s',
          scrape_timeout: '10s',
        },
      ),
    ],
  };
}

/** The mapping of an exporter of one's own, as the head of rules/alerts/mapping.yml says, and an alert of one's own. */
const userRules = {
  groups: [
    {
      name: 'shop',
      rules: [
        {
          record: 'service:http_error_ratio:rate5m',
          expr: 'sum by (project, service) (rate(shop_http_requests_total{code=~"5.."}[5m])) / sum by (project, service) (rate(shop_http_requests_total[5m]))',
          labels: { exporter: 'shop' },
        },
        {
          alert: 'ShopOrdersStuck',
          expr: 'max by (project, service) (shop_orders_stuck) == 1',
          for: '2s',
          labels: { severity: 'warning', auto_repair: 'true', repair: 'playbook:fresh-start' },
          annotations: {
            summary: '{{ $labels.project }}/{{ $labels.service }} leaves orders waiting',
            description: 'The process that takes orders has hung before. The watchdog restarts it.',
          },
        },
      ],
    },
  ],
};

const watchdogConfig = {
  disk: {
    paths: ['/watched'],
    // The engine is shared: what others built on it stays.
    cleanup: { build_cache: false, dangling_images: false, log_paths: ['/watched'] },
  },
  playbooks: { folders: ['playbooks'] },
};

const freshStart = {
  name: 'fresh-start',
  condition: 'alerting',
  why: 'Orders that hang go on only in a new process.',
  ladder: [{ strategy: 'clean-restart' }],
};
