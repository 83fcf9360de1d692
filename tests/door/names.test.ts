import { afterEach, describe, expect, test } from '@jest/globals';
import { loadSettings } from '../../watchdog/config/load-settings.ts';
import { policyFor } from '../../watchdog/config/policy-for.ts';
import { scalingFor } from '../../watchdog/config/scaling-for.ts';
import { minutes } from '../../watchdog/domain/time.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { Walk } from '../walks/a-walk.ts';

/** What every object answers to without having been given it. */
const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

const load = (yaml: string) => loadSettings({ env: {}, readFile: () => yaml, inContainer: true });
const labels = (given: Readonly<Record<string, string>>): Record<string, string> => JSON.parse(JSON.stringify(given));

afterEach(() => {
  expect(Object.keys(Object.prototype)).toEqual([]);
});

describe('a service that is called like what every object has', () => {
  test.each(INHERITED)('%s has the policy of any other, and the size that its labels ask for', name => {
    const { settings } = load('services: { web: { enabled: no } }\nscaling: { web: {} }\n');

    for (const ref of [
      { project: name, service: name },
      { project: 'shop', service: name },
      { project: name, service: 'api' },
    ]) {
      expect(policyFor(settings, ref, {})).toEqual(policyFor(settings, { project: 'shop', service: 'api' }, {}));
      expect(scalingFor(settings, ref, {}).scaling).toBeUndefined();
      expect(scalingFor(settings, ref, { auto_scale: 'true' }).scaling).toMatchObject({ min: 1, max: 5 });
    }
  });

  test.each(INHERITED)('%s is healed as any other', async name => {
    const walk = new Walk();
    try {
      walk.engine.up({ healthcheck: CHECKED, service: name });
      await walk.start();

      walk.engine.probe(`shop-${name}-1`, 'unhealthy');
      await walk.advance(minutes(1));

      expect(walk.repairs()).toEqual([`restart shop-${name}-1 healed`]);
      expect(walk.openIncident(name)).toBeUndefined();
    } finally {
      await walk.end();
    }
  });
});

/** What would be more than a name in SQL, were it ever a part of it. */
const SQL = ["'; DROP TABLE repair; --", '" OR 1=1 --', '%', "' UNION SELECT * FROM memo --", 'a\u0000b', ':service'];

test.each(SQL)('a service that is called %j is a name in the ledger, and finds itself only', async name => {
  const walk = new Walk();
  try {
    walk.engine.up({ healthcheck: CHECKED, service: name });
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();

    walk.engine.probe(`shop-${name}-1`, 'unhealthy');
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(1));

    const found = walk.ledger.repairs({ limit: 50, service: name }).items;
    expect(found.map(({ service, outcome }) => [service, outcome])).toEqual([[name, 'healed']]);
    expect(walk.ledger.repairs({ limit: 50 }).items).toHaveLength(2);
  } finally {
    await walk.end();
  }
});

describe('a label that is called so', () => {
  test.each(INHERITED)('%s is nobody’s, as are values of that name', name => {
    const { settings } = load('');
    const ref = { project: 'shop', service: 'web' };
    const foreign = JSON.parse(`{"${name}": "false", "auto_repair.playbook.exited": "${name}"}`);

    expect(policyFor(settings, ref, JSON.parse(`{"${name}": "false"}`))).toEqual(policyFor(settings, ref, {}));
    expect(policyFor(settings, ref, labels(foreign), new Map()).policy.problems).toHaveLength(1);
    expect(policyFor(settings, ref, { [`auto_repair.playbook.${name}`]: 'x' }).policy.problems).toHaveLength(1);
    expect(policyFor(settings, ref, { [`auto_repair.${name}`]: 'x' }).policy.problems).toHaveLength(1);
    expect(scalingFor(settings, ref, { auto_scale: 'true', 'auto_scale.metric': name }).problems).toHaveLength(1);
  });
});

describe('YAML', () => {
  test.each([
    '__proto__: { policy: { enabled: no } }',
    'policy: { __proto__: { enabled: no } }',
    'policy: { constructor: { prototype: { enabled: no } } }',
    'base: &base { __proto__: { enabled: no } }\npolicy: { <<: *base }',
    'services: { __proto__: { enabled: no } }',
    'scaling: { __proto__: { max_replicas: 99 } }',
    'services: { web: { __proto__: { enabled: no } } }',
  ])('%s changes nothing and is told', yaml => {
    const { settings, problems } = load(`${yaml}\n`);

    expect(problems.length).toBeGreaterThan(0);
    expect(({} as { enabled?: boolean }).enabled).toBeUndefined();
    expect(policyFor(settings, { project: 'shop', service: 'web' }, {}).policy.enabled).toBe(true);
  });

  test.each(['constructor', 'toString', 'hasOwnProperty'])('may name a service %s, and means that one only', name => {
    const { settings, problems } = load(`services: { ${name}: { enabled: no } }\n`);

    expect(problems).toEqual([]);
    expect(policyFor(settings, { project: 'shop', service: name }, {}).policy.enabled).toBe(false);
    expect(policyFor(settings, { project: 'shop', service: 'web' }, {}).policy.enabled).toBe(true);
  });

  test('that multiplies itself by its aliases is refused', () => {
    const rows = Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`);

    expect(load(`a0: &a0 [x]\n${rows.join('\n')}\n`).problems.length).toBeGreaterThan(0);
  });
});
