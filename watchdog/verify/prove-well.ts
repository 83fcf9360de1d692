import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import type { Notices } from '../adapters/notices.ts';
import type { Proof } from '../domain/repair.ts';
import type { Healthcheck, Replica } from '../domain/service.ts';
import { type Duration, type Instant, inWords, seconds } from '../domain/time.ts';
import { isWell } from '../domain/wellness.ts';

export interface Eyes {
  readonly docker: Pick<Docker, 'inspect'>;
  readonly notices: Pick<Notices, 'next'>;
  readonly clock: Clock;
}

/** Beyond what the health check itself may take. */
const MARGIN: Duration = seconds(5);
/** Looks without an event to call for them: events can be lost. */
const LOOK_AT_LEAST_EVERY: Duration = seconds(5);

/**
 * How long the engine may take to call a container healthy: the start period, then as many probes as it takes to be called
 * unhealthy, and one more (moby daemon/health.go).
 */
export const healthLimit = (check: Healthcheck): Duration =>
  check.startPeriod + (check.interval + check.timeout) * (check.retries + 1) + MARGIN;

/**
 * Healed means well and still well: healthy within the limit of its own health check (running, without one), and for the
 * settle time after that neither unhealthy nor ended nor started anew.
 * @param startedBefore when it was started before the repair: a health from that life proves nothing
 * @param atLeast so long it may take in any case
 */
export async function proveWell(
  containerId: string,
  startedBefore: Instant | undefined,
  settle: Duration,
  eyes: Eyes,
  signal: AbortSignal,
  atLeast: Duration = 0,
): Promise<Proof> {
  const first = await eyes.docker.inspect(containerId, signal);
  if (first === undefined) return failed('gone', 'the container is gone');
  const check = first.inspected?.healthcheck;
  const limit = Math.max(atLeast, check === undefined ? MARGIN : healthLimit(check));
  const well = await becomesWell(first, startedBefore, limit, eyes, signal);
  if ('code' in well) return well;
  return await staysWell(well, settle, eyes, signal);
}

async function becomesWell(
  first: Replica,
  startedBefore: Instant | undefined,
  limit: Duration,
  eyes: Eyes,
  signal: AbortSignal,
): Promise<Replica | Proof> {
  const deadline = eyes.clock.monotonic() + limit;
  let replica: Replica | undefined = first;
  while (true) {
    if (replica === undefined) return failed('gone', `${first.name} is gone`);
    if (isWell(replica)) return replica;
    const newLife = replica.inspected?.startedAt !== startedBefore;
    if (newLife && replica.health === 'unhealthy') return failed('still-unhealthy', unhealthyWords(replica));
    if (replica.state !== 'running') return failed('ended', endedWords(replica));
    const left = deadline - eyes.clock.monotonic();
    if (left <= 0) return failed('too-slow', `${replica.name} is still ${replica.health} after ${inWords(limit)}`);
    replica = await nextLook(replica.id, Math.min(left, LOOK_AT_LEAST_EVERY), eyes, signal);
  }
}

/** For so long neither unhealthy nor ended nor started anew. */
export async function staysWell(well: Replica, settle: Duration, eyes: Eyes, signal: AbortSignal): Promise<Proof> {
  const deadline = eyes.clock.monotonic() + settle;
  while (true) {
    const left = Math.max(0, deadline - eyes.clock.monotonic());
    const replica = await nextLook(well.id, left, eyes, signal);
    if (replica === undefined) return failed('gone', `${well.name} is gone`);
    if (replica.state !== 'running') return failed('ended', endedWords(replica));
    if (replica.inspected?.startedAt !== well.inspected?.startedAt)
      return failed('restarted', `${well.name} was started again within ${inWords(settle)} of the repair`);
    if (replica.health === 'unhealthy') return failed('still-unhealthy', unhealthyWords(replica));
    if (eyes.clock.monotonic() >= deadline)
      return { healed: true, code: 'proven', because: `${well.name} is well and stayed so for ${inWords(settle)}` };
  }
}

/** The next look: after an event about the container, at the latest after `within`. */
async function nextLook(id: string, within: Duration, eyes: Eyes, signal: AbortSignal): Promise<Replica | undefined> {
  const enough = new AbortController();
  const both = AbortSignal.any([signal, enough.signal]);
  const slept = eyes.clock.sleep(within, both).catch(() => undefined);
  await Promise.race([slept, eyes.notices.next(id, both)]);
  enough.abort();
  signal.throwIfAborted();
  return await eyes.docker.inspect(id, signal);
}

const failed = (code: Proof['code'], because: string): Proof => ({ healed: false, code, because });

const endedWords = (replica: Replica): string =>
  `${replica.name} is ${replica.state} (exit ${replica.exitCode ?? 'unknown'})`;

function unhealthyWords(replica: Replica): string {
  const output = replica.inspected?.lastProbe?.output.split('\n', 1)[0]?.slice(0, 200);
  return `${replica.name} is unhealthy again${output ? `: ${output}` : ''}`;
}
