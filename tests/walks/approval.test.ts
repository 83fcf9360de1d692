import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Approval } from '../../watchdog/domain/approval.ts';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { CHECKED, type Fate } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

// What touches data waits for a person: a strategy of danger `data` that does no more than restart, for what is unhealthy.

const STRATEGY = `export default ({ docker }) => ({
  name: 'mend-files', danger: 'data', summary: 'mends the files of the container',
  apply: async ({ order, target, signal }) => {
    await docker.restart(target.id, order.stopTimeout, signal);
    return undefined;
  },
});`;
const PLAYBOOK = `name: unhealthy
condition: unhealthy
why: Its files are broken mostly.
ladder: [{ strategy: mend-files, with: { path: /data } }]
`;

let walk: Walk;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-approval-'));
  writeFileSync(join(folder, 'mend-files.mjs'), STRATEGY);
  mkdirSync(join(folder, 'playbooks'));
  writeFileSync(join(folder, 'playbooks', 'unhealthy.yml'), PLAYBOOK);
});
afterEach(async () => {
  await walk.end();
  rmSync(folder, { recursive: true });
});

/** A watchdog over shop/web, which has just become unhealthy. */
async function ill(
  approvals = '',
  { env = {}, fate = 'well' }: { env?: Readonly<Record<string, string>>; fate?: Fate } = {},
): Promise<void> {
  const config = join(folder, 'watchdog.yml');
  writeFileSync(config, `strategies: { folder: ${folder} }\nplaybooks: { folders: [playbooks] }\n${approvals}`);
  walk = new Walk({ config, env });
  walk.engine.up({ healthcheck: CHECKED });
  await walk.start();
  walk.engine.fate('shop-web-1', fate);
  walk.engine.probe('shop-web-1', 'unhealthy');
  await walk.advance(seconds(20));
}

const asked = (): readonly Approval[] => walk.openIncident('web')?.approvals ?? [];
const say = (answer: 'granted' | 'refused', order?: string) =>
  walk.watchdog.answer(walk.openIncident('web')?.id ?? '', { answer, order, reason: '' });
const escalations = () => walk.told('incident-escalated');

describe('what touches data', () => {
  test('waits: people are told once what exactly would be done, and how to say yes', async () => {
    await ill();
    await walk.advance(hours(2));

    const [question] = asked();
    expect(walk.repairs()).toEqual([]);
    expect(question).toMatchObject({
      state: 'waiting',
      what: 'mend-files with path=/data on shop-web-1 of shop/web: mends the files of the container (touches data)',
    });
    expect(asked()).toHaveLength(1);
    expect(escalations()).toEqual(['incident-escalated web approval']);
    expect(walk.lastDecision('web')).toContain(
      `watchdog approve ${question?.incidentId} --order ${question?.id}, or watchdog refuse`,
    );
    expect(walk.openIncident('web')?.state).toBe('opened');
  });

  test('says what it would do as it stands, where its strategy can foresee it: by one look for each question', async () => {
    const looks: string[] = [];
    Object.assign(globalThis, { foreseen: (container: string) => looks.push(container) });
    const foresee = "foresee: async ({ target }) => { foreseen(target.name); return '3 files of root'; },";
    writeFileSync(join(folder, 'mend-files.mjs'), STRATEGY.replace('apply:', `${foresee} apply:`));

    await ill();
    await walk.advance(hours(2));

    expect(asked()[0]?.what).toMatch(/\(touches data\); as it stands: 3 files of root$/);
    expect(looks).toEqual(['shop-web-1']);
    say('granted');
    await walk.advance(minutes(1));
    expect(walk.repairs()).toEqual(['mend-files shop-web-1 healed']);
  });

  test('is asked for all the same where that look fails, with why', async () => {
    const foresee = "foresee: async () => { throw new Error('which mount is meant cannot be told'); },";
    writeFileSync(join(folder, 'mend-files.mjs'), STRATEGY.replace('apply:', `${foresee} apply:`));

    await ill();

    expect(asked()[0]?.what).toMatch(/; as it stands: which mount is meant cannot be told$/);
  });

  test('is done after a yes, and the yes is used up by it', async () => {
    await ill();

    expect(say('granted')).toMatchObject({ verdict: 'accepted' });
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['mend-files shop-web-1 healed']);
    expect(walk.openIncident('web')).toBeUndefined();
    expect(walk.told('approval-asked', 'approval-answered')).toEqual(['approval-asked', 'approval-answered']);
  });

  test('is asked anew when it did not help: a yes is for once', async () => {
    await ill();
    walk.engine.fate('shop-web-1', 'ill');

    say('granted');
    await walk.advance(minutes(10));

    expect(walk.repairs()).toEqual(['mend-files shop-web-1 not-healed']);
    expect(asked().map(({ state }) => state)).toEqual(['used', 'waiting']);
    expect(escalations()).toEqual(Array(2).fill('incident-escalated web approval'));
  });

  test('is not done by an answer that does not say which of several questions it is for', async () => {
    await ill();
    walk.engine.fate('shop-web-1', 'ill');
    say('granted');
    await walk.advance(minutes(10));

    const vague = say('granted');
    const late = say('granted', asked()[0]?.id);
    await walk.advance(minutes(10));

    expect(vague).toMatchObject({ verdict: 'refused', because: expect.stringContaining('2 things were asked') });
    expect(late).toMatchObject({ verdict: 'refused', because: expect.stringContaining('it is used') });
    expect(walk.repairs()).toHaveLength(1);
  });

  test('is left to people after a no, until somebody says resume', async () => {
    await ill();

    say('refused');
    walk.watchdog.lookAgain({ project: 'shop', service: 'web' });
    await walk.advance(hours(48));

    expect(walk.repairs()).toEqual([]);
    expect(walk.openIncident('web')?.state).toBe('escalated');
    expect(say('granted')).toMatchObject({ verdict: 'refused', because: expect.stringContaining('it is refused') });

    walk.ledger.resume({ project: 'shop', service: 'web' }, walk.clock.now());
    walk.watchdog.lookAgain({ project: 'shop', service: 'web' });
    await walk.advance(seconds(1));

    expect(asked().map(({ state }) => state)).toEqual(['withdrawn', 'waiting']);
  });

  test('is left to people when nobody answers in time', async () => {
    await ill('approvals: { wait: 2h }');
    await walk.advance(hours(3));

    expect(walk.repairs()).toEqual([]);
    expect(walk.openIncident('web')?.state).toBe('escalated');
    expect(walk.lastDecision('web')).toContain('nobody said yes within 2h to mend-files');
    expect(say('granted')).toMatchObject({ verdict: 'refused', because: expect.stringContaining('it is expired') });
    expect(escalations()).toHaveLength(2);
  });

  test('waits across a restart of the watchdog, and is done by the next one', async () => {
    await ill();
    walk.kill();
    await walk.start();
    await walk.advance(minutes(5));

    expect(asked()).toHaveLength(1);
    say('granted');
    walk.kill();
    await walk.start();
    await walk.advance(minutes(5));

    expect(walk.repairs()).toEqual(['mend-files shop-web-1 healed']);
  });

  test('is done at once where the operator allowed it for this service beforehand', async () => {
    await ill('approvals: { allow: { mend-files: [shop/web] } }');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['mend-files shop-web-1 healed']);
    expect(walk.told('approval-asked')).toEqual([]);
  });

  test('is not done where it was allowed for another service', async () => {
    await ill('approvals: { allow: { mend-files: [shop/db] } }');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual([]);
  });
});

describe('a yes leads to the attempt that it was given for', () => {
  /** Restarted in vain first, and then people are asked. */
  async function illAgain(env: Readonly<Record<string, string>> = {}, wait = '30m'): Promise<void> {
    const gentle = PLAYBOOK.replace('[{', '[{ strategy: restart }, {');
    writeFileSync(join(folder, 'playbooks', 'unhealthy.yml'), gentle);
    await ill(`approvals: { wait: ${wait} }`, { env, fate: 'ill' });
    await walk.advance(minutes(5));
  }
  const resume = () => {
    walk.ledger.resume({ project: 'shop', service: 'web' }, walk.clock.now());
    walk.watchdog.lookAgain({ project: 'shop', service: 'web' });
  };

  test.each<readonly [string, () => Promise<void> | void]>([
    ['after a no', () => void say('refused')],
    ['after silence', () => walk.advance(minutes(30))],
  ])('%s and a resume, though the one attempt after that was a restart', async (_, unsaid) => {
    await illAgain();
    await unsaid();
    walk.watchdog.lookAgain({ project: 'shop', service: 'web' });
    await walk.advance(minutes(1));
    expect(walk.openIncident('web')?.state).toBe('escalated');

    resume();
    await walk.advance(minutes(5));
    walk.engine.fate('shop-web-1', 'well');
    say('granted', asked().at(-1)?.id);
    await walk.advance(minutes(5));

    expect(walk.repairs()).toEqual([
      'restart shop-web-1 not-healed',
      'restart shop-web-1 not-healed',
      'mend-files shop-web-1 healed',
    ]);
    expect(walk.openIncident('web')).toBeUndefined();
  });

  test('also where the cap was used up before it was asked for', async () => {
    await illAgain({ MAX_RESTART_ATTEMPTS: '1' });

    say('granted');
    await walk.advance(minutes(10));

    expect(walk.repairs()).toEqual(['restart shop-web-1 not-healed', 'mend-files shop-web-1 not-healed']);
    expect(asked().map(({ state }) => state)).toEqual(['used', 'waiting']);
  });

  test('also hours later, and meanwhile nothing is begun that would be in its way', async () => {
    await illAgain({}, '12h');
    await walk.advance(hours(6));
    expect(walk.repairs()).toEqual(['restart shop-web-1 not-healed']);

    say('granted');
    await walk.advance(minutes(1));

    expect(walk.repairs().slice(1)).toEqual(['mend-files shop-web-1 not-healed']);
  });

  test('once, and what needs no yes is held by the cap as ever', async () => {
    await illAgain({ MAX_RESTART_ATTEMPTS: '1' });
    say('granted');
    await walk.advance(minutes(10));

    writeFileSync(join(folder, 'playbooks', 'unhealthy.yml'), PLAYBOOK.replace(/\[.*\]/, '[{ strategy: restart }]'));
    walk.watchdog.reload();
    walk.watchdog.lookAgain({ project: 'shop', service: 'web' });
    await walk.advance(minutes(10));

    expect(walk.repairs()).toHaveLength(2);
    expect(walk.lastDecision('web')).toMatch(/^attempt-cap: /);
  });
});

describe('a person who asks for what touches data', () => {
  const WEB = { project: 'shop', service: 'web' };

  test('has to say yes as well', async () => {
    await ill();

    const answer = walk.watchdog.ask(WEB, { strategy: 'mend-files' }, seconds(5));
    await walk.advance(seconds(1));

    expect(await answer).toMatchObject({
      verdict: 'refused',
      because: expect.stringContaining('watchdog repair web --strategy mend-files --approve'),
    });
    expect(walk.repairs()).toEqual([]);
  });

  test('gets it done with a yes', async () => {
    await ill();

    const answer = walk.watchdog.ask(WEB, { strategy: 'mend-files', approved: true }, seconds(5));
    await walk.advance(minutes(1));

    expect(await answer).toMatchObject({ verdict: 'accepted' });
    expect(walk.repairs()).toEqual(['mend-files shop-web-1 healed']);
  });
});

test('a strategy that is allowed beforehand and does not exist is a problem that is told', async () => {
  await ill('approvals:\n  allow:\n    mend-flies: "*"');

  expect(walk.watchdog.problems()).toEqual([
    expect.objectContaining({
      place: 'watchdog.yml:5 approvals.allow.mend-flies',
      remedy: 'Did you mean mend-files?',
    }),
  ]);
});
