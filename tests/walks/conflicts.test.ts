import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minutes } from '../../watchdog/domain/time.ts';
import { aPattern } from '../diagnose/log-errors/a-pattern.ts';
import { engineSays } from '../fakes/fake-engine.ts';
import { Walk } from './a-walk.ts';

const TAKEN = 'Bind for 0.0.0.0:8080 failed: port is already allocated';

let walk: Walk;

/** A web server that cannot be started, because its port is taken. */
beforeEach(async () => {
  const pattern = { type: 'PORT_CONFLICT', expressions: ['Bind for \\S{1,80}:(?<port>\\d{1,5}) failed'] } as const;
  walk = new Walk({ patterns: [aPattern(pattern)] });
});
afterEach(() => walk.end());

const publish = (id: string) => {
  const container = walk.engine.container(id);
  if (container !== undefined) container.howMade = { published: [{ container: '80/tcp', host: '8080' }] };
};

/** Its logs are read, and the engine's words understood, from the first round on. */
async function cannotStart(labels: Readonly<Record<string, string>> = {}): Promise<void> {
  await walk.start();
  await walk.advance(1);
  await walk.advance(minutes(1));
  const id = walk.engine.make({ labels }, '0815_shop-web-1');
  publish(id);
  const container = walk.engine.container(id);
  if (container !== undefined) container.error = TAKEN;
  await walk.advance(minutes(1));
}

test('what an interrupted `up` has left running makes way for what it was making, and is not started again', async () => {
  publish(walk.engine.up({ restartPolicy: { name: 'unless-stopped', maximumRetries: 0 } }));

  await cannotStart();
  await walk.advance(minutes(15));

  expect(walk.repairs()).toEqual(['stop-conflicting-container 0815_shop-web-1 healed']);
  expect(walk.repairRecords()[0]?.order).toMatchObject({
    condition: 'port-conflict',
    error: { captures: { port: '8080' } },
  });
  expect(walk.engine.containersOf('web').map(({ name, runs }) => [name.replace(/_set.*/, ''), runs])).toEqual([
    ['shop-web-1', false],
    ['0815_shop-web-1', true],
  ]);
  expect(walk.openIncident('web', 'erring')).toBeUndefined();
});

test('a stranger keeps the port, and people hear whose container it is', async () => {
  publish(walk.engine.up({ project: 'bank' }));
  walk.engine.mishap('restart', ...Array(2).fill({ error: engineSays('engine-error', TAKEN), done: false }));

  await cannotStart();
  await walk.advance(minutes(15));

  expect(walk.engine.count('stop')).toBe(0);
  expect(walk.told('incident-opened', 'incident-escalated')).toEqual([
    'incident-opened web port-conflict',
    'incident-escalated web attempt-cap',
  ]);
  expect(walk.repairRecords().map(({ because }) => because)).toContainEqual(
    expect.stringContaining('bank-web-1 has it, a container of the project bank'),
  );
});

test('a service that allows it gets another port where a stranger keeps its own, and people hear the new address', async () => {
  publish(walk.engine.up({ project: 'bank' }));

  await cannotStart({ 'auto_repair.alternative_port': 'true' });
  await walk.advance(minutes(15));

  expect(walk.repairs()).toEqual([
    'stop-conflicting-container 0815_shop-web-1 failed',
    'find-alternative-port 0815_shop-web-1 healed',
  ]);
  expect(walk.repairRecords().at(-1)?.because).toContain('it is reached on port 9000 of the host in place of 8080');
  const [, made, ...others] = walk.engine.containersOf('web');
  expect(others).toEqual([]);
  expect(made).toMatchObject({ runs: true, howMade: { published: [{ host: '9000' }] } });
  expect(walk.told('incident-escalated', 'incident-resolved')).toEqual(['incident-resolved web']);
});
