import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ContainerInspectInfo } from 'dockerode';
import { alertmanagerImage, haproxyImage, prometheusImage, watchdogImage } from '../images/names.ts';
import { Pulse, until } from './pulse.ts';
import { unlessStuck } from './stuck-network.ts';

const run = promisify(execFile);
const FOLDER = join(import.meta.dirname, '..', '..', 'compose');

/** Prometheus asks every 15 s, and what comes of it is looked at only after that. */
const DEADLINE = 300_000;

export interface StackOptions {
  /** Of compose/, in the order in which they are laid over each other. */
  readonly files: readonly string[];
  /** The Compose to use; v2 by default. */
  readonly compose?: readonly string[];
  readonly profiles?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The repository's own Compose files under a project name of their own, with our images and with ports that are free. */
export interface Stack {
  readonly name: string;
  /** `compose('up', '-d')`, with more environment where wanted. */
  readonly compose: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<string>;
  /** `docker exec` in the service's container, as its user. */
  readonly exec: (service: string, ...command: readonly string[]) => Promise<string>;
  readonly container: (service: string) => Promise<ContainerInspectInfo>;
  /** Asks an address of the service on this machine, `/-/ready`. @throws Error unless it is answered 2xx */
  readonly get: (service: string, port: number, path: string) => Promise<unknown>;
  /** Resolves once each of them is healthy. */
  readonly untilHealthy: (...services: readonly string[]) => Promise<void>;
  readonly until: <T>(
    what: string,
    probe: () => T | Promise<T>,
  ) => Promise<Exclude<T, false | null | undefined | 0 | ''>>;
  /** Containers, networks, and volumes with all that is in them. */
  readonly tearDown: () => Promise<void>;
}

/** Brings nothing up. `tearDown` it whatever happens. */
export function theStack(options: StackOptions): Stack {
  const name = `cwt-stack-${randomBytes(4).toString('hex')}`;
  const [program = 'docker', ...first] = options.compose ?? ['docker', 'compose'];
  const files = options.files.flatMap(file => ['-f', join(FOLDER, file)]);
  const profiles = (options.profiles ?? []).flatMap(profile => ['--profile', profile]);
  const images = {
    // One that is being worked on can be named from outside.
    COMPOSE_WATCHDOG_IMAGE: process.env.COMPOSE_WATCHDOG_IMAGE || watchdogImage,
    PROMETHEUS_IMAGE: prometheusImage,
    ALERTMANAGER_IMAGE: alertmanagerImage,
    HAPROXY_IMAGE: haproxyImage,
  };
  const anyPort = { COMPOSE_WATCHDOG_PORT: '0', PROMETHEUS_PORT: '0', ALERTMANAGER_PORT: '0' };
  const compose: Stack['compose'] = async (args, more) => {
    const env = { ...process.env, ...images, ...anyPort, ...options.env, ...more };
    return (await run(program, [...first, '-p', name, ...files, ...profiles, ...args], { env })).stdout.trim();
  };
  const pulse = new Pulse();
  const beating = setInterval(() => pulse.beat(), 250).unref();
  const awaitThat: Stack['until'] = (what, probe) => until(pulse, what, probe, undefined, DEADLINE);

  const container = async (service: string) => {
    const filters = [`label=com.docker.compose.project=${name}`, `label=com.docker.compose.service=${service}`];
    const { stdout } = await run('docker', ['ps', '-aq', ...filters.flatMap(filter => ['--filter', filter])]);
    const [only, ...others] = stdout.trim().split('\n').filter(Boolean);
    if (only === undefined || others.length > 0) throw new Error(`${service}: found ${stdout}, expected one container`);
    return JSON.parse((await run('docker', ['inspect', only])).stdout)[0] as ContainerInspectInfo;
  };
  const healthy = async (service: string) => (await container(service)).State.Health?.Status === 'healthy';
  return {
    name,
    compose,
    container,
    exec: async (service, ...command) =>
      (await run('docker', ['exec', (await container(service)).Id, ...command])).stdout.trim(),
    get: async (service, port, path) => {
      const published = (await container(service)).NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort;
      const response = await fetch(`http://127.0.0.1:${published}${path}`, { signal: AbortSignal.timeout(10_000) });
      const text = await response.text();
      if (!response.ok) throw new Error(`GET ${path} of ${service} was answered ${response.status}: ${text}`);
      return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
    },
    untilHealthy: async (...services) => {
      for (const service of services) await awaitThat(`${service} is healthy`, () => healthy(service));
    },
    until: awaitThat,
    tearDown: async () => {
      clearInterval(beating);
      const docker = async (...args: readonly string[]) => (await run('docker', args)).stdout.trim();
      await unlessStuck(compose(['down', '--volumes', '--remove-orphans', '--timeout', '2']), name, docker);
    },
  };
}
