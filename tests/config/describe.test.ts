import { describe, expect, test } from '@jest/globals';
import { describeProblems, describeSettings, policyInWords, settingsInForce } from '../../watchdog/config/describe.ts';
import { loadSettings } from '../../watchdog/config/load-settings.ts';
import { policyFor } from '../../watchdog/config/policy-for.ts';

const yaml = `
policy: { window: 2h }
services: { web: { cooldown: 1m, playbook: { exited: revive } } }
playbooks: { use: { dead: rebuild } }
maintenance: [{ days: [sat], from: 22:00, to: 24:00, zone: UTC, reason: backup }]
notify: { report: { at: "8:05" } }
`;
const { settings, problems } = loadSettings({
  env: {
    WATCHDOG_INTERVAL: '5',
    WATCHDOG_TOKEN: 'a-long-s3cret-word',
    WATCHDOG_ACT_HOST: 'tcp://me:s3cret@proxy:2375',
    ALERTMANAGER_URL: 'http://me:s3cret@alertmanager:9093',
    SLACK_WEBHOOK_URL: 'https://hooks.example/s3cret',
    WATCHDOG_HEARTBEAT_URL: 'https://beat.example/s3cret',
  },
  readFile: () => yaml,
  inContainer: true,
});
const lines = settingsInForce(settings);

describe('watchdog check', () => {
  test.each([
    ['WATCHDOG_INTERVAL', '5s', 'env WATCHDOG_INTERVAL'],
    ['WATCHDOG_STORM_LIMIT', '60 per 10m', 'default'],
    ['WATCHDOG_TOKEN', '(set)', 'env WATCHDOG_TOKEN'],
    ['WATCHDOG_ACT_HOST', 'tcp://***@proxy:2375', 'env WATCHDOG_ACT_HOST'],
    ['ALERTMANAGER_URL', 'http://***@alertmanager:9093', 'env ALERTMANAGER_URL'],
    ['SLACK_WEBHOOK_URL', '(set; only for the daily report while ALERTMANAGER_URL is set)', 'env SLACK_WEBHOOK_URL'],
    ['PAGERDUTY_ROUTING_KEY', '(not set)', 'default'],
    ['WATCHDOG_HEARTBEAT_URL', '(set)', 'env WATCHDOG_HEARTBEAT_URL'],
    ['policy.enabled', 'true', 'default'],
    ['policy.cooldown', '5m', 'default'],
    ['policy.window', '2h', 'watchdog.yml:2'],
    ['policy.backoff_initial', '10s', 'default'],
    ['policy.backoff_factor', '2', 'default'],
    ['policy.backoff_max', '5m', 'default'],
    ['policy.stop_timeout', '(not set)', 'default'],
    ['policy.depends_on', '(not set)', 'default'],
    ['services.web.cooldown', '1m', 'watchdog.yml:3'],
    ['services.web.playbook.exited', 'revive', 'watchdog.yml:3'],
    ['playbooks.use.dead', 'rebuild', 'watchdog.yml:4'],
    ['maintenance', 'sat 22:00-24:00 UTC, all services: backup', 'watchdog.yml:5'],
    ['queues.hosts', '(not set)', 'default'],
    ['notify.report.at', '08:05', 'watchdog.yml:6'],
    ['notify.report.zone', 'UTC', 'default'],
    ['retention.keep', '30d', 'default'],
    ['retention.max_size', '256mb', 'default'],
  ])('says that %s is %s (%s)', (name, value, origin) => {
    expect(problems).toEqual([]);
    expect(lines.filter(line => line.name === name)).toEqual([{ name, value, origin }]);
  });

  test('says nothing of what a service does not set', () => {
    expect(lines.filter(line => line.name.startsWith('services.'))).toHaveLength(2);
  });

  test('never shows a secret', () => {
    expect(describeSettings(lines)).not.toContain('s3cret');
  });

  test('aligns its columns', () => {
    const text = describeSettings([
      { name: 'a', value: 'long', origin: 'default' },
      { name: 'bcd', value: 'x', origin: 'env B' },
    ]);

    expect(text).toBe('a    long  default\nbcd  x     env B');
  });

  test('says of a service what is in force and why', () => {
    const inForce = policyFor(settings, { project: 'shop', service: 'web' }, { 'auto_repair.critical': 'yes' });

    expect(policyInWords(inForce)).toEqual(
      expect.arrayContaining([
        { name: 'cooldown', value: '1m', origin: 'watchdog.yml:3' },
        { name: 'critical', value: 'true', origin: 'label auto_repair.critical' },
        { name: 'settle', value: '10s', origin: 'default' },
        { name: 'playbook.exited', value: 'revive', origin: 'watchdog.yml:3' },
        { name: 'playbook.dead', value: 'rebuild', origin: 'watchdog.yml:4' },
      ]),
    );
  });

  test('says of each problem the place, what was found, what was expected, and what to do', () => {
    const bad = loadSettings({
      env: { WATCHDOG_PORT: 'x', RESTART_COOLDOWN: 'y' },
      readFile: () => '',
      inContainer: true,
    });

    expect(describeProblems(bad.problems)).toBe(
      'env WATCHDOG_PORT: found "x", expected a whole number from 1 to 65535. Correct the value, or remove the variable to get the default.\n' +
        'env RESTART_COOLDOWN: found "y", expected a duration such as 30s, 5m, 1h30m or bare seconds, at most 7d. Correct the value, or remove the variable to get the default.',
    );
  });
});
