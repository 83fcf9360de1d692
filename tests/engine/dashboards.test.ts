import { rmSync } from 'node:fs';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DASHBOARDS } from '../../tools/dashboards/all.ts';
import { aDelivery } from '../fakes/a-delivery.ts';
import { type Receiver, startReceiver } from '../fakes/receiver.ts';
import { patientImage } from '../images/names.ts';
import { freePort } from './free-port.ts';
import { aProject, CHECK, type Project } from './harness.ts';
import { aPrometheus, type Prometheus, type Series, until } from './prometheus.ts';
import { aWatchdogProcess, type WatchdogProcess } from './watchdog-process.ts';

// Every question that the dashboards ask, asked of a real Prometheus that has scraped a real watchdog while it healed, failed,
// refused and gave up. A panel whose question has no answer then would be empty for everybody.

const yaml = (prometheus: string) => `
services:
  healed: { image: ${patientImage}, ${CHECK} }
  greedy: { image: ${patientImage}, mem_limit: 8m }
  hopeless:
    image: ${patientImage}
    restart: always
    # It also writes what counts as an error and is nobody's incident.
    entrypoint: ["sh", "-c", "echo 'MaxListenersExceededWarning: 11 listeners added'; exit 4"]
    # On a busy machine it takes longer to end than a repair has to last, and without this would pass for healed.
    healthcheck: { test: ["CMD", "false"], interval: 500ms, retries: 1 }
    labels: { auto_repair.max_attempts: 1 }
  growing:
    image: ${patientImage}
    labels: { auto_scale: "true", auto_scale.min: 2, auto_scale.max: 3, auto_scale.metric: cpu }
  prometheus: ${prometheus}
`;

interface Repair {
  readonly service: string;
  readonly outcome?: string;
}

let project: Project;
let prometheus: Prometheus;
let slack: Receiver;
let watchdog: WatchdogProcess;
let begun: number;

const repairsOf = async (service: string): Promise<readonly Repair[]> =>
  (await watchdog.list<Repair>('repairs')).filter(each => each.service === service);

beforeAll(async () => {
  const port = await freePort();
  prometheus = await aPrometheus(port);
  slack = await startReceiver();
  project = aProject(yaml(prometheus.service));
  begun = Date.now();
  watchdog = await aWatchdogProcess({
    WATCHDOG_PORT: String(port),
    WATCHDOG_PROJECTS: project.name,
    WATCHDOG_INTERVAL: '1s',
    WATCHDOG_SETTLE: '1s',
    SCALER_INTERVAL: '1s',
    WATCHDOG_BACKOFF_INITIAL: '1s',
    // What was healed is quiet for the rest of the test: it cools down, and its next illness stays.
    RESTART_COOLDOWN: '1h',
    SLACK_WEBHOOK_URL: slack.address,
  });
  await watchdog.start();
  await project.compose('up', '-d', '--wait', 'healed', 'greedy', 'growing', 'prometheus');
  await project.compose('up', '-d', 'hopeless');

  await scraped('the watchdog is scraped', 'service_health_status{service="healed",status="healthy"} == 1');
  // For a service that nobody knows: it is counted, and nothing comes of it.
  expect(await watchdog.post(aDelivery())).toMatchObject({ status: 202 });
  await project.exec('healed', 'patient', 'sick');
  await project.execLast('greedy', 'patient', 'eat');
  for (const service of ['healed', 'greedy'])
    await happened(`${service} is healed`, async () => (await repairsOf(service)).some(r => r.outcome === 'healed'));
  await project.exec('healed', 'patient', 'sick');
  await happened('a repair is refused', async () =>
    (await watchdog.decisions()).some(({ service, code }) => service === 'healed' && code === 'cooldown'),
  );
  await scraped('growing has grown to what it shall have at least', 'service_replicas{service="growing"} == 2');
  await happened('and that is over', async () =>
    (await watchdog.list<{ service: string; state: string }>('incidents')).some(
      ({ service, state }) => service === 'growing' && state === 'resolved',
    ),
  );
  await scraped('hopeless is given up', 'watchdog_incidents_escalated{service="hopeless"}');
});

afterAll(async () => {
  await watchdog?.close();
  await project?.tearDown();
  await slack?.close();
  rmSync(prometheus?.folder, { recursive: true, force: true });
});

const scraped = (what: string, query: string): Promise<readonly Series[]> =>
  until(what, async () => {
    const series = await prometheus.ask(query, begun);
    return series.length > 0 ? series : undefined;
  }).catch(error => {
    throw new Error(`${error.message}\n${watchdog.said.slice(-20).join('\n')}`);
  });

const happened = (what: string, probe: () => Promise<boolean>): Promise<true> =>
  until(what, async () => ((await probe()) ? true : undefined)).catch(error => {
    throw new Error(`${error.message}\n${watchdog.said.slice(-20).join('\n')}`);
  });

/** As Grafana does it: all services chosen, a window of ten scrapes, and the time shown that of the test. */
function asked(expr: string): string {
  const range = `${Math.ceil((Date.now() - begun) / 1_000)}s`;
  return expr
    .replaceAll('$__range', range)
    .replaceAll(/\$__(rate_)?interval/g, '10s')
    .replaceAll('$project', project.name)
    .replaceAll(/\$(service|instance)/g, '.*');
}

const panelsOf = ({ panels = [] }: Dashboard): Panel[] => panels.filter((each): each is Panel => each.type !== 'row');
const exprsOf = ({ targets = [] }: Panel) => targets.map(target => (target as unknown as { expr: string }).expr);

const questions = Object.entries(DASHBOARDS).flatMap(([file, dashboard]) => [
  ...panelsOf(dashboard).flatMap(panel =>
    exprsOf(panel).map((expr, index) => [`${file}: ${panel.title} ${index + 1}`, expr] as const),
  ),
  ...(dashboard.annotations?.list ?? []).map(({ name, expr = '' }) => [`${file}: the mark ${name}`, expr] as const),
]);

describe('a question of the dashboards has an answer:', () => {
  test.each(questions)('%s', async (what, expr) => {
    const series = await scraped(what, asked(expr));

    for (const { labels, value } of series) {
      expect(`${JSON.stringify(labels)} ${value}`).not.toContain('NaN');
      if (labels.project !== undefined) expect(labels.project).toBe(project.name);
    }
  });

  const choices = Object.entries(DASHBOARDS).flatMap(([file, { templating }]) =>
    (templating?.list ?? [])
      .filter(({ type }) => type === 'query')
      .map(({ name, query }) => [`${file}: ${name}`, String(query)] as const),
  );

  test.each(choices)('the choice %s', async (what, query) => {
    const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];

    const values = await until(what, async () => {
      const found = await prometheus.labelValues(asked(selector), label);
      return found.length > 0 ? found : undefined;
    });

    if (label === 'project') expect(values).toEqual([project.name]);
    if (label === 'service') expect(values).toEqual(['greedy', 'growing', 'healed', 'hopeless', 'prometheus']);
  });
});

const shownBy = async (file: string, title: string): Promise<number | undefined> => {
  const dashboard = DASHBOARDS[file];
  const panel = dashboard && panelsOf(dashboard).find(each => each.title === title);
  if (panel === undefined) throw new Error(`${file} has no panel ${title}`);
  const series = await prometheus.ask(asked(exprsOf(panel)[0] ?? ''), Date.now() - 1_000);
  return series[0]?.value;
};

describe('the answer is right:', () => {
  test('as many repairs as the watchdog says there were, the first of each service included', async () => {
    const endedNow = async () =>
      (await watchdog.list<Repair>('repairs')).filter(({ outcome }) => outcome !== undefined);

    const ended = await until('as many repairs are counted as there were', async () => {
      const [shown, there] = [await shownBy('auto-repair.json', 'Repairs'), await endedNow()];
      return shown === there.length ? there : undefined;
    });

    const healed = ended.filter(({ outcome }) => outcome === 'healed').length;
    expect(healed).toBeGreaterThan(0);
    expect(healed).toBeLessThan(ended.length);
    await until(`${healed} of ${ended.length} are a success`, async () => {
      const success = await shownBy('auto-repair.json', 'Success');
      return success !== undefined && Math.abs(success - healed / ended.length) < 0.05 ? true : undefined;
    });
  });

  test.each([
    ['Services in trouble', 2],
    ['Waiting for people', 1],
    ['Open incidents', 2],
  ])('%s: %d', async (title, expected) => {
    await until(`${title} is ${expected}`, async () =>
      (await shownBy('auto-repair.json', title)) === expected ? true : undefined,
    );
  });

  test('what is said of the process is said of the watchdog, and not of Prometheus, which has such metrics too', async () => {
    await until('both are of one scrape', async () => {
      const memory = await shownBy('watchdog.json', 'Memory');
      const [own] = await prometheus.ask('process_resident_memory_bytes{job="watchdog"}', Date.now() - 1_000);
      return memory !== undefined && memory === own?.value ? true : undefined;
    });
  });
});
