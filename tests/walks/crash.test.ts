import { describe, expect, jest, test } from '@jest/globals';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { settled } from '../fakes/fake-clock.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import type { FakeEngine } from '../fakes/fake-engine.ts';
import { Walk } from './a-walk.ts';

// Some forty lives and deaths each.
jest.setTimeout(60_000);

interface Scenario {
  readonly called: string;
  readonly prepare: (engine: FakeEngine) => void;
  readonly fault: (engine: FakeEngine) => void;
  /** The service that was hurt. */
  readonly service: string;
}

// Who respects stops by hand must not take those of a dead watchdog for such.
const RESPECT = { 'auto_repair.on_stop': 'respect' };
const ALWAYS = { name: 'always', maximumRetries: 0 } as const;
const IN_WEB = { ...RESPECT, 'com.docker.compose.depends_on': 'web:service_started:true' };

const SCENARIOS: readonly Scenario[] = [
  {
    called: 'restart',
    prepare: engine => engine.up({ labels: RESPECT, healthcheck: CHECKED, endsAfter: seconds(2) }),
    fault: engine => engine.probe('shop-web-1', 'unhealthy'),
    service: 'web',
  },
  {
    called: 'start',
    prepare: engine => engine.up({ labels: RESPECT }),
    fault: engine => engine.crash('shop-web-1'),
    service: 'web',
  },
  {
    called: 'clean-restart',
    prepare: engine => engine.up({ labels: RESPECT, restartPolicy: ALWAYS, endsAfter: seconds(2) }),
    fault: engine => {
      engine.fate('shop-web-1', 'falls', 'falls', 'well');
      engine.crash('shop-web-1');
    },
    service: 'web',
  },
  {
    called: 'recreate (a parent that was replaced)',
    prepare: engine => {
      const parent = engine.up();
      engine.up({ labels: IN_WEB, service: 'side', networkParent: parent, endsAfter: seconds(2) });
    },
    fault: engine => {
      engine.removeByHand('shop-web-1');
      engine.up();
    },
    service: 'side',
  },
];

/** Every write of the ledger and every engine call is a moment at which the watchdog may die: before it, or just after. */
async function dieAt(
  moment: number,
  when: 'before' | 'after',
  scenario: Scenario,
): Promise<{ walk: Walk; died: boolean }> {
  const walk = new Walk();
  let passed = 0;
  const count = (phase: 'before' | 'after') => {
    if (phase === when && passed++ === moment) walk.kill();
  };
  scenario.prepare(walk.engine);
  await walk.advance(minutes(2));
  await walk.start();
  walk.onStep = count;
  scenario.fault(walk.engine);
  await walk.advance(minutes(2));
  const died = passed > moment;
  walk.onStep = () => undefined;
  await settled();
  return { walk, died };
}

describe('a watchdog killed while the engine is still stopping a container for it', () => {
  test.each(['clean-restart', 'recreate', 'restart'])(
    '(%s) is back before the container has ended, and leaves it running',
    async strategy => {
      const walk = new Walk();
      walk.engine.up({ labels: RESPECT, healthcheck: CHECKED, endsAfter: seconds(8) });
      await walk.start();
      void walk.watchdog.ask({ project: 'shop', service: 'web' }, { strategy }, seconds(5));
      await walk.advance(seconds(2));
      walk.kill();
      expect(walk.engine.container('shop-web-1')?.state).toBe('running');

      await walk.start();
      await walk.advance(minutes(10));

      expect(walk.engine.containersOf('web').map(({ name, state }) => [name, state])).toEqual([
        ['shop-web-1', 'running'],
      ]);
      expect(walk.repairRecords().map(({ outcome }) => outcome)).toEqual(['interrupted']);
      await walk.end();
    },
  );
});

describe.each(SCENARIOS)('a watchdog killed at any moment of a $called', scenario => {
  test.each(['before', 'after'] as const)(
    '(%s each step) leaves one container that runs, and a ledger that tells the story',
    async when => {
      let moment = 0;
      for (let died = true; died; moment += 1) {
        const { walk, ...death } = await dieAt(moment, when, scenario);
        died = death.died;
        if (died) await walk.start();
        await walk.advance(minutes(10));

        const left = walk.engine.containersOf(scenario.service);
        expect([moment, left.map(({ name, state }) => [name, state])]).toEqual([
          moment,
          [[`shop-${scenario.service}-1`, 'running']],
        ]);
        expect([moment, walk.ledger.unfinishedRepairs()]).toEqual([moment, []]);
        expect([moment, walk.openIncident(scenario.service)]).toEqual([moment, undefined]);
        expect(walk.repairRecords().length).toBeLessThanOrEqual(3);
        await walk.end();
      }
      // Else the walk has not met the repair at all.
      expect(moment).toBeGreaterThan(10);
    },
  );
});
