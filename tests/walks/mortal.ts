import type { Clock } from '../../watchdog/adapters/clock.ts';
import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import type { AlertLedger } from '../../watchdog/record/ledger/alerts.ts';
import { type Ledger, LedgerError } from '../../watchdog/record/ledger/ledger.ts';
import type { LogLedger } from '../../watchdog/record/ledger/logs.ts';

// What a watchdog is given that may be killed at any instant, as by SIGKILL: what the dead ask for is never answered, what they
// were about to write is never written, and none of their timers rings.

export interface Mortal {
  readonly isAlive: () => boolean;
  /** Otherwise every write fails, as the ledger says it when the disk is full. */
  readonly canWrite: () => boolean;
  /** Before and after each engine call and each write. */
  readonly step: (phase: 'before' | 'after') => void;
}

type Call = (...given: readonly unknown[]) => unknown;

const never = <T>(): Promise<T> => new Promise(() => undefined);

export function mortalDocker(docker: Docker, mortal: Mortal): Docker {
  const mortalCall =
    (call: Call): Call =>
    (...given) => {
      mortal.step('before');
      if (!mortal.isAlive()) return never();
      const answer = call(...given);
      return answer instanceof Promise
        ? answered(answer, mortal)
        : untilDeath(answer as AsyncIterable<unknown>, mortal);
    };
  return mapped(docker, (_, call) => mortalCall(call));
}

const answered = <T>(answer: Promise<T>, { isAlive, step }: Mortal): Promise<T> =>
  answer
    .finally(() => step('after'))
    .then(
      value => (isAlive() ? value : never<T>()),
      error => (isAlive() ? Promise.reject(error) : never<T>()),
    );

async function* untilDeath<T>(events: AsyncIterable<T>, { isAlive }: Mortal): AsyncGenerator<T> {
  for await (const event of events) {
    if (!isAlive()) await never();
    yield event;
  }
}

const WRITES = new Set<string>([
  'noteFinding',
  'openIncident',
  'moveIncident',
  'askApproval',
  'answerApproval',
  'noteDecision',
  'beginRepair',
  'noteStep',
  'noteActed',
  'endRepair',
  'rememberSizes',
  'rememberStop',
  'forgetStop',
  'setBookmark',
  'rememberThrottle',
  'forgetThrottle',
] satisfies (keyof Ledger)[]);

export function mortalLedger(ledger: Ledger, { isAlive, canWrite, step }: Mortal): Ledger {
  const living = () => {
    if (!isAlive()) throw new Error('dead');
  };
  const written =
    (call: Call): Call =>
    (...given) => {
      if (!canWrite()) throw new LedgerError('database or disk is full');
      step('before');
      living();
      const answer = call(...given);
      step('after');
      living();
      return answer;
    };
  const read =
    (call: Call): Call =>
    (...given) => {
      living();
      return call(...given);
    };
  return mapped(ledger, (word, call) => (WRITES.has(word) ? written(call) : read(call)));
}

/** As `mortalLedger`, for the alerts in the same file. */
export function mortalAlerts(alerts: AlertLedger, { isAlive, canWrite, step }: Mortal): AlertLedger {
  const living = () => {
    if (!isAlive()) throw new Error('dead');
  };
  return mapped(alerts, (word, call) => (...given) => {
    const writes = word === 'take' || word === 'done' || word === 'lapse';
    if (writes && !canWrite()) throw new LedgerError('database or disk is full');
    if (writes) step('before');
    living();
    const answer = call(...given);
    if (writes) step('after');
    living();
    return answer;
  });
}

/** As `mortalLedger`, for what was read of logs. What changes nothing is no moment at which a watchdog may die. */
export function mortalLogs(logs: LogLedger, { isAlive, canWrite, step }: Mortal): LogLedger {
  const living = () => {
    if (!isAlive()) throw new Error('dead');
  };
  return {
    ...mapped(logs, (_word, call) => (...given) => {
      living();
      return call(...given);
    }),
    keepLogs: (read, now) => {
      if (read.positions.size === 0 && read.errors.length === 0) return;
      if (!canWrite()) throw new LedgerError('database or disk is full');
      step('before');
      living();
      logs.keepLogs(read, now);
      step('after');
      living();
    },
  };
}

export const mortalClock = (clock: Clock, { isAlive }: Mortal): Clock => ({
  now: () => clock.now(),
  monotonic: () => clock.monotonic(),
  sleep: (duration, signal) => clock.sleep(duration, signal).then(() => (isAlive() ? undefined : never())),
  after: (duration, callback) =>
    clock.after(duration, () => {
      if (isAlive()) callback();
    }),
});

/** The same object with each of its functions replaced. */
const mapped = <T extends object>(functions: T, change: (word: string, call: Call) => Call): T =>
  Object.fromEntries(Object.entries(functions).map(([word, call]) => [word, change(word, call as Call)])) as T;
