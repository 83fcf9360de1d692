import type { Probe, Replica } from '../../domain/service.ts';
import { minutes } from '../../domain/time.ts';
import type { Judge, Look } from '../ailment.ts';

/** A failure so soon after the replicas were made is laid to the deploy. */
const SOON_AFTER_DEPLOY = minutes(10);

/** What a shell or the engine says when the check's own program is missing, as against what a program may print itself. */
const PROGRAM_MISSING = [
  /executable file not found/i,
  /OCI runtime exec failed.*(no such file or directory|permission denied)/is,
  // The shell gives its own name, or that of the script it reads: `/healthcheck.sh: line 3: curl: command not found`.
  /^(\S*[/.])?(ba|da|a|k|z)?sh: .*: (not found|command not found|Permission denied)$/im,
];

/** The engine's health check says so, and the check itself can be believed. */
export const unhealthy: Judge = look => {
  const { replica, at } = look;
  if (replica.state !== 'running' || replica.health !== 'unhealthy') return undefined;
  if (unprobed(replica)) return { excuse: `${replica.name} was not probed for a while; its health check decides` };
  const probe = replica.inspected?.lastProbe;
  const evidence = {
    failingStreak: replica.inspected?.failingStreak ?? 0,
    ...(probe === undefined ? {} : { probeExitCode: probe.exitCode, probeOutput: probe.output }),
  };
  const since = probe?.at ?? at;
  const suspicion = suspectProbe(look, probe);
  if (suspicion !== undefined)
    return {
      condition: 'probe-broken',
      because: `${replica.name} counts as unhealthy, but ${suspicion}`,
      evidence,
      since,
    };
  const says = probe === undefined || probe.output === '' ? '' : `: ${firstLine(probe.output)}`;
  return { condition: 'unhealthy', because: `the health check of ${replica.name} fails${says}`, evidence, since };
};

/**
 * The engine calls a container unhealthy while it does not probe it. After `unpause` that stands, and no event is sent, until
 * a probe says more (moby container/health.go, CloseMonitorChannel; seen on 20.10).
 */
function unprobed({ inspected }: Replica): boolean {
  return inspected?.healthcheck !== undefined && inspected.failingStreak < inspected.healthcheck.retries;
}

function suspectProbe({ replica, service, at }: Look, probe: Probe | undefined): string | undefined {
  // 126: found but cannot be executed; 127: command not found (POSIX.1-2017, Shell Command Language, 2.8.2).
  if (probe?.exitCode === 126 || probe?.exitCode === 127)
    return `its check cannot run (exit ${probe.exitCode}): ${firstLine(probe.output)}`;
  if (probe !== undefined && PROGRAM_MISSING.some(pattern => pattern.test(probe.output)))
    return `its check cannot run: ${firstLine(probe.output)}`;
  const neverWell = (other: Replica) => other.health === 'unhealthy' && other.seen.healthyAt === undefined;
  const fresh = replica.createdAt > at - SOON_AFTER_DEPLOY;
  if (service.replicas.length > 1 && fresh && service.replicas.every(neverWell))
    return `all ${service.replicas.length} replicas have failed since they were deployed: the release or the check is at fault`;
  return undefined;
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.slice(0, 200) ?? '';
