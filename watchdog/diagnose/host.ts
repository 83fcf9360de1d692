import type { Alert } from '../domain/alert.ts';
import { type DiskReading, diskPathOf } from '../domain/disk.ts';
import { type Finding, HOST } from '../domain/finding.ts';
import type { Diagnosis, Incident } from '../domain/incident.ts';
import { nameOf } from '../domain/service.ts';
import type { Stack } from '../domain/stack.ts';
import { type Duration, inWords, minutes } from '../domain/time.ts';
import { hostAlerted } from './alerted.ts';

/** So long little must be left on a disk: what makes room for itself is left to do so (INTERFACE, conditions). */
const LOW_FOR: Duration = minutes(5);

/** What a finding about the host means: about its engine, a disk of its own, or anything that alerts fire for. */
export function diagnoseHost(finding: Finding, stack: Stack, firing: readonly Alert[]): Diagnosis {
  if (finding.target.service === 'engine') return diagnoseEngine(finding);
  const path = diskPathOf(finding.target);
  const disk = path === undefined ? undefined : stack.disk(path);
  const incident = diskLow(finding, disk) ?? hostAlerted(finding.target, firing);
  if (incident !== undefined) return { verdict: 'incident', incident };
  if (disk?.lowSince !== undefined)
    return { verdict: 'nothing-wrong', because: `${leftOn(disk)}, not for ${inWords(LOW_FOR)} yet` };
  const because = disk === undefined ? `nothing is known against ${nameOf(finding.target)}` : leftOn(disk);
  return { verdict: 'well', because, wellSince: 0 };
}

function diskLow({ target, seenAt }: Finding, disk: DiskReading | undefined): Incident | undefined {
  if (disk?.lowSince === undefined || disk.lowSince > seenAt - LOW_FOR) return undefined;
  return {
    project: HOST,
    service: target.service,
    kind: 'host',
    condition: 'disk-low',
    because: `${leftOn(disk)}, for ${inWords(seenAt - disk.lowSince)}`,
    patients: [],
    evidence: { path: disk.path, freeBytes: disk.freeBytes, free: percent(disk.free) },
    since: disk.lowSince,
    stoppedByHandAt: undefined,
  };
}

function diagnoseEngine(finding: Finding): Diagnosis {
  if (finding.kind === 'engine-back') return { verdict: 'well', because: 'the engine answers', wellSince: 0 };
  if (finding.kind !== 'engine-lost') return { verdict: 'nothing-wrong', because: 'no news of the engine' };
  return {
    verdict: 'incident',
    incident: {
      project: HOST,
      service: 'engine',
      kind: 'host',
      condition: 'engine-lost',
      because: `the Docker engine does not answer: ${String(finding.evidence.reason)}`,
      patients: [],
      evidence: finding.evidence,
      since: finding.at,
      stoppedByHandAt: undefined,
    },
  };
}

const leftOn = ({ path, free, threshold }: DiskReading): string =>
  `${percent(free)} is free on the disk of ${path} (it should be ${percent(threshold)})`;

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;
