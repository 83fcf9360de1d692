import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ALL_CONDITIONS } from '../../watchdog/domain/condition.ts';
import { createMetrics } from '../../watchdog/record/metrics.ts';
import { builtInStrategies } from '../../watchdog/repair/strategies.ts';
import { tableIn } from '../markdown.ts';
import { aService } from '../record/a-service.ts';
import { alertRules, metricsIn, recordedNames, testGroups } from './alert-files.ts';

const everyAlert = alertRules.map(rule => [rule.alert, rule] as const);
/** Fires always by intent, so there is no `just below` and no end. */
const endless = ['HeartbeatAlways'];

test('there are at least 24 alerts, each with a name of its own', () => {
  expect(alertRules.length).toBeGreaterThanOrEqual(24);
  expect(new Set(alertRules.map(({ alert }) => alert)).size).toBe(alertRules.length);
});

test.each([
  ['ContainerUnhealthy', '2m', '"unhealthy"', 'restart'],
  ['ContainerDown', '1m', 'service_replicas_down', 'start'],
  ['ContainerRestarting', '5m', '> 0.1', 'playbook:restarting'],
  ['HighMemoryUsage', '5m', '> 0.9', 'restart'],
  ['HighCPUUsage', '10m', '> 0.9', 'restart'],
  ['DiskSpaceLow', '5m', '< 0.1', 'cleanup'],
  ['HighErrorRate', '5m', '> 0.1', 'restart'],
  ['DatabaseConnectionsHigh', '5m', '> 80', 'restart'],
  ['CeleryQueueBacklog', '10m', '> 1000', 'scale'],
  ['CeleryWorkerDown', '2m', '== 0', 'start'],
  ['WatchdogDown', '2m', 'up{job="watchdog"}', 'none'],
  ['TooManyRepairAttempts', '5m', '> 10', 'none'],
])('%s fires after %s of %s and asks for %s: people were promised that', (name, lasting, threshold, repair) => {
  const rule = alertRules.find(({ alert }) => alert === name);

  expect(rule).toMatchObject({ for: lasting, labels: { repair } });
  expect(rule?.expr).toContain(threshold);
});

describe.each(everyAlert)('%s', (name, { labels, annotations, expr }) => {
  test('says how bad it is, whether the watchdog is to act, and how', () => {
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(labels.auto_repair).toBe(labels.repair === 'none' ? 'false' : 'true');
  });

  test('asks for a strategy or playbook that there is', () => {
    const strategies = builtInStrategies({} as never).map(strategy => strategy.name);
    const playbooks = globSync('*.yml', { cwd: 'rules/playbooks' }).map(file => `playbook:${file.replace('.yml', '')}`);

    // `scale` and `cleanup` act on a service as a whole and on the host, so they are not among the strategies for a container.
    expect([...strategies, ...playbooks, 'scale', 'cleanup', 'none']).toContain(labels.repair);
    if (labels.condition !== undefined) expect(ALL_CONDITIONS).toContain(labels.condition);
  });

  test('tells people what is broken, what it means and where to read on', () => {
    expect(annotations.summary).toMatch(/^.{10,140}$/);
    expect(annotations.description).toMatch(/\. .*\.$/);
    expect(annotations.description).toMatch(/watchdog/i);
    expect(annotations.runbook_url).toBe(`docs/runbooks/${name}.md`);
    const runbook = existsSync(`docs/runbooks/${name}.md`) ? readFileSync(`docs/runbooks/${name}.md`, 'utf8') : '';
    expect(runbook.match(/^##? .*$/gm)).toEqual([
      `# ${name}`,
      '## Impact',
      '## What the watchdog does',
      '## What you do',
    ]);
  });

  test('is tested by promtool: it fires, does not just below, and resolves', () => {
    const tests = testGroups
      .map(group => group.alert_rule_test.filter(({ alertname }) => alertname === name))
      .map(group => group.map(({ exp_alerts }) => exp_alerts.length > 0));
    const fires = (results: readonly boolean[]) => results.includes(true);
    const resolves = (results: readonly boolean[]) => fires(results) && results.at(-1) === false;
    const staysQuiet = (results: readonly boolean[]) => results.length > 0 && !fires(results);

    expect(tests.some(fires)).toBe(true);
    expect(tests.some(resolves)).toBe(!endless.includes(name));
    expect(tests.some(staysQuiet)).toBe(!endless.includes(name));
  });

  test('names project and service, or the path of a disk, where the watchdog is to repair it', () => {
    const seen = testGroups
      .flatMap(group => group.alert_rule_test)
      .filter(({ alertname }) => alertname === name)
      .flatMap(({ exp_alerts }) => exp_alerts.map(({ exp_labels }) => exp_labels));

    if (labels.auto_repair === 'true')
      expect(seen.some(({ project, service, path }) => (project && service) || path)).toBe(true);
  });

  test('reads only what the watchdog exports or mapping.yml records', async () => {
    const read = metricsIn(expr).filter(metric => !recordedNames.includes(metric) && metric !== 'up');

    expect(await exportedNames()).toEqual(expect.arrayContaining([...read]));
  });
});

test('names of metrics are read out of expressions as Prometheus reads them', () => {
  expect(
    metricsIn('max by (a) (x_total{b="c"}) / on (d) rate(y:z[5m] offset 1m) > time() - 3e2 unless up == bool 1'),
  ).toEqual(['x_total', 'y:z', 'up']);
});

test('the table of runbooks says of every alert what its rule says', () => {
  const said = tableIn('docs/runbooks/README.md', 'alert');

  expect(said).toEqual(
    alertRulesInOrder(said.map(row => row.alert ?? '')).map(rule => ({
      alert: `[${rule.alert}](${rule.alert}.md)`,
      severity: rule.labels.severity,
      for: rule.for ?? 'at once',
      repair: rule.labels.repair === 'none' ? '' : `\`${rule.labels.repair}\``,
    })),
  );
  expect(said).toHaveLength(alertRules.length);
});

const alertRulesInOrder = (links: readonly string[]) =>
  links.flatMap(link => alertRules.filter(({ alert }) => link.startsWith(`[${alert}]`)));

/** Every family of a real page, and what a histogram adds to its name. */
async function exportedNames(): Promise<readonly string[]> {
  const metrics = createMetrics({ version: '0' });
  metrics.mirror({
    services: () => [aService({})],
    openIncidents: () => [],
    limits: () => [],
    measuredSince: () => 0,
    disks: () => [],
    memory: () => undefined,
    sizes: () => [],
    dockerDisk: () => ({}),
    checks: () => ({}),
    queues: () => [],
  });
  const page = await metrics.metrics();
  return [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
}
