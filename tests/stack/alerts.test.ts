// A real Prometheus with our rules, a real Alertmanager with our configuration, the watchdog's own image, and real faults. All
// of them break at once; each test then awaits its own story.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ContainerInspectInfo } from 'dockerode';
import { aWard, type Ward } from './a-ward.ts';
import { FAULTS, type Fault, type Trace } from './faults.ts';
import { alertsOfHost, HOST, pagesIn, slackThreadsIn, toldOnSlack } from './messages.ts';
import { Eyes, has, only } from './world.ts';

jest.setTimeout(1_800_000);

let ward: Ward;
let eyes: Eyes;
/** Each story from its fault to its end, by alert. */
const stories = new Map<string, Promise<Story>>();

beforeAll(async () => {
  ward = await aWard();
  await ward.bringUp();
  eyes = new Eyes(ward);
  await eyes.open();
  await eyes.until('the heartbeat alert fires', ({ firing }) => firing.length > 0);
  for (const fault of FAULTS) {
    const story = follow(fault);
    // Whoever awaits it hears of it.
    story.catch(() => undefined);
    stories.set(fault.alert, story);
  }
});

afterAll(async () => {
  eyes?.close();
  await ward?.tearDown();
});

interface Story {
  readonly before: ContainerInspectInfo;
  readonly after: ContainerInspectInfo;
}

async function follow(fault: Fault): Promise<Story> {
  const { alert, service, at = service, breaks, repair } = fault;
  const before = await ward.container(at);
  await breaks(ward);
  await eyes.until(`${alert} fires`, ({ fired }) => has(alert, service, fired));
  if ('byPeople' in repair) {
    await eyes.until(`people hear of ${alert}`, world => toldOnSlack(service, world).length > 0);
    await repair.byPeople(ward);
  } else {
    await eyes.until(`${service} is repaired`, ({ repairs }) => only(repairs, service)?.outcome);
  }
  await eyes.until(`${alert} is over`, ({ firing }) => !has(alert, service, firing));
  await eyes.until(`the incident of ${service} is over`, ({ incidents }) =>
    incidents.every(incident => incident.service !== service || incident.state === 'resolved'),
  );
  return { before, after: await ward.container(at) };
}

const REPAIRED = FAULTS.flatMap(({ repair, ...fault }) => ('strategy' in repair ? { ...fault, ...repair } : []));
const LEFT_TO_PEOPLE = FAULTS.flatMap(({ repair, ...fault }) => ('byPeople' in repair ? { ...fault, ...repair } : []));

test.each(REPAIRED)(
  '$alert fires when $what, and $strategy heals it',
  async ({ alert, service, strategy, condition, because, trace }) => {
    const story = await stories.get(alert);

    const { repairs, incidents } = eyes.world;
    expect(only(repairs, service)).toMatchObject({ strategy, condition, attempt: 1, outcome: 'healed' });
    expect(only(repairs, service)?.reason).toContain(because);
    expect(only(incidents, service)?.state).toBe('resolved');
    expect(story && (await tracesOf(story))).toEqual([trace]);
  },
);

test.each(LEFT_TO_PEOPLE)('$alert fires when $what, and is left to people', async ({ alert, service, refusal }) => {
  const story = await stories.get(alert);

  const { repairs, decisions } = eyes.world;
  expect(only(repairs, service)).toBeUndefined();
  const stoodBack = decisions.filter(
    each => each.service === service && each.kind === 'erring' && each.verdict === 'stand-back',
  );
  // Once for each time that its numbers were others, as they are when an alert is delivered again.
  expect(new Set(stoodBack.map(({ code }) => code))).toEqual(new Set(refusal ? [refusal.code] : []));
  for (const { because } of stoodBack) expect(because.slice(0, refusal?.because.length)).toBe(refusal?.because);
  expect(story?.after.Id).toBe(story?.before.Id);
});

describe('people', () => {
  beforeAll(async () => {
    await Promise.all(stories.values());
  });

  test('are told on Slack once when a trouble began and once when it was over, and of nothing else', async () => {
    const about = (threads: Readonly<Record<string, readonly string[]>>) =>
      Object.fromEntries(Object.entries(threads).map(([service, thread]) => [`${ward.name}/${service}`, thread]));

    const {
      [HOST]: _,
      'host/disk:/watched': __,
      ...threads
    } = await eyes.until('all is said', ({ messages }) => ended(slackThreadsIn(messages), 'Over'));

    // A repair that takes long on a busy machine may be told of with an alert of another severity: that the container is down.
    const began = (severity: 'warning' | 'critical') => [
      expect.stringMatching(new RegExp(`^(${severity}|several)$`)) as unknown as string,
      'Over',
    ];
    expect(threads).toEqual(
      about({
        storefront: began('critical'),
        catalogue: began('warning'),
        thumbnails: began('warning'),
        orders: began('warning'),
        courier: began('warning'),
        till: began('warning'),
        // Stopped by hand: not a word of the watchdog's, only the alert.
        counter: began('critical'),
        reporter: began('critical'),
        postman: began('warning'),
        door: began('critical'),
      }),
    );
    // The disk has room again before Slack's turn, unless the machine is slow; and where that stands still, so does the watchdog.
    const byTheMachine = ['DiskSpaceLow', 'HostMemoryLow', 'WatchdogDown', 'EventLoopStalling'];
    expect(alertsOfHost(eyes.world.messages).filter(name => !byTheMachine.includes(name))).toEqual([]);
  });

  test('are paged for what is critical, and PagerDuty hears the end of each', async () => {
    const pages = await eyes.until('all is resolved', ({ messages }) => ended(pagesIn(messages), 'resolve'));

    // That the reporter is down and that nobody works on its queue is one page, under the name of what was noticed first.
    const reporter = [
      `${ward.name}/reporter is down (1 of its containers)`,
      `Nobody works on the queue reports of ${ward.name}`,
    ];
    const [noticedFirst = ''] = reporter.filter(summary => summary in pages);
    // The clean-up heals the disk without one where the machine is quick.
    const byTheMachine = Object.entries(pages).filter(([summary]) =>
      /disk|memory of the host|\/watched|watchdog does not/i.test(summary),
    );
    const once = ['trigger', 'resolve'];
    expect(pages).toEqual({
      ...Object.fromEntries(byTheMachine),
      [`${ward.name}/storefront answers N% of its requests with an error`]: once,
      [`${ward.name}/counter is down (1 of its containers)`]: once,
      [noticedFirst]: once,
      [`${ward.name}/postman is in trouble (alerting) and needs you`]: once,
      'http://door:8000/ does not answer from outside': once,
    });
  });

  test('read what is wrong, what is tried and that it is over', () => {
    const told = toldOnSlack('catalogue', eyes.world);
    const [first = '', last = ''] = [told[0], told.at(-1)];

    expect(first).toContain(`${ward.name}/catalogue is in trouble (high-memory); trying: restart`);
    expect(first).toMatch(/uses 9\d(\.\d+)?% of its memory/);
    expect(last).toContain(`*over: ${ward.name}/catalogue`);
  });
});

test('an alert that Alertmanager could not take, and one whose end it forgot, are repaired once and end', async () => {
  await ward.compose(['stop', 'alertmanager']);
  await ward.trouble('bell', 'stuck');
  await eyes.until('the alert fires', ({ firing }) => has('ShopOrdersStuck', 'bell', firing));
  await ward.compose(['start', 'alertmanager']);
  await eyes.until('the repair has begun', ({ repairs }) => only(repairs, 'bell')?.actedAt);

  await ward.compose(['restart', 'alertmanager']);

  await eyes.until('the repair has ended', ({ repairs }) => only(repairs, 'bell')?.outcome);
  expect(only(eyes.world.repairs, 'bell')).toMatchObject({ outcome: 'healed', attempt: 1 });
  await eyes.until('the incident is over', ({ incidents }) => only(incidents, 'bell')?.state === 'resolved');
});

test('a watchdog that is killed while it proves a repair does not repeat it, and people hear that it is down', async () => {
  await ward.trouble('drawer', 'stuck');
  await eyes.until('the repair has begun', ({ repairs }) => only(repairs, 'drawer')?.actedAt);
  const { State } = await ward.container('drawer');

  await ward.compose(['kill', '--signal', 'SIGKILL', 'watchdog']);
  await eyes.until('PagerDuty hears of it', ({ messages }) => pagesIn(messages)['The watchdog does not answer']);
  await ward.compose(['start', 'watchdog']);
  await eyes.readdress();

  await eyes.until('the incident is over', ({ incidents }) => only(incidents, 'drawer')?.state === 'resolved');
  expect(only(eyes.world.repairs, 'drawer')).toMatchObject({ outcome: 'interrupted', code: 'crash' });
  expect((await ward.container('drawer')).State.StartedAt).toBe(State.StartedAt);
  await eyes.until('the alert is over', ({ firing }) => !has('WatchdogDown', undefined, firing));
});

/** Once each thread has ended with that word. */
const ended = (threads: Readonly<Record<string, readonly string[]>>, word: string) =>
  Object.values(threads).every(thread => thread.at(-1) === word) && threads;

/** What the engine shows to have been done. */
async function tracesOf({ before, after }: Story): Promise<readonly Trace[]> {
  const network = ({ NetworkSettings }: ContainerInspectInfo) => NetworkSettings.Networks[`${ward.name}_default`];
  const isNew = before.State.StartedAt !== after.State.StartedAt;
  const logs = before.Mounts.some(({ Destination }) => Destination === '/watched');
  const traces: Readonly<Record<Trace, boolean>> = {
    'new process': isNew && before.Id === after.Id,
    'new network': !isNew && network(before)?.EndpointID !== network(after)?.EndpointID,
    'file gone': logs && (await ward.exec('scribe', 'ls', '/watched')) === '',
  };
  return (Object.keys(traces) as Trace[]).filter(trace => traces[trace]);
}
