import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { Pulse, until } from '../engine/pulse.ts';

/** What the engine says has happened to a container of the project. */
export interface Deed {
  /** Milliseconds since 1970, by the engine's clock, which is this machine's. */
  readonly at: number;
  readonly service: string;
  readonly containerId: string;
  readonly what: 'create' | 'start' | 'die' | 'destroy' | 'healthy' | 'unhealthy';
}

/** A witness besides the watchdog: all that the engine itself tells of a project, from its beginning on. */
export interface EngineAccount {
  readonly deeds: readonly Deed[];
  /** The id of the service's container if that runs and is healthy, and no other one runs. */
  readonly well: (service: string) => string | undefined;
  readonly until: <T>(
    what: string,
    probe: () => T | Promise<T>,
    deadline?: number,
  ) => Promise<Exclude<T, false | null | undefined | 0 | ''>>;
  readonly close: () => void;
}

/** To be opened before the project is brought up. It asks the engine itself, by no road of the product's and through no proxy. */
export function anEngineAccount(project: string, socketPath = '/var/run/docker.sock'): EngineAccount {
  const deeds: Deed[] = [];
  const pulse = new Pulse();
  const over = new AbortController();
  const beating = setInterval(() => pulse.beat(), 250);
  const heard = (deed: Deed) => {
    deeds.push(deed);
    pulse.beat();
  };
  void listen({ socketPath, project, signal: over.signal, heard });
  const now = () =>
    deeds
      .slice(-30)
      .map(({ at, service, what, containerId }) => `${at} ${service} ${what} ${containerId.slice(0, 6)}`)
      .join('\n');
  return {
    deeds,
    well: service => wellAmong(deeds.filter(deed => deed.service === service)),
    until: (what, probe, deadline) => until(pulse, what, probe, now, deadline),
    close: () => {
      clearInterval(beating);
      over.abort();
    },
  };
}

function wellAmong(deeds: readonly Deed[]): string | undefined {
  const states = new Map(deeds.map(({ containerId, what }) => [containerId, what]));
  const [running, ...more] = [...states].filter(
    ([, what]) => what !== 'create' && what !== 'die' && what !== 'destroy',
  );
  return running?.[1] === 'healthy' && more.length === 0 ? running[0] : undefined;
}

/** Reads on where it was when the stream ends, as it does when the engine goes away. */
async function listen(account: Reading): Promise<void> {
  const { socketPath, project, signal, heard } = account;
  const filters = JSON.stringify({ type: ['container'], label: [`com.docker.compose.project=${project}`] });
  const known = new Set<string>();
  let since = Date.now();
  while (!signal.aborted) {
    try {
      const path = `/events?since=${since / 1_000}&filters=${encodeURIComponent(filters)}`;
      const stream = await opened(socketPath, path, signal);
      if (known.size > 0) await hearOfTheDead(account);
      for await (const line of createInterface(stream)) {
        if (known.has(line)) continue;
        known.add(line);
        const deed = deedFrom(JSON.parse(line));
        if (deed === undefined) continue;
        since = deed.at;
        heard(deed);
      }
    } catch {
      // The engine is away, or the account is closed.
    }
    await pause(100, undefined, { signal }).catch(() => undefined);
  }
}

/** An engine that ended in the middle has told nobody of the containers that it took along. */
async function hearOfTheDead({ socketPath, project, signal, heard }: Reading): Promise<void> {
  const filters = JSON.stringify({ label: [`com.docker.compose.project=${project}`] });
  const answer = await opened(socketPath, `/containers/json?all=1&filters=${encodeURIComponent(filters)}`, signal);
  const list = JSON.parse(Buffer.concat(await answer.toArray()).toString()) as readonly RawContainer[];
  for (const { Id, State, Labels } of list)
    if (State === 'exited')
      heard({ at: Date.now(), service: Labels['com.docker.compose.service'] ?? '', containerId: Id, what: 'die' });
}

const opened = (socketPath: string, path: string, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get({ socketPath, path, signal, agent: false }, answer => {
      answer.on('error', () => answer.destroy());
      resolve(answer);
    }).on('error', reject);
  });

interface Reading {
  readonly socketPath: string;
  readonly project: string;
  readonly signal: AbortSignal;
  readonly heard: (deed: Deed) => void;
}

interface RawContainer {
  readonly Id: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

interface RawEvent {
  readonly Action: string;
  readonly timeNano: number;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

function deedFrom({ Action, timeNano, Actor }: RawEvent): Deed | undefined {
  const what = Action.replace('health_status: ', '');
  if (!isDeed(what)) return undefined;
  const service = Actor.Attributes['com.docker.compose.service'] ?? '';
  return { at: timeNano / 1_000_000, service, containerId: Actor.ID, what };
}

const isDeed = (what: string): what is Deed['what'] =>
  ['create', 'start', 'die', 'destroy', 'healthy', 'unhealthy'].includes(what);
