import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../watchdog/diagnose/diagnose.ts';
import { troubleOver } from '../../watchdog/diagnose/trouble-over.ts';
import type { MemoryReading } from '../../watchdog/domain/memory.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { aFinding, ago, aHealthyReplica, aReplica, aService, aStack, NOON } from '../fakes/a-service.ts';
import { conditionOf, incidentOf } from './a-diagnosis.ts';

const WEB = { project: 'shop', service: 'web' };
const low = (differing: Partial<MemoryReading> = {}): MemoryReading => ({
  at: NOON,
  available: 0.04,
  availableBytes: 320_000_000,
  lowSince: ago('2m'),
  giver: { containerId: 'shop-web-1-id', bytes: 3_000_000_000, chosenAt: ago('1m') },
  ...differing,
});
const giver = low().giver as NonNullable<MemoryReading['giver']>;
const old = aHealthyReplica({ inspected: { startedAt: ago('1h') } });

const stackOf = (memory: MemoryReading | undefined, ...replicas: Replica[]) =>
  aStack([aService({ replicas })], memory === undefined ? {} : { memory });
const looking = (memory: MemoryReading | undefined, ...replicas: Replica[]) =>
  diagnose(aFinding({ kind: 'measured' }), stackOf(memory, ...replicas));

describe('a host without memory', () => {
  test('is the trouble of the one container that is to give some back', () => {
    const other = aHealthyReplica({ number: 2 });

    expect(incidentOf(looking(low(), old, other))).toEqual({
      ...WEB,
      kind: 'starved',
      condition: 'memory-low',
      because:
        "only 4 % of the host's memory (320 MB) has been available for 2m; of those that may be restarted for it shop-web-1 uses the most, 3 GB",
      patients: [{ id: 'shop-web-1-id', name: 'shop-web-1', number: 1 }],
      evidence: { available: '4 %', availableBytes: 320_000_000, usedBytes: 3_000_000_000 },
      since: ago('2m'),
      stoppedByHandAt: undefined,
    });
  });

  test.each<[string, MemoryReading | undefined, Replica]>([
    ['another container is to give', low({ giver: { ...giver, containerId: 'other' } }), old],
    ['nobody has to', low({ giver: undefined }), old],
    ['there is enough again', low({ lowSince: undefined }), old],
    ['it cannot be read', undefined, old],
    ['it was started anew since', low(), aHealthyReplica({ inspected: { startedAt: ago('30s') } })],
  ])('is no trouble of it when %s', (_sentence, memory, replica) => {
    expect(conditionOf(looking(memory, replica))).toBe('well');
    expect(troubleOver('starved', WEB, stackOf(memory, replica), { firing: () => [] }, NOON)).toBeDefined();
  });

  test('is not over for it before it was started anew', () => {
    expect(troubleOver('starved', WEB, stackOf(low(), old), { firing: () => [] }, NOON)).toBeUndefined();
  });

  test('comes after what is wrong with the container itself', () => {
    expect(conditionOf(looking(low(), aReplica({ state: 'exited', exitCode: 1 })))).toBe('exited');
  });
});
