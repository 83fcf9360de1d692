import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import type { Docker, EngineEvent } from '../../watchdog/adapters/docker/docker.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { patientImage } from '../images/names.ts';
import { aProject, type Project } from './harness.ts';
import { Pulse, until } from './pulse.ts';

// The simulation is worth as much as its engine is like the real one: the same deeds must be told of in the same words.

type Script = (docker: Docker, id: string) => Promise<unknown>;

/** Nobody is killed for taking longer on a busy machine. */
const GRACE = seconds(100);

/** In this order, on one container that runs; the last one ends it. */
const SCRIPT: readonly (readonly [string, Script])[] = [
  ['a restart', (docker, id) => docker.restart(id, GRACE)],
  ['a stop', (docker, id) => docker.stop(id, GRACE)],
  ['a stop of what is stopped', (docker, id) => docker.stop(id, GRACE)],
  ['a restart of what is stopped', (docker, id) => docker.restart(id, GRACE)],
  ['a start of what runs', (docker, id) => docker.start(id)],
  ['a rename', async (docker, id) => docker.rename(id, `${(await docker.inspect(id))?.name}-old`)],
  ['a removal of what runs', (docker, id) => docker.remove(id)],
];

const inWords = ({ action, signal }: EngineEvent): string => (signal === undefined ? action : `${action} ${signal}`);

/**
 * The events of each deed, by its name.
 * @param mark makes another container, so that its event follows all that the deed has caused. @returns its id
 */
async function told(docker: Docker, project: string, id: string, mark: (deed: string) => Promise<string>) {
  const over = new AbortController();
  const opened = Promise.withResolvers<void>();
  const pulse = new Pulse();
  const marks = new Set<string>();
  let seen: string[] = [];
  const listen = async () => {
    const options = { project, since: undefined, onOpen: () => opened.resolve(), signal: over.signal };
    for await (const event of docker.events(options)) {
      if (event.containerId === id) seen.push(inWords(event));
      else marks.add(event.containerId);
      pulse.beat();
    }
  };
  const listening = listen().catch(() => undefined);
  await opened.promise;
  const traces: Record<string, string> = {};
  for (const [name, deed] of SCRIPT) {
    seen = [];
    await deed(docker, id);
    const marker = await mark(name);
    await until(pulse, `the events of ${name} are told`, () => marks.has(marker));
    traces[name] = seen.join(', ');
  }
  over.abort();
  await listening;
  return traces;
}

let project: Project;

beforeAll(async () => {
  project = aProject(`services: { web: { image: ${patientImage} } }`);
  await project.compose('up', '-d');
});

afterAll(() => project.tearDown());

/** In its so-manieth life the patient says that it has started when it listens to signals: one that comes before is lost on it. */
const listens = (life: number) =>
  project.until('the patient listens', async () => {
    const said = life === 0 ? '' : await project.docker('logs', `${project.name}-web-1`);
    return said.split('patient: started').length > life;
  });

describe('of one script on one container', () => {
  test('the simulated engine tells the same events in the same order as the real one', async () => {
    const real = connectDocker({ host: process.env.DOCKER_HOST, env: process.env });
    const fake = new FakeEngine(new FakeClock());
    const { Id } = await project.container('web');
    await listens(1);
    const labels = [`com.docker.compose.project=${project.name}`, 'com.docker.compose.service=mark'];
    const lives: Readonly<Record<string, number>> = { 'a restart': 2, 'a restart of what is stopped': 3 };
    const mark = async (deed: string) => {
      await listens(lives[deed] ?? 0);
      return await project.docker('create', ...labels.flatMap(label => ['--label', label]), patientImage);
    };
    let marks = 0;
    const fakeMark = async () => fake.make({ service: 'mark', number: ++marks });

    const simulated = await told(fake.docker, 'shop', fake.up(), fakeMark);

    expect(await told(real, project.name, Id, mark)).toEqual(simulated);
  });
});
