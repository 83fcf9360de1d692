import type { Clock } from '../adapters/clock.ts';
import type { Docker, EngineHost, Resources } from '../adapters/docker/docker.ts';
import { durationFrom } from '../domain/duration-from.ts';
import type { JournalStep, Order, Strategy } from '../domain/repair.ts';
import type { Replica } from '../domain/service.ts';
import type { Allotment, Throttled, ThrottleMemory } from '../domain/throttled.ts';
import { type Duration, hours } from '../domain/time.ts';
import { textIn } from './journal.ts';

export interface ThrottleTools {
  readonly docker: Pick<Docker, 'resources' | 'update' | 'host' | 'inspect'>;
  readonly throttles: ThrottleMemory;
  readonly clock: Pick<Clock, 'now'>;
}

/** Unless the playbook says `for`. */
const FOR: Duration = hours(1);
/** Of what it may use now, unless the playbook says `cpus` or `cpu_shares`. */
const SHARE = 0.5;
/** The kernel's weight for who was given none (Documentation/admin-guide/cgroup-v1/cpu), which an engine does not spell out. */
const DEFAULT_SHARES = 1_024;
/** Microseconds; the kernel's own (Documentation/scheduler/sched-bwc.rst). The engine refuses a quota below a thousand. */
const PERIOD = 100_000;
/** The engine's least, a hundredth of a core. */
const LEAST_CPUS = 0.01;

const GIVEN_BACK = 'it was given back what it may use';

/**
 * Gives a container less of the CPU for a while, in place of a restart: its processes go on, and its neighbours get room. With
 * `cpus` (a number of cores, by default half of what it may use now), or `cpu_shares` (its weight while the CPU is scarce); `for`
 * says how long (1h). What it had is given back then by `Throttles`, also by a later watchdog.
 *
 * Memory is not throttled: the Engine API has no high mark. Its reservation is a soft limit on cgroup v1 only and on v2 a
 * protected minimum (runc, `memory.low`), and a lower hard limit kills.
 */
export const throttle = ({ docker, throttles, clock }: ThrottleTools): Strategy => ({
  name: 'throttle',
  danger: 'service',
  summary: 'gives the container less CPU for a while, without interrupting it',
  apply: async ({ order, target, signal, journal }) => {
    const resources = await docker.resources(target.id, signal);
    if (resources === undefined) throw new Error(`${target.name} is gone`);
    if (throttles.throttles().some(known => isOf(known, target)))
      throw new Error(`${target.name} is throttled already; something else has to be tried`);
    const change = changeFor(order, target.name, resources, await docker.host(signal));
    const { project, service, id: containerId, number } = target;
    // The ledger first: what nobody remembers is never given back.
    journal('throttle', { containerId, ...change });
    throttles.rememberThrottle({
      project,
      service,
      containerId,
      number,
      ...change,
      until: clock.now() + timeOf(order),
    });
    await docker.update(containerId, change.after, signal);
    return undefined;
  },
  undo: (steps, signal) => giveBack({ docker, throttles }, steps, signal),
  recover: async (steps, signal) =>
    (await giveBack({ docker, throttles }, steps, signal)) ?? 'nothing had been done yet',
});

/** Also one that was made from it meanwhile, limits and all. */
const isOf = (known: Throttled, { id, project, service, number }: Replica): boolean =>
  known.containerId === id || (known.project === project && known.service === service && known.number === number);

async function giveBack(
  { docker, throttles }: Pick<ThrottleTools, 'docker' | 'throttles'>,
  steps: readonly JournalStep[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const containerId = textIn(steps, 'throttle', 'containerId');
  if (containerId === undefined) return undefined;
  const there = (await docker.inspect(containerId, signal)) !== undefined;
  if (there) {
    const before = steps.findLast(({ step }) => step === 'throttle')?.data.before as Allotment;
    await docker.update(containerId, before, signal);
  }
  throttles.forgetThrottle(containerId);
  return there ? GIVEN_BACK : 'the container is gone';
}

interface Change {
  readonly before: Allotment;
  readonly after: Allotment;
}

function changeFor(order: Order, name: string, resources: Resources, host: EngineHost): Change {
  const { cpus, cpu_shares: shares } = order.with;
  if (shares !== undefined) return weightFor(shares, name, resources, host);
  return capFor(cpus, name, resources, host);
}

/** An engine takes no weight back: to undo it, another one has to be as good as none. */
function weightFor(shares: unknown, name: string, { cpuShares }: Resources, { cgroups }: EngineHost): Change {
  const before = cpuShares > 0 ? cpuShares : DEFAULT_SHARES;
  if (typeof shares !== 'number' || !Number.isInteger(shares) || shares < 2 || shares >= before)
    throw new Error(
      `throttle: found cpu_shares ${shares} for ${name}, expected a whole number from 2 to below its ${before}. Correct the playbook.`,
    );
  if (cpuShares === 0 && cgroups === 2)
    throw new Error(
      `throttle: ${name} has no CPU shares of its own, and on cgroup v2 none could be given back. Use cpus in the playbook, or set cpu_shares in the Compose file.`,
    );
  return { before: { cpuShares: before }, after: { cpuShares: shares } };
}

/** A limit is lowered in the way in which it was set; one that was not there is a quota, because that alone can be lifted again. */
function capFor(wanted: unknown, name: string, resources: Resources, { cores }: EngineHost): Change {
  const { nanoCpus, cpuQuota, cpuPeriod } = resources;
  const period = cpuPeriod || PERIOD;
  const now = nanoCpus > 0 ? nanoCpus / 1e9 : cpuQuota > 0 ? cpuQuota / period : cores;
  const cpus = wanted ?? Math.max(now * SHARE, LEAST_CPUS);
  if (typeof cpus !== 'number' || cpus < LEAST_CPUS || cpus >= now)
    throw new Error(
      `throttle: found cpus ${wanted ?? cpus} for ${name}, expected at least ${LEAST_CPUS} and less than the ${now} it may use now. Correct the playbook.`,
    );
  if (nanoCpus > 0) return { before: { nanoCpus }, after: { nanoCpus: Math.round(cpus * 1e9) } };
  const after = { cpuQuota: Math.max(Math.round(cpus * period), 1_000) };
  return { before: { cpuQuota: cpuQuota > 0 ? cpuQuota : -1 }, after };
}

function timeOf({ with: { for: time } }: Order): Duration {
  const found = time === undefined ? FOR : durationFrom(String(time));
  if (found === undefined || found === 0)
    throw new Error(`throttle: found for ${time}, expected a duration such as 30m. Correct the playbook.`);
  return found;
}
