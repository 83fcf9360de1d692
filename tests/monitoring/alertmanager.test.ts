import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type CommandResult, command, tryCommand } from '../../tools/setup/command.ts';
import { ensureCheckers } from '../../tools/setup/ensure-checkers.ts';

const SLACK = 'https://hooks.example/T0/B0/slack-secret';
const PAGERDUTY = 'pagerduty-secret';
const HEARTBEAT = 'https://beat.example/heartbeat-secret';
const TOKEN = { WATCHDOG_TOKEN: 'a-token-of-sixteen' };
const ALL_KEYS = {
  ...TOKEN,
  SLACK_WEBHOOK_URL: SLACK,
  PAGERDUTY_ROUTING_KEY: PAGERDUTY,
  ALERTMANAGER_HEARTBEAT_URL: HEARTBEAT,
};

let amtool: string;
let folder: string;
beforeAll(async () => {
  ({ amtool } = await ensureCheckers());
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cw-alertmanager-'));
  cpSync('monitoring/alertmanager', join(folder, 'etc'), { recursive: true });
  // Stands for the real one: says how it was called.
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'alertmanager'), '#!/bin/sh\necho "called with: $*"\n');
  chmodSync(join(folder, 'bin', 'alertmanager'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = () => join(folder, 'run');
const rendered = () => join(run(), 'alertmanager.yml');

/** Runs start.sh with these variables and nothing else of our environment. */
const start = (env: Readonly<Record<string, string>>): Promise<CommandResult> =>
  tryCommand(['sh', join(folder, 'etc', 'start.sh'), '--storage.path=/alertmanager'], {
    env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, ALERTMANAGER_RUN: run(), ...env },
  });

/** The receivers of an alert with these labels, as Alertmanager itself finds them. */
async function receiversOf(labels: Readonly<Record<string, string>>): Promise<string[]> {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const said = await command([amtool, 'config', 'routes', 'test', `--config.file=${rendered()}`, ...pairs]);
  return said.trim().split(',');
}

test('the configuration as it stands in the repository is one that Alertmanager takes', async () => {
  await command([amtool, 'check-config', 'monitoring/alertmanager/alertmanager.yml']);
});

test.each([
  ['nothing but the token', TOKEN, []],
  ['Slack', { ...TOKEN, SLACK_WEBHOOK_URL: SLACK }, ['slack_configs']],
  ['PagerDuty', { ...TOKEN, PAGERDUTY_ROUTING_KEY: PAGERDUTY }, ['pagerduty_configs']],
  ['a heartbeat', { ...TOKEN, ALERTMANAGER_HEARTBEAT_URL: HEARTBEAT }, ['heartbeat-url']],
  ['all of them', ALL_KEYS, ['slack_configs', 'pagerduty_configs', 'heartbeat-url']],
] as const)('with %s set, only those are told, and Alertmanager takes the configuration', async (_, env, active) => {
  const { code, stderr } = await start(env);

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await command([amtool, 'check-config', rendered()]);
  const inForce = readFileSync(rendered(), 'utf8').replaceAll(/^\s*#.*$/gm, '');
  const possible = ['slack_configs', 'pagerduty_configs', 'heartbeat-url'];
  expect(possible.filter(each => inForce.includes(each))).toEqual(active);
});

test('empty variables and empty files count as not set', async () => {
  writeFileSync(join(folder, 'empty'), '');

  await start({ ...TOKEN, SLACK_WEBHOOK_URL: '', PAGERDUTY_ROUTING_KEY_FILE: join(folder, 'empty') });

  const inForce = readFileSync(rendered(), 'utf8').replaceAll(/^\s*#.*$/gm, '');
  expect(inForce).not.toMatch(/slack_configs|pagerduty_configs/);
});

test('keys lie in files of their own that only their owner reads, never in the configuration or what is said', async () => {
  const { stdout, stderr } = await start(ALL_KEYS);

  expect(readFileSync(join(run(), 'slack-webhook-url'), 'utf8')).toBe(SLACK);
  expect(readFileSync(join(run(), 'pagerduty-routing-key'), 'utf8')).toBe(PAGERDUTY);
  expect(readFileSync(join(run(), 'watchdog-token'), 'utf8')).toBe(TOKEN.WATCHDOG_TOKEN);
  expect(statSync(join(run(), 'slack-webhook-url')).mode & 0o777).toBe(0o600);
  expect(readFileSync(rendered(), 'utf8') + stdout + stderr).not.toMatch(/secret|a-token-of/);
});

test('a key in a file that is exchanged holds without a restart', async () => {
  const file = join(folder, 'token');
  writeFileSync(file, 'the first token');
  await start({ WATCHDOG_TOKEN_FILE: file });

  writeFileSync(file, 'the second token');

  expect(readFileSync(join(run(), 'watchdog-token'), 'utf8')).toBe('the second token');
});

test('Alertmanager starts before the watchdog has put its token there, and has it as soon as it is', async () => {
  const file = join(folder, 'token');
  const { code, stdout, stderr } = await start({ WATCHDOG_TOKEN_FILE: file });

  writeFileSync(file, 'the first token');

  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('called with') });
  expect(stderr).toContain(`${file} cannot be read yet`);
  expect(readFileSync(join(run(), 'watchdog-token'), 'utf8')).toBe('the first token');
});

test('a key that is taken away is not there any more after the next start', async () => {
  await start(ALL_KEYS);
  await start(TOKEN);

  expect(existsSync(join(run(), 'slack-webhook-url'))).toBe(false);
});

test('Alertmanager is started with the configuration in force and what else it was given', async () => {
  const { stdout } = await start(TOKEN);

  expect(stdout).toContain('people are told through: nothing');
  expect(stdout).toContain(`called with: --config.file=${rendered()} --storage.path=/alertmanager`);
});

test.each([
  [{}, 'WATCHDOG_TOKEN_FILE: neither is set'],
  [{ ...TOKEN, SLACK_WEBHOOK_URL_FILE: '/nowhere' }, 'SLACK_WEBHOOK_URL_FILE: there is no file /nowhere'],
  [{ ...TOKEN, WATCHDOG_PAGERDUTY_URL: 'events.example' }, "WATCHDOG_PAGERDUTY_URL: found 'events.example'"],
  [{ ...TOKEN, WATCHDOG_PAGERDUTY_URL: 'https://a|w /etc' }, 'WATCHDOG_PAGERDUTY_URL: only letters'],
])('%j is refused with what to do', async (env, message) => {
  const { code, stdout, stderr } = await start(env as Record<string, string>);

  expect(code).toBe(1);
  expect(stderr).toContain(message);
  expect(stdout).not.toContain('called with');
});

test("PagerDuty's address can be another one", async () => {
  await start({ ...ALL_KEYS, WATCHDOG_PAGERDUTY_URL: 'https://events.eu.pagerduty.com/v2/enqueue' });

  expect(readFileSync(rendered(), 'utf8')).toContain('pagerduty_url: "https://events.eu.pagerduty.com/v2/enqueue"');
});

test("the operator's own configuration takes the place of ours", async () => {
  writeFileSync(
    join(folder, 'etc', 'user', 'alertmanager.yml'),
    'route: { receiver: mine }\nreceivers:\n  - name: mine\n#slack#    slack_configs: [{ api_url_file: "@RUN@/slack-webhook-url" }]\n',
  );

  await start(ALL_KEYS);

  await command([amtool, 'check-config', rendered()]);
  expect(readFileSync(rendered(), 'utf8')).toContain(`slack_configs: [{ api_url_file: "${run()}/slack-webhook-url" }]`);
});

describe('who hears what', () => {
  beforeEach(() => start(ALL_KEYS));
  const about = { project: 'shop', service: 'web' };

  test.each([
    ['to be repaired and critical', { auto_repair: 'true', severity: 'critical' }, ['watchdog', 'pagerduty', 'slack']],
    ['to be repaired, a warning', { auto_repair: 'true', severity: 'warning' }, ['watchdog', 'slack']],
    ['for people, critical', { auto_repair: 'false', severity: 'critical' }, ['pagerduty', 'slack']],
    ['for people, a warning', { auto_repair: 'false', severity: 'warning' }, ['slack']],
    ['for people, to know', { auto_repair: 'false', severity: 'info' }, ['slack']],
    [
      "an incident's opening",
      { alertname: 'ComposeWatchdogIncident', severity: 'warning', stage: 'opened' },
      ['slack'],
    ],
    ['an escalation', { severity: 'warning', stage: 'escalated' }, ['pagerduty', 'slack']],
    ['a critical escalation', { severity: 'critical', stage: 'escalated' }, ['pagerduty', 'slack']],
    ['the heartbeat', { alertname: 'HeartbeatAlways', severity: 'info', auto_repair: 'false' }, ['heartbeat']],
    ['what only mutes others', { alertname: 'DependencySick', severity: 'info', auto_repair: 'false' }, ['nobody']],
    ['an alert of somebody else', { alertname: 'TheirOwn' }, ['slack']],
  ])('%s', async (_, labels, receivers) => {
    expect(await receiversOf({ ...about, ...labels })).toEqual(receivers);
  });
});

describe('what pages', () => {
  const { route } = parse(readFileSync('monitoring/alertmanager/alertmanager.yml', 'utf8')) as {
    route: { routes: readonly { receiver: string; matchers: readonly string[]; group_by?: readonly string[] }[] };
  };
  /** By what the alerts with these labels are put together into one incident of PagerDuty. */
  const groupedBy = (labels: Readonly<Record<string, string>>) =>
    route.routes
      .filter(({ receiver, matchers }) => receiver === 'pagerduty' && matchers.every(each => holds(each, labels)))
      .map(({ group_by = [] }) => group_by.map(name => `${name}=${labels[name] ?? ''}`).join(' '));
  const holds = (matcher: string, labels: Readonly<Record<string, string>>): boolean => {
    const [, name = '', operator, value] = /^(\w+)(=|!=)"(.*)"$/.exec(matcher) ?? [];
    return ((labels[name] ?? '') === value) === (operator === '=');
  };
  const critical = { severity: 'critical', project: 'shop', service: 'worker' };

  test('is one incident for one service, whatever rules notice of it', () => {
    const down = groupedBy({ ...critical, alertname: 'ContainerDown' });
    const idle = groupedBy({ ...critical, alertname: 'CeleryWorkerDown', queue: 'mails' });

    expect(down).toEqual(['project=shop service=worker incident=']);
    expect(idle).toEqual(down);
  });

  test('is an incident of its own for each incident of the watchdog, and for each alert that is about no service', () => {
    const incident = (id: string) =>
      groupedBy({ ...critical, alertname: 'ComposeWatchdogIncident', stage: 'escalated', incident: id });

    expect(incident('7')).toEqual(['project=shop service=worker incident=7']);
    expect(incident('8')).not.toEqual(incident('7'));
    expect(groupedBy({ severity: 'critical', alertname: 'WatchdogDown' })).not.toEqual(
      groupedBy({ severity: 'critical', alertname: 'LedgerErrors' }),
    );
  });
});
