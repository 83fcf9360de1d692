import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LiveEvent } from '../../watchdog/domain/live-log.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { aPattern } from '../diagnose/log-errors/a-pattern.ts';
import { settled } from '../fakes/fake-clock.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

const LOST = 'the payment failed: till 7, password=hunter2';
const STUCK = 'data file is locked by process 12';

let folder: string;
let walk: Walk;

/** What is stuck is recreated where it is ill, unless a test says otherwise; what is lost is for people. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-logs-'));
  mkdirSync(join(folder, 'books'));
  writeFileSync(join(folder, 'watchdog.yml'), 'playbooks: { folders: [books] }\n');
  playbook('ladder: [{ strategy: recreate }]');
  walk = new Walk({
    config: join(folder, 'watchdog.yml'),
    patterns: [
      aPattern({ name: 'lost', expressions: ['payment failed: till (?<till>\\d{1,3})'] }),
      aPattern({ name: 'stuck', type: 'POSTGRES_STALE_LOCK', expressions: ['data file is locked'] }),
    ],
  });
});
afterEach(async () => {
  await walk.end();
  rmSync(folder, { recursive: true });
});

/** Until logs are read. */
async function begin(): Promise<void> {
  await walk.start();
  await walk.advance(1);
  await walk.advance(1);
}

function playbook(...lines: readonly string[]): void {
  const text = ['name: postgres-stale-lock', 'condition: postgres-stale-lock', ...lines].join('\n');
  writeFileSync(join(folder, 'books', 'stale-lock.yml'), text);
}

/** How the container's log is being read now. */
function readingOf(name: string) {
  const id = walk.engine.container(name)?.listed().id;
  return walk.logs.readings.findLast(({ options }) => options.id === id);
}

/** The engine's clock, with the digits that only it has. */
const stamp = (): string => new Date(walk.clock.now()).toISOString().replace('Z', '000000Z');

async function writes(name: string, ...texts: readonly string[]): Promise<void> {
  const reading = readingOf(name);
  if (reading === undefined) throw new Error(`nobody reads the log of ${name}: ${walk.logged.join(', ')}`);
  reading.send(...texts.map(text => ({ at: stamp(), stream: 'stderr', text, left: 0 }) as const));
  await settled();
}

/** The engine ends the stream with the container. */
function crashes(name: string): void {
  walk.engine.crash(name);
  readingOf(name)?.end();
}

const errors = () =>
  walk.keptLogs.errors({ limit: 50 }).items.map(({ service, pattern, count }) => `${service} ${pattern} ${count}`);

describe('an error in the log of a container that falls ill', () => {
  beforeEach(async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await begin();
  });

  test('counts also where it is read a little later than the end is told', async () => {
    const reading = readingOf('shop-web-1');
    walk.engine.crash('shop-web-1');
    await walk.advance(20);
    await writes('shop-web-1', STUCK);
    reading?.end();
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['recreate shop-web-1 healed']);
  });

  test('that nobody ever reads the end of holds nothing up for long', async () => {
    walk.engine.crash('shop-web-1');
    await walk.advance(100);

    expect(walk.engine.count('start', 'shop-web-1')).toBe(1);
  });

  test('is what is repaired, by its own playbook', async () => {
    await writes('shop-web-1', STUCK);
    crashes('shop-web-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['recreate shop-web-1 healed']);
    expect(walk.repairRecords()[0]?.order).toMatchObject({
      kind: 'erring',
      condition: 'postgres-stale-lock',
      error: { type: 'POSTGRES_STALE_LOCK', sample: STUCK },
    });
    expect(walk.openIncident('web', 'erring')).toBeUndefined();
  });

  test('is what people are told of, where no playbook is for it', async () => {
    await writes('shop-web-1', LOST);
    crashes('shop-web-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
    const [incident] = walk.ledger.incidents({ limit: 1 }).items;
    expect(incident).toMatchObject({ kind: 'ailing', condition: 'exited', evidence: { error: 'API_FAILURE' } });
    expect(incident?.because).toContain('its log says API_FAILURE: the payment failed');
    expect(JSON.stringify(incident)).not.toContain('hunter2');
  });

  test('that it goes on writing after the repair has not healed', async () => {
    walk.engine.fate('shop-web-1', 'well');
    await writes('shop-web-1', STUCK);
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(1);
    await walk.advance(1);
    await writes('shop-web-1', STUCK);
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(1));

    expect(walk.repairRecords()[0]).toMatchObject({ outcome: 'not-healed' });
    expect(walk.repairRecords()[1]?.order.condition).toBe('postgres-stale-lock');
  });
});

describe('an error in the log of a container that crashes', () => {
  const crashesOf = async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await begin();
    await writes('shop-web-1', STUCK);
    crashes('shop-web-1');
    await walk.advance(minutes(30));
  };

  test('keeps it from being started again, however long ago it was written, where its playbook leaves it to people', async () => {
    playbook('ladder: []');

    await crashesOf();

    expect(walk.repairs()).toEqual([]);
    expect(walk.told('incident-opened', 'incident-escalated')).toEqual([
      'incident-opened web postgres-stale-lock',
      'incident-escalated web no-change',
    ]);
  });

  test('is repaired by the playbook for its very pattern, where there is one', async () => {
    writeFileSync(
      join(folder, 'books', 'unstick.yml'),
      'name: unstick\ncondition: postgres-stale-lock\npatterns: [stuck]\nladder: [{ strategy: start }]\n',
    );

    await crashesOf();

    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
    expect(walk.repairRecords()[0]?.order.condition).toBe('postgres-stale-lock');
  });
});

describe('an error in the log of a container that is well', () => {
  beforeEach(() => {
    walk.engine.up({ healthcheck: CHECKED });
  });

  test('is told to people once, when it was written three times, and is over ten minutes later', async () => {
    await begin();
    for (let times = 0; times < 20; times += 1) await writes('shop-web-1', LOST);
    await walk.advance(minutes(5));

    expect(walk.repairs()).toEqual([]);
    expect(walk.told('incident-opened', 'incident-escalated')).toEqual([
      'incident-opened web api-failure',
      'incident-escalated web no-change',
    ]);
    expect(walk.openIncident('web', 'erring')?.error?.captures).toEqual({ till: '7' });

    await walk.advance(minutes(6));

    expect(walk.openIncident('web', 'erring')).toBeUndefined();
  });

  test('is not repaired for that alone, whatever its playbook could do', async () => {
    await begin();
    await writes('shop-web-1', STUCK, STUCK, STUCK);
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual([]);
    expect(walk.lastDecision('web')).toMatch(/^no-change: .*repairs only what is ill/);
  });

  test('is repaired at once, where its playbook says so: nobody waits for the end of the record', async () => {
    playbook('ladder: [{ strategy: restart }]', 'even_if_well: yes');
    await begin();
    await writes('shop-web-1', STUCK);
    await walk.advance(50);

    expect(walk.engine.count('restart', 'shop-web-1')).toBe(1);

    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
    expect(walk.openIncident('web', 'erring')).toBeUndefined();
  });

  test('is over when a person says so', async () => {
    await begin();
    await writes('shop-web-1', LOST, LOST, LOST);
    await walk.advance(seconds(10));
    const [error] = walk.keptLogs.errors({ limit: 1 }).items;

    walk.watchdog.logs.resolve(error?.id ?? '');
    walk.watchdog.lookAgain({ project: 'shop', service: 'web' });
    await walk.advance(minutes(1));

    expect(walk.openIncident('web', 'erring')).toBeUndefined();
    expect(walk.keptLogs.error(error?.id ?? '')?.resolvedAt).toBeDefined();
  });
});

describe('a log that tells of an attack', () => {
  const ROOT = 'saving to /etc/cron.d, password=hunter2';
  beforeEach(async () => {
    await walk.end();
    walk = new Walk({
      patterns: [aPattern({ name: 'root', severity: 'critical', alarm: true, expressions: ['saving to /etc'] })],
    });
    walk.engine.up({ healthcheck: CHECKED });
    await begin();
    await writes('shop-web-1', ROOT);
    await walk.advance(seconds(10));
  });

  test('is told at once, once, and nothing is repaired from then on, also by the next watchdog and long after', async () => {
    expect(walk.told('incident-opened', 'incident-escalated')).toEqual([
      'incident-opened web attacked',
      'incident-escalated web evidence',
    ]);

    await walk.advance(minutes(30));
    walk.kill();
    await walk.start();
    walk.engine.crash('shop-web-1');
    await walk.advance(minutes(30));

    expect(walk.repairs()).toEqual([]);
    expect(walk.openIncident('web', 'attacked')?.state).toBe('escalated');
    expect(walk.lastDecision('web')).toMatch(/^evidence: its log told of an attack \(incident 1\)/);
    expect(walk.told('incident-opened', 'incident-escalated').slice(2)).toEqual([
      'incident-opened web exited',
      'incident-escalated web evidence',
    ]);
    expect(JSON.stringify(walk.news)).not.toContain('hunter2');
  });

  test('is over when a person says so, and the service is repaired as ever', async () => {
    crashes('shop-web-1');
    await walk.advance(minutes(1));
    const [error] = walk.keptLogs.errors({ limit: 1 }).items;
    expect(walk.repairs()).toEqual([]);

    walk.watchdog.resolveError(error?.id ?? '');
    walk.watchdog.lookAgain({ project: 'shop', service: 'web' });
    await walk.advance(minutes(1));

    expect(walk.openIncident('web', 'attacked')).toBeUndefined();
    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
  });

  test('keeps nobody from waiting for the service in vain', async () => {
    walk.engine.up({
      service: 'api',
      healthcheck: CHECKED,
      labels: { 'com.docker.compose.depends_on': 'web:service_started:false' },
    });
    await walk.advance(minutes(1));
    crashes('shop-web-1');
    walk.engine.crash('shop-api-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-api-1 healed']);
  });
});

describe('a log that somebody watches', () => {
  const seen: LiveEvent[] = [];
  const watch = (name: string) => walk.watchdog.logs.watchLog(name, event => seen.push(event));
  beforeEach(() => {
    seen.length = 0;
    walk.engine.up();
  });

  test('is shown by the one follow that there is, without secrets, errors marked', async () => {
    await begin();
    expect(watch('shop-web-1')).toMatchObject({ verdict: 'watching', project: 'shop', service: 'web' });
    watch('shop-web-1');

    await writes('shop-web-1', 'all is well', LOST, 'all is well again');
    await walk.advance(seconds(1));

    expect(seen.map(event => event.type === 'line' && [event.text, event.error?.pattern])).toEqual(
      ['all is well', 'the payment failed: till 7, password=***', 'all is well again'].flatMap(text => {
        const line = [text, text.startsWith('the payment') ? 'lost' : undefined];
        return [line, line];
      }),
    );
    expect(walk.logs.readings).toHaveLength(1);
  });

  test('has an error marked once that only the end of a trace names, long after its first line', async () => {
    await begin();
    watch('shop-web-1');

    await writes('shop-web-1', 'RuntimeError: nothing goes');
    await walk.advance(200);
    await writes('shop-web-1', '    because the data file is locked', '    at main (app.js:1)');
    await walk.advance(seconds(3));

    expect(seen.map(event => (event.type === 'mark' ? event.error : event.type))).toEqual([
      'line',
      'line',
      'line',
      { type: 'POSTGRES_STALE_LOCK', severity: 'error', pattern: 'stuck' },
    ]);
  });

  test('is said to have ended with its container, where nobody starts that again', async () => {
    walk.engine.up({ service: 'once', labels: { auto_repair: 'false' } });
    await begin();
    watch('shop-once-1');

    await writes('shop-once-1', 'bye');
    crashes('shop-once-1');
    await walk.advance(seconds(1));
    // Asked once more, the engine has nothing to add.
    readingOf('shop-once-1')?.end();
    await walk.advance(seconds(1));

    expect(seen.map(({ type }) => type)).toEqual(['line', 'left']);
  });

  test('is none that is out of scope, unread, or of a watchdog', async () => {
    await walk.end();
    walk = new Walk({ projects: ['shop'], patterns: [aPattern({ name: 'lost', expressions: ['payment failed'] })] });
    walk.engine.up();
    walk.engine.up({ project: 'stranger' });
    walk.engine.up({ service: 'quiet', labels: { 'auto_repair.follow_logs': 'false' } });
    walk.engine.up({ service: 'dog', labels: { 'compose-watchdog.self': 'true' } });
    await begin();

    expect(watch('stranger-web-1')).toEqual({ verdict: 'unknown', containers: ['shop-web-1'] });
    expect(watch('shop-quiet-1')).toMatchObject({ verdict: 'unread', because: expect.stringContaining('follow_logs') });
    expect(watch('shop-dog-1')).toMatchObject({ verdict: 'unread', because: expect.stringContaining('of a watchdog') });
  });
});

describe('what is kept of logs', () => {
  test('is one error for a loop, with a count, and one for the lines of a trace', async () => {
    walk.engine.up();
    await begin();
    await writes('shop-web-1', ...Array.from({ length: 1_000 }, (_, n) => `${LOST} for the ${n}th time`));
    await writes(
      'shop-web-1',
      'RuntimeError: data file is locked',
      '    at save (store.js:7)',
      '    at main (app.js:1)',
    );
    await walk.advance(seconds(10));

    expect(errors()).toEqual(['web stuck 1', 'web lost 1000']);
    expect(walk.keptLogs.errors({ limit: 50, type: 'API_FAILURE' }).items[0]).toMatchObject({
      variants: [{ template: 'the payment failed: till <n>, password=*** for the <n>th time', count: 1_000 }],
      burstAt: walk.clock.now() - seconds(10),
    });
    expect(walk.logCounts.text()).toContain(
      'container_errors_total{project="shop",service="web",type="API_FAILURE",severity="error"} 1000',
    );
    expect(walk.logCounts.text()).toContain('log_lines_total{project="shop",service="web"} 1003');
  });

  test('is read on after a stop from where it was left, and what was open is counted', async () => {
    walk.engine.up();
    await begin();
    await writes('shop-web-1', LOST);
    const left = stamp();
    await walk.stop();

    expect(errors()).toEqual(['web lost 1']);

    await begin();

    expect(readingOf('shop-web-1')?.options.since).toBe(left);
  });

  test('is not counted twice after a crash, whenever it comes', async () => {
    walk.engine.up();
    await begin();
    const line = { at: stamp(), stream: 'stderr', text: LOST, left: 0 } as const;
    readingOf('shop-web-1')?.send(line);
    await walk.advance(seconds(6));
    walk.kill();
    await begin();
    // The engine sends the lines of that very moment again.
    readingOf('shop-web-1')?.send(line);
    await writes('shop-web-1', LOST);
    await walk.advance(seconds(10));

    expect(errors()).toEqual(['web lost 2']);
  });
});

describe('a log is left unread', () => {
  test.each([
    ['by a label', { labels: { 'auto_repair.follow_logs': 'false' } }],
    ['of a watchdog, whose own words would come back to it', { labels: { 'compose-watchdog.self': 'true' } }],
  ])('%s', async (_sentence, making) => {
    walk.engine.up(making);
    walk.engine.up({ service: 'api' });
    await begin();

    expect(readingOf('shop-web-1')).toBeUndefined();
    expect(readingOf('shop-api-1')).toBeDefined();
  });
});

test('the log of a container that comes later is followed from its beginning, and one that goes is let go', async () => {
  await begin();
  walk.engine.up();
  await walk.advance(seconds(1));

  expect(readingOf('shop-web-1')?.options.signal.aborted).toBe(false);

  const reading = readingOf('shop-web-1');
  walk.engine.removeByHand('shop-web-1');
  await walk.advance(seconds(20));

  expect(reading?.options.signal.aborted).toBe(true);
});
