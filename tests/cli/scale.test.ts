import { describe, expect, test } from '@jest/globals';
import type { ScalingView } from '../../watchdog/serve/watchdog-view.ts';
import { aRecord, aScaling, aSize, queue } from '../fakes/a-scaling.ts';
import { aServiceView, FakeView, NOON } from '../fakes/watchdog-view.ts';
import { beside } from './a-terminal.ts';

const SECRET = 'redis://:geheim@cache/0#celery';
const metric = { ...queue(100), source: { kind: 'queue' as const, queue: SECRET } };

/** Three replicas, of which the queue wants seven and the max allows five. */
const scaledView = (differing: Partial<NonNullable<ScalingView['now']>> = {}): ScalingView => ({
  problems: [],
  now: {
    ...aSize(),
    at: NOON,
    elsewhere: [{ kind: 'number', value: 650 }],
    making: undefined,
    ref: { project: 'shop', service: 'web' },
    scaling: aScaling({ min: 2, max: 5, metrics: [metric] }),
    record: aRecord(),
    recommendation: {
      replicas: 7,
      because: 'queue celery is at 650',
      limits: [],
      known: true,
      opinions: [
        { name: 'queue celery', value: 650, replicas: 7, limit: undefined, because: 'queue celery is at 650' },
      ],
    },
    sizing: {
      current: 3,
      raw: 7,
      wanted: 5,
      limits: [{ code: 'maximum', because: 'its max is 5' }],
      because: 'queue celery is at 650; its max is 5: from 3 to 5',
    },
    obstacles: [],
    ...differing,
  },
});

const seen = (scaling: ScalingView | undefined): { view: FakeView } => {
  const view = new FakeView();
  view.known = [aServiceView({ scaling }), aServiceView({ service: 'api' })];
  return { view };
};

describe('scale', () => {
  test('shows replicas, what is wanted, the limits, the signal with its target, and what holds it back', async () => {
    const said = await beside(seen(scaledView()), 'scale');

    expect(said.out.split('\n')).toHaveLength(2);
    expect(said.out).toMatch(/shop\/web +3 +5 +2 to 5 +queue celery 650 of 100 each +maximum/);
    expect(said.status).toBe(0);
  });

  test('prints the same as JSON, without the address of the queue', async () => {
    const { out } = await beside(seen(scaledView()), 'scale', '--json');

    expect(JSON.parse(out).items).toMatchObject([
      { service: 'web', replicas: 3, wanted: 5, recommended: 7, heldBackBy: [{ code: 'maximum' }] },
    ]);
    expect(out).not.toContain('geheim');
  });

  test('says why a service cannot be scaled, here, in status and in explain, and that this is trouble', async () => {
    const view = seen(scaledView({ obstacles: ['container_name: web fixes its name'] }));

    for (const command of ['scale', 'status']) {
      const said = await beside(view, command);
      expect(said.out).toContain('shop/web is not scaled: container_name: web fixes its name');
      expect(said.status).toBe(1);
    }
    const explained = await beside(view, 'explain', 'web');
    expect(explained.out).toContain('\nnot scaled: container_name: web fixes its name');
    expect(explained.status).toBe(1);
  });

  test('is part of what explain says of a service that is scaled, and of no other', async () => {
    const view = seen(scaledView());

    const web = await beside(view, 'explain', 'web');

    expect(web.out).toMatch(/\nsize: queue celery is at 650; its max is 5: from 3 to 5$/m);
    expect((await beside(view, 'explain', 'api')).out).not.toContain('size');
  });

  test('says which label cannot be read, and that the load was not read yet', async () => {
    const said = await beside(
      seen({ now: undefined, problems: ['label auto_scale.max of service shop/web'] }),
      'scale',
    );

    expect(said.out).toMatch(/shop\/web +- +not read yet/);
    expect(said.out).toContain('is not scaled: label auto_scale.max');
    expect(said.status).toBe(1);
  });

  test('says so when no service is scaled', async () => {
    expect((await beside(seen(undefined), 'scale')).out).toContain('no service is scaled');
  });
});
