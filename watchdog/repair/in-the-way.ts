import type { Docker } from '../adapters/docker/docker.ts';
import { fixedPorts } from '../domain/alternative-port.ts';
import type { Order } from '../domain/repair.ts';
import type { Replica, ServiceRef } from '../domain/service.ts';
import { clash, type HostPort } from '../domain/somebody.ts';
import { whyNotStale } from '../domain/staleness.ts';
import { type Duration, type Instant, seconds } from '../domain/time.ts';

export interface Onlooker {
  readonly docker: Pick<Docker, 'inspect' | 'howMade' | 'publishers' | 'who'>;
  /** Why nothing may be done to a container of that service with these labels; undefined where something may. */
  readonly leftAlone: (ref: ServiceRef, labels: Readonly<Record<string, string>>) => string | undefined;
  readonly clock: { now(): Instant };
}

/** In none of these is a container dead. */
const RUNS: readonly Replica['state'][] = ['running', 'paused', 'restarting', 'removing'];
/** What was made so lately may be about to be started. */
const JUST_MADE: Duration = seconds(30);

/** What a port was found to be held by: the containers to set aside. Empty: no container has any of the ports. */
export interface PortsHeld {
  /** `port 8080`, `ports 8080, 8081`: those that the container asks for. */
  readonly what: string;
  readonly ports: readonly number[];
  readonly holders: readonly Replica[];
}

/**
 * Which containers have a port of the host that the target asks for.
 * @throws Error, with a sentence for people, where one of them is not stale: then none of them is touched
 */
export async function portsHeld(
  { docker, leftAlone }: Onlooker,
  order: Order,
  target: Replica,
  signal: AbortSignal,
): Promise<PortsHeld> {
  const ports = await portsOf(docker, order, target, signal);
  const numbers = [...new Set(ports.map(({ port }) => port))];
  const what = `${numbers.length === 1 ? 'port' : 'ports'} ${numbers.join(', ')}`;
  if (ports.length === 0) return { what, ports: numbers, holders: [] };
  const holders: Replica[] = [];
  for (const { id, name, owner, ports: held } of await docker.publishers(signal)) {
    const port = held.find(one => ports.some(other => clash(one, other)))?.port;
    if (port === undefined || id === target.id) continue;
    const holder = owner && (await docker.inspect(id, signal));
    const why =
      holder === undefined
        ? 'which belongs to no Compose project'
        : (whyNotStale(holder, target) ?? leftAlone(holder, holder.labels) ?? (await vanishes(docker, id, signal)));
    if (why !== undefined)
      throw new Error(
        `${target.name} cannot have port ${port} of the host: ${name} has it, ${why}. Stop that one, or give ${target.service} another port.`,
      );
    if (holder !== undefined) holders.push(holder);
  }
  return { what, ports: numbers, holders };
}

/** Who has asked to have everything removed at its end cannot be set aside. */
async function vanishes(docker: Pick<Docker, 'howMade'>, id: string, signal: AbortSignal): Promise<string | undefined> {
  const made = await docker.howMade(id, signal);
  return made?.autoRemove ? 'which was started with --rm, so that stopping it would remove it' : undefined;
}

/** Those that the engine has named, else all that are fixed. A container in the network of the host has what it listens on. */
async function portsOf(
  docker: Pick<Docker, 'howMade'>,
  { error }: Order,
  target: Replica,
  signal: AbortSignal,
): Promise<readonly HostPort[]> {
  const made = await docker.howMade(target.id, signal);
  const named = Number(error?.captures.port);
  if (made?.sharedNetwork === 'host') return named > 0 ? [{ address: '', port: named, protocol: 'tcp' }] : [];
  const fixed = fixedPorts(made?.published ?? []);
  const meant = fixed.filter(({ port }) => port === named);
  return meant.length > 0 ? meant : fixed;
}

/**
 * The dead container that has the name that the target's log says is taken. Undefined where nobody has it any more.
 * @throws Error, with a sentence for people, where it may not be touched
 */
export async function nameHeld(
  { docker, leftAlone, clock }: Onlooker,
  { error }: Order,
  target: Replica,
  signal: AbortSignal,
): Promise<Replica | undefined> {
  const wanted = error?.captures.name?.replace(/^\//, '');
  if (wanted === undefined)
    throw new Error(`the log of ${target.name} does not say which name is taken; a person has to look`);
  const somebody = await docker.who(wanted, signal);
  if (somebody === undefined) return undefined;
  const holder = somebody.owner && (await docker.inspect(somebody.id, signal));
  const why =
    holder === undefined
      ? 'a container that belongs to no Compose project'
      : (whyNotDead(holder, target, clock.now()) ?? leftAlone(holder, holder.labels));
  if (why === undefined) return holder;
  throw new Error(
    `${target.name} cannot have the name ${wanted}: it is the name of ${why}. Remove or rename that one, or choose another name.`,
  );
}

function whyNotDead(holder: Replica, target: Replica, now: Instant): string | undefined {
  if (holder.project !== target.project) return `a container of the project ${holder.project}`;
  if (holder.id === target.id) return 'that very container';
  if (RUNS.includes(holder.state)) return `a container of the service ${holder.service} that is ${holder.state}`;
  if (holder.state === 'created' && now - holder.createdAt < JUST_MADE)
    return 'a container that has only just been made';
  return undefined;
}
