import type { Telling, Thread } from '../../../watchdog/record/notify/thread.ts';
import { NOON } from '../ledger/a-ledger.ts';

export const aTelling = (changes: Partial<Telling> = {}): Telling => ({
  stage: 'opened',
  at: NOON,
  headline: 'shop/web is unhealthy; trying: restart',
  because: 'its health check fails',
  healthOutput: undefined,
  done: ['restart is under way, attempt 1'],
  todo: ['Nothing now.'],
  ...changes,
});

export const anEscalated = (changes: Partial<Telling> = {}): Telling =>
  aTelling({
    stage: 'escalated',
    at: NOON + 60_000,
    headline: 'shop/web is unhealthy and needs you',
    healthOutput: 'no answer',
    done: ['restart did not help'],
    todo: ['docker logs web'],
    ...changes,
  });

export const aResolved = (changes: Partial<Telling> = {}): Telling =>
  aTelling({
    stage: 'resolved',
    at: NOON + 120_000,
    headline: 'shop/web is well after 2m 5s',
    because: 'healthy for 10s',
    done: ['restart healed it'],
    todo: [],
    ...changes,
  });

export const aThread = (tellings: readonly Telling[] = [aTelling()], changes: Partial<Thread> = {}): Thread => ({
  incident: '7',
  project: 'shop',
  service: 'web',
  kind: 'ailing',
  condition: 'unhealthy',
  critical: false,
  since: NOON - 5_000,
  test: false,
  tellings,
  ...changes,
});
