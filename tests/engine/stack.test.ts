import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type Stack, theStack } from './the-stack.ts';

const NEW = ['docker', 'compose'];
const OLD = ['docker-compose'];
const OURS = ['watchdog', 'prometheus', 'alertmanager'];

test.each([
  ['Compose v2', NEW, ['compose.yaml']],
  ['Compose v2', NEW, ['compose.yaml', 'compose.hardened.yaml']],
  ['docker-compose 1.29', OLD, ['compose.yaml']],
])('%s understands %s %j', async (_, compose, files) => {
  const stack = theStack({ compose, files, profiles: ['demo', 'grafana'] });

  const { services } = parse(await stack.compose(['config']));

  expect(Object.keys(services)).toEqual(expect.arrayContaining([...OURS, 'grafana', 'web']));
});

describe.each([
  ['Compose v2', NEW],
  ['docker-compose 1.29', OLD],
])('brought up by %s', (_, compose) => {
  const stack = theStack({ compose, files: ['compose.yaml'] });
  beforeAll(async () => {
    await stack.compose(['up', '-d', '--no-build']);
    await stack.untilHealthy(...OURS);
  });
  afterAll(stack.tearDown);

  test('Alertmanager has the token of the watchdog from the first start on, and nothing else of it', async () => {
    const token = await stack.exec('watchdog', 'watchdog', 'token');

    expect(await stack.exec('alertmanager', 'cat', '/tmp/alertmanager/watchdog-token')).toBe(token);
    expect(await stack.exec('alertmanager', 'ls', '/run/watchdog')).toBe('token');
    expect(await mountedVolumes(stack, 'alertmanager')).toEqual(['alertmanager-data', 'watchdog-token']);
    await expect(stack.exec('alertmanager', 'sh', '-c', 'echo mine > /run/watchdog/token')).rejects.toThrow();
  });

  test('the watchdog takes that token from Alertmanager, and no other', async () => {
    const ask = (token: string) =>
      stack.exec(
        'alertmanager',
        'sh',
        '-c',
        `wget -q -O - --header "Authorization: Bearer ${token}" http://watchdog:8099/api/services`,
      );

    const { items } = JSON.parse(await ask('$(cat /tmp/alertmanager/watchdog-token)'));

    expect(items).toEqual(expect.arrayContaining([expect.objectContaining({ service: 'alertmanager' })]));
    await expect(ask('a-token-of-somebody')).rejects.toThrow('401');
  });

  test('Prometheus asks the watchdog and Alertmanager for their metrics, and gets them', async () => {
    const jobs = async () => (await query(stack, 'sum by (job) (up == 1)')).map(({ metric }) => metric.job).sort();

    // All at one moment: on a busy machine a scrape may come too late now and then.
    await stack.until('every job is up', async () => `${await jobs()}` === 'alertmanager,prometheus,watchdog');

    expect(await query(stack, 'watchdog_build_info')).toHaveLength(1);
  });

  test('Prometheus has found its Alertmanager and read every rule', async () => {
    const found = async () =>
      (await ask<{ activeAlertmanagers: unknown[] }>(stack, 'alertmanagers')).activeAlertmanagers;
    await stack.until('an Alertmanager is there', async () => (await found()).length === 1);

    const { groups } = await ask<{ groups: { rules: { health: string; lastError?: string }[] }[] }>(stack, 'rules');

    const rules = groups.flatMap(group => group.rules);
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter(rule => rule.health === 'err')).toEqual([]);
  });

  test.each(OURS)('%s has no right it does not need', async service => {
    const { Config, HostConfig, Mounts } = await stack.container(service);
    const status = await stack.exec(service, 'cat', '/proc/1/status');
    // By the user of `exec`, who in the watchdog's container is root: nobody else could do more.
    const folders = '/ /etc /usr/local/bin /app/watchdog /etc/prometheus /etc/alertmanager /var/lib';
    const attempt = `for at in ${folders}; do touch $at/planted 2>/dev/null && echo $at; done; true`;
    const written = await stack.exec(service, 'sh', '-c', attempt);

    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
    });
    expect(HostConfig.Memory).toBeGreaterThan(0);
    expect(HostConfig.PidsLimit).toBeGreaterThan(0);
    expect(HostConfig).toMatchObject({ Privileged: false, PidMode: '', UsernsMode: '' });
    expect([HostConfig.NetworkMode, HostConfig.IpcMode]).not.toContain('host');
    expect(HostConfig.Devices ?? []).toEqual([]);
    expect(HostConfig.RestartPolicy?.Name).toBe('unless-stopped');
    expect(Config.Healthcheck?.Test?.[0]).toMatch(/^CMD/);
    expect(status).toMatch(/^Uid:\s+(1000|65534)\s+\1\s+\1\s+\1$/m);
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'])
      expect(status).toMatch(new RegExp(`^${set}:\\s+0{16}$`, 'm'));
    // What is left of the two capabilities that dropping root takes, and cannot be had again.
    expect(status).toMatch(service === 'watchdog' ? /^CapBnd:\s+0{14}c0$/m : /^CapBnd:\s+0{16}$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(written).toBe('');
    expect(Mounts.some(({ Source }) => Source.endsWith('docker.sock'))).toBe(service === 'watchdog');
    const published = Object.values(HostConfig.PortBindings as Record<string, { HostIp: string }[]>).flat();
    expect(published.map(({ HostIp }) => HostIp)).toEqual(['127.0.0.1']);
  });
});

test('the watchdog is up and well without the rest of the stack', async () => {
  const stack = theStack({ files: ['compose.yaml'] });
  try {
    await stack.compose(['up', '-d', '--no-build', 'watchdog']);

    await stack.untilHealthy('watchdog');

    expect(await stack.compose(['ps', '--services'])).toBe('watchdog');
    const modes = await stack.exec(
      'watchdog',
      'stat',
      '-c',
      '%a %u',
      '/data/token',
      '/data/ledger.sqlite',
      '/run/watchdog',
    );
    expect(modes).toBe('600 1000\n600 1000\n750 1000');
    // Not even root comes past these without the capability to.
    await expect(stack.exec('watchdog', 'cat', '/data/token')).rejects.toThrow('Permission denied');
  } finally {
    await stack.tearDown();
  }
});

type Sample = { readonly metric: Readonly<Record<string, string>> };

async function query(stack: Stack, words: string): Promise<readonly Sample[]> {
  return (await ask<{ result: Sample[] }>(stack, `query?query=${encodeURIComponent(words)}`)).result;
}

async function ask<T>(stack: Stack, path: string): Promise<T> {
  return ((await stack.get('prometheus', 9090, `/api/v1/${path}`)) as { data: T }).data;
}

async function mountedVolumes(stack: Stack, service: string): Promise<string[]> {
  const { Mounts } = await stack.container(service);
  return Mounts.flatMap(({ Name }) => (Name ? [Name.replace(`${stack.name}_`, '')] : [])).sort();
}
