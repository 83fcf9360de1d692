import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ContainerInspectInfo } from 'dockerode';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import { busyboxImage } from '../images/names.ts';
import { Pulse, until } from './pulse.ts';
import { unlessStuck } from './stuck-network.ts';

const run = promisify(execFile);

/**
 * A health check that notices within two seconds. It takes three probes in a row, and none at all says something while a start is not
 * over: an engine that is busy fails to run one now and then, whatever time that may take, or runs it before the process has done anything.
 */
export const checkWithin = (timeout: string): string =>
  `healthcheck: { test: ["CMD", "patient", "check"], interval: 500ms, timeout: ${timeout}, retries: 3, start_period: 30s }`;

export const CHECK = checkWithin('30s');

export interface ProjectOptions {
  /** The Compose to use; v2 by default. */
  readonly compose?: readonly string[];
  /** The engine to use, in DOCKER_HOST's syntax. */
  readonly engine?: string;
}

/** A real Compose project under a name of its own. */
export interface Project {
  readonly name: string;
  /** Where its Compose file lies. */
  readonly folder: string;
  /** `compose('up', '-d')` */
  readonly compose: (...args: readonly string[]) => Promise<string>;
  readonly docker: (...args: readonly string[]) => Promise<string>;
  /** `docker exec` in the service's first container. */
  readonly exec: (service: string, ...command: readonly string[]) => Promise<string>;
  /** Of every container of the service, running or not, by container number. */
  readonly containers: (service: string) => Promise<readonly ContainerInspectInfo[]>;
  /** The only container of the service; throws when there are more or none. */
  readonly container: (service: string) => Promise<ContainerInspectInfo>;
  /** The same for a command that ends the container it runs in: it may be killed before it, or the engine, has answered. */
  readonly execLast: (service: string, ...command: readonly string[]) => Promise<void>;
  /** `kill -9` from outside: a crash that the engine did not order. */
  readonly crash: (service: string) => Promise<void>;
  readonly until: <T>(
    what: string,
    probe: () => T | Promise<T>,
  ) => Promise<Exclude<T, false | null | undefined | 0 | ''>>;
  /** Containers, networks, volumes: all that carries the project's label. */
  readonly tearDown: () => Promise<void>;
}

/** Writes the Compose file and connects; brings nothing up. `tearDown` it whatever happens. */
export function aProject(yaml: string, options: ProjectOptions = {}): Project {
  const name = `cwt-${randomBytes(4).toString('hex')}`;
  const folder = mkdtempSync(join(tmpdir(), 'cwt-'));
  writeFileSync(join(folder, 'compose.yaml'), yaml);
  const [program = 'docker', ...first] = options.compose ?? ['docker', 'compose'];
  const env = { ...process.env, ...(options.engine === undefined ? {} : { DOCKER_HOST: options.engine }) };
  const docker = async (...args: readonly string[]) => (await run('docker', args, { env })).stdout.trim();
  const composed = async (args: readonly string[]) =>
    (await run(program, [...first, '-p', name, '-f', join(folder, 'compose.yaml'), ...args], { env })).stdout.trim();
  const compose = (...args: readonly string[]) => unlessStuck(composed(args), name, docker);
  const label = `label=com.docker.compose.project=${name}`;
  const { pulse, close } = pulseOf(name, options.engine);
  // Of containers, too, that a `down` has taken away since: it keeps their volumes.
  const anonymous = new Set<string>();

  const containers = async (service: string) => {
    const ids = await docker(
      'ps',
      '-aq',
      '--no-trunc',
      '--filter',
      label,
      '--filter',
      `label=com.docker.compose.service=${service}`,
    );
    if (ids === '') return [];
    const found = JSON.parse(await docker('inspect', ...ids.split('\n'))) as ContainerInspectInfo[];
    for (const { Mounts } of found) for (const name of withoutName(Mounts.map(({ Name }) => Name))) anonymous.add(name);
    return found.sort((a, b) => a.Name.localeCompare(b.Name));
  };
  const container = async (service: string) => {
    const [only, ...more] = await containers(service);
    if (only === undefined || more.length > 0)
      throw new Error(`${service} has ${more.length + (only ? 1 : 0)} containers`);
    return only;
  };
  return {
    name,
    folder,
    docker,
    compose,
    containers,
    container,
    exec: async (service, ...command) => await docker('exec', (await container(service)).Id, ...command),
    execLast: async (service, ...command) => {
      const { Id } = await container(service);
      await docker('exec', Id, ...command).catch(() => undefined);
    },
    crash: async service => {
      const { State } = await container(service);
      await docker(
        'run',
        '--rm',
        '--network',
        'none',
        '--pid',
        'host',
        '--name',
        `${name}-killer`,
        busyboxImage,
        'kill',
        '-9',
        String(State.Pid),
      );
    },
    until: (what, probe) => until(pulse, what, probe),
    tearDown: async () => {
      close();
      rmSync(folder, { recursive: true, force: true });
      for (const name of await volumesWithoutName(docker, label)) anonymous.add(name);
      for (const kind of ['container', 'network', 'volume']) {
        const list = await docker(kind, 'ls', '-q', ...(kind === 'container' ? ['-a'] : []), '--filter', label);
        const force = kind === 'container' ? ['-f', '-v'] : [];
        if (list !== '') await unlessStuck(docker(kind, 'rm', ...force, ...list.split('\n')), name, docker);
      }
      if (anonymous.size > 0) await docker('volume', 'rm', '-f', ...anonymous);
    },
  };
}

/**
 * The anonymous volumes of the project's containers. A recreate carries them over by name; they are nobody's anonymous volumes any
 * more then, and neither the engine nor Compose removes them.
 */
async function volumesWithoutName(docker: Project['docker'], label: string): Promise<readonly string[]> {
  const containers = await docker('container', 'ls', '-aq', '--filter', label);
  if (containers === '') return [];
  const names = await docker('inspect', '--format', '{{range .Mounts}}{{.Name}} {{end}}', ...containers.split('\n'));
  return withoutName(names.split(/\s+/));
}

const withoutName = (volumes: readonly (string | undefined)[]): string[] =>
  volumes.filter(name => name !== undefined && /^[0-9a-f]{64}$/.test(name)) as string[];

/** Beats with every event of the project's containers, and each second: an engine under load may drop events, or their stream. */
function pulseOf(project: string, host: string | undefined): { readonly pulse: Pulse; readonly close: () => void } {
  const pulse = new Pulse();
  const over = new AbortController();
  const beating = setInterval(() => pulse.beat(), 1_000).unref();
  const listen = async () => {
    const { events } = connectDocker({ host, env: process.env });
    for await (const _ of events({ project, since: undefined, onOpen: () => pulse.beat(), signal: over.signal }))
      pulse.beat();
  };
  listen().catch(() => undefined);
  const close = () => {
    clearInterval(beating);
    over.abort();
  };
  return { pulse, close };
}
