import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../watchdog/diagnose/diagnose.ts';
import type { Alert } from '../../watchdog/domain/alert.ts';
import { type DiskReading, diskPathOf, diskRef } from '../../watchdog/domain/disk.ts';
import { aFinding, ago, aStack, NOON } from '../fakes/a-service.ts';
import { aFiringAlert } from '../fakes/fake-alerts.ts';
import { conditionOf, incidentOf } from './a-diagnosis.ts';

const DISK = diskRef('/var/lib/docker');

const aReading = (differing: Partial<DiskReading> = {}): DiskReading => ({
  path: '/var/lib/docker',
  at: NOON,
  free: 0.042,
  freeBytes: 4_200_000_000,
  threshold: 0.1,
  lowSince: ago('5m'),
  ...differing,
});

const looking = (disks: readonly DiskReading[], alerts: readonly Alert[] = []) =>
  diagnose(aFinding({ kind: 'measured', source: 'samples', target: DISK }), aStack([], { disks }), {
    firing: () => alerts,
  });

describe('a watched disk', () => {
  test('of which little has been left for five minutes is an incident of the host, one for each path', () => {
    expect(incidentOf(looking([aReading()]))).toMatchObject({
      project: 'host',
      service: 'disk:/var/lib/docker',
      kind: 'host',
      condition: 'disk-low',
      because: '4.2 % is free on the disk of /var/lib/docker (it should be 10 %), for 5m',
      patients: [],
      since: ago('5m'),
    });
    expect(diskPathOf(DISK)).toBe('/var/lib/docker');
  });

  test.each<[string, readonly DiskReading[], string]>([
    ['is waited for while that is not long enough', [aReading({ lowSince: ago('4m') })], 'nothing-wrong'],
    ['is well when there is enough again', [aReading({ free: 0.3, lowSince: undefined })], 'well'],
    ['is well when it is another one', [aReading({ path: '/data' })], 'well'],
  ])('%s', (_sentence, disks, verdict) => {
    expect(conditionOf(looking(disks))).toBe(verdict);
  });

  test.each<[string, readonly DiskReading[], string]>([
    [
      'is waited for',
      [aReading({ lowSince: ago('4m') })],
      '4.2 % is free on the disk of /var/lib/docker (it should be 10 %), not for 5m yet',
    ],
    [
      'has enough',
      [aReading({ free: 0.3, lowSince: undefined })],
      '30 % is free on the disk of /var/lib/docker (it should be 10 %)',
    ],
    ['was never read', [], 'nothing is known against host/disk:/var/lib/docker'],
  ])('says how it stands when it %s', (_sentence, disks, because) => {
    expect(looking(disks).verdict === 'incident' ? undefined : looking(disks)).toMatchObject({ because });
  });

  test('has its path and what is left of it as evidence', () => {
    expect(incidentOf(looking([aReading()])).evidence).toEqual({
      path: '/var/lib/docker',
      freeBytes: 4_200_000_000,
      free: '4.2 %',
    });
  });

  test('is not said to be low by an alert about something else', () => {
    const alert = aFiringAlert({ name: 'HostIsHot', condition: 'hot', target: DISK });

    expect(incidentOf(looking([], [alert]))).toMatchObject({ kind: 'host', condition: 'alerting', patients: [] });
  });

  test('is also what alerts say of it, after what was read of it', () => {
    const alert = aFiringAlert({
      name: 'DiskSpaceLow',
      condition: 'disk-low',
      target: DISK,
      wants: { kind: 'strategy', name: 'cleanup' },
    });

    expect(incidentOf(looking([], [alert]))).toMatchObject({
      kind: 'host',
      condition: 'disk-low',
      alert: { name: 'DiskSpaceLow' },
    });
    expect(incidentOf(looking([aReading()], [alert])).alert).toBeUndefined();
  });
});
