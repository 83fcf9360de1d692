import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../watchdog/adapters/clock.ts';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import { LONGEST_LINE } from '../../watchdog/adapters/docker/log-frames.ts';
import { connectLogs, type LogLine } from '../../watchdog/adapters/docker/logs.ts';
import { LogFollower } from '../../watchdog/observe/log-follower.ts';
import { busyboxImage } from '../images/names.ts';
import { aProject, type Project } from './harness.ts';
import { Pulse, until } from './pulse.ts';

const connection = { host: process.env.DOCKER_HOST, env: process.env };
const docker = connectDocker(connection);

/** What was read of a project's containers, by service. */
interface Reader {
  readonly follower: LogFollower;
  lines(service: string): readonly LogLine[];
  texts(service: string): readonly string[];
  readonly warnings: readonly string[];
  readonly missed: number;
  /** Looks at the containers as a round would. */
  look(): Promise<void>;
  until(what: string, probe: () => boolean): Promise<unknown>;
  stop(): Promise<void>;
}

let project: Project;
const readers: Reader[] = [];
const kept = new Map<string, string>();

function aReader(): Reader {
  const byService = new Map<string, LogLine[]>();
  const warnings: string[] = [];
  const pulse = new Pulse();
  const over = new AbortController();
  let missed = 0;
  const say = (text: string) => void warnings.push(text);
  const follower = new LogFollower({
    logs: connectLogs(connection),
    clock: systemClock,
    positions: { of: id => kept.get(id), keep: moved => void moved.forEach((at, id) => void kept.set(id, at)) },
    logger: { error: say, warn: say, info: say, debug: say },
    onLines: ({ service }, lines) => {
      const known = byService.get(service) ?? [];
      for (const line of lines) known.push(line);
      byService.set(service, known);
      pulse.beat();
    },
    onMissed: (_replica, _why, lines) => {
      missed += lines ?? 0;
      pulse.beat();
    },
    onLeft: () => pulse.beat(),
  });
  const running = follower.run(over.signal);
  const lines = (service: string) => byService.get(service) ?? [];
  const reader: Reader = {
    follower,
    lines,
    texts: service => lines(service).map(({ text }) => text),
    warnings,
    get missed() {
      return missed;
    },
    look: async () => follower.attend(await docker.list(project.name)),
    until: (what, probe) => until(pulse, what, probe),
    stop: async () => {
      over.abort();
      await running;
    },
  };
  readers.push(reader);
  return reader;
}

beforeEach(() => kept.clear());
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.stop();
  await project.tearDown();
});

/** A service that runs this script of busybox and then sleeps. */
const script = (command: string, more = '') =>
  `{ image: ${busyboxImage}, command: ["sh", "-c", ${JSON.stringify(command.replaceAll('$', '$$$$'))}], stop_grace_period: 0s, ${more} }`;

async function up(services: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(services).map(([name, service]) => `  ${name}: ${service}`);
  project = aProject(`services:\n${lines.join('\n')}\n`);
  await project.compose('up', '-d');
}

describe('a log is read', () => {
  test('from both streams and from a terminal, with what it cannot show', async () => {
    await up({
      two: script('echo out; echo err >&2; sleep 1000'),
      terminal: script('echo one; echo two; sleep 1000', 'tty: true'),
      garbage: script(
        "printf 'a\\000\\377\\376b\\033[31m\\n'; head -c 100000 /dev/urandom; echo; echo done; sleep 1000",
      ),
    });
    const reader = aReader();

    await reader.look();
    await reader.until('all was read', () => {
      const ready = (service: string, text: string) => reader.texts(service).includes(text);
      return reader.lines('two').length === 2 && ready('terminal', 'two') && ready('garbage', 'done');
    });

    expect(
      reader
        .lines('two')
        .map(({ stream, text }) => `${stream} ${text}`)
        .sort(),
    ).toEqual(['stderr err', 'stdout out']);
    expect(reader.lines('terminal').map(({ stream, text }) => `${stream} ${text}`)).toEqual([
      'terminal one',
      'terminal two',
    ]);
    expect(reader.texts('garbage')[0]).toBe('a\u0000\ufffd\ufffdb\u001b[31m');
    for (const { at } of reader.lines('two')) expect(Math.abs(Date.now() - Date.parse(at))).toBeLessThan(600_000);
  });

  test('whole when 200,000 lines are written in a burst, in order', async () => {
    const count = 200_000;
    await up({
      loud: script(
        `sleep 1; yes 'a line of a busy service that has much to tell' | head -n ${count} | cat -n; sleep 1000`,
      ),
    });
    const reader = aReader();

    await reader.look();
    await reader.until('all was read or counted', () => reader.lines('loud').length + reader.missed >= count);

    const numbers = reader.texts('loud').map(text => Number.parseInt(text, 10));
    expect(numbers.length + reader.missed).toBe(count);
    expect(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0))).toBe(true);
  });

  test('as far as it may be kept when a line has a megabyte, and the next one whole', async () => {
    await up({ long: script("head -c 1000000 /dev/zero | tr '\\000' x; echo; echo next; sleep 1000") });
    const reader = aReader();

    await reader.look();
    await reader.until('the next line was read', () => reader.texts('long').includes('next'));

    expect(reader.lines('long').map(({ text, left }) => [text.length, left])).toEqual([
      [LONGEST_LINE, 1_000_000 - LONGEST_LINE],
      [4, 0],
    ]);
  });

  test('on where it was left, without a line lost or told twice, through a restart and a new watchdog', async () => {
    await up({ counting: script('i=0; while :; do i=$((i+1)); echo "$i"; usleep 2000; done') });
    const first = aReader();
    await first.look();
    await first.until('some was read', () => first.lines('counting').length > 50);
    await first.stop();

    const second = aReader();
    await second.look();
    await second.until('more was read', () => second.lines('counting').length > 50);

    const numbers = [...first.texts('counting'), ...second.texts('counting')].map(Number);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));

    await project.compose('restart', '-t', '0', 'counting');
    await second.look();
    const since = () => second.texts('counting').slice(second.texts('counting').lastIndexOf('1'));
    await second.until('it counts from one again', () => since()[0] === '1' && since().length > 50);
    const again = since().map(Number);
    expect(again).toEqual(again.map((_, index) => index + 1));
  });

  test('of the new container when one is recreated, and of one that ended before it was seen', async () => {
    await up({ web: script('echo "$HOSTNAME"; sleep 1000') });
    const reader = aReader();
    await reader.look();
    await reader.until('the first was read', () => reader.lines('web').length === 1);

    await project.compose('up', '-d', '--force-recreate', 'web');
    await reader.look();
    await reader.until('the second was read', () => reader.lines('web').length === 2);
    const { Id } = await project.container('web');
    expect(Id.startsWith(reader.texts('web')[1] ?? '?')).toBe(true);

    await project.docker(
      'run',
      '-d',
      '--name',
      `${project.name}-once-1`,
      '--label',
      `com.docker.compose.project=${project.name}`,
      '--label',
      'com.docker.compose.service=once',
      busyboxImage,
      'echo',
      'no database',
    );
    await project.until('it has ended', async () => (await project.container('once')).State.Status === 'exited');
    await reader.look();
    await reader.until('its words were read', () => reader.texts('once').includes('no database'));
    await reader.until('it was left', () => reader.follower.following.length === 1);
  });
});

test('a logging driver that keeps nothing is said once', async () => {
  await up({ silent: script('echo nobody; sleep 1000', 'logging: { driver: none }') });
  const reader = aReader();

  await reader.look();
  await reader.until('it was left', () => reader.follower.following.length === 0);
  await reader.look();
  await reader.look();

  expect(reader.warnings).toEqual([expect.stringContaining('keeps nothing')]);
  expect(reader.follower.following).toEqual([]);
});
