import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type Class, caught, type Module, sound } from './caught.ts';
import { aYesAndANo, aYesThatDoesNotHelp, aYesToAnother, wrongAnswers, wrongAnswersForGood } from './hand-made.ts';

afterEach(() => {
  jest.resetModules();
});

describe('a watchdog, among people and alerts,', () => {
  test('that uses a yes again and again breaks rule 10', async () => {
    const forgetful = () => ({ spendYes: () => undefined });

    expect(await caught('record/ledger/approvals.ts', forgetful, [aYesThatDoesNotHelp])).toContain(
      '10, nothing that needs',
    );
    expect(await caught('record/ledger/approvals.ts', sound, [aYesThatDoesNotHelp])).toBe('nothing');
  });

  test('that takes a yes to one container for a yes to any breaks rule 10', async () => {
    const vague = () => ({
      deedOf: ({ service, strategy }: { service: string; strategy: string }) => `${service} ${strategy}`,
    });

    expect(await caught('domain/approval.ts', vague, [aYesToAnother])).toContain('10, nothing that needs');
    expect(await caught('domain/approval.ts', sound, [aYesToAnother])).toBe('nothing');
  });

  test('that lets people answer twice breaks rule 10', async () => {
    const patient = ({ answeredOf }: Module) => ({
      answeredOf: (approvals: readonly object[], ...more: readonly unknown[]) =>
        (answeredOf as (...given: readonly unknown[]) => unknown)(
          approvals.map(each => ({ ...each, state: 'waiting', expiresAt: Number.POSITIVE_INFINITY })),
          ...more,
        ),
    });
    const overruling = ({ approvalsIn }: Module) => ({
      approvalsIn: (file: unknown) => ({
        ...(approvalsIn as (file: unknown) => object)(file),
        answerApproval: () => true,
      }),
    });

    expect(await caught('domain/approval.ts', patient, [aYesAndANo])).toBe('nothing');
    expect(await caught('record/ledger/approvals.ts', overruling, [aYesAndANo])).toContain(
      '10, a question is answered',
    );
  });

  test('that does not hear that an alert has ended breaks rule 8', async () => {
    const deaf = ({ alertsIn }: Module) => ({
      alertsIn: (file: unknown) => {
        const real = (alertsIn as (file: unknown) => { take: (alerts: unknown[], now: number) => object })(file);
        const firing = (alerts: { status: string }[]) => alerts.filter(({ status }) => status === 'firing');
        return { ...real, take: (alerts: { status: string }[], now: number) => real.take(firing(alerts), now) };
      },
    });

    expect(await caught('record/ledger/alerts.ts', deaf, [wrongAnswers])).toContain('8, an alert that has ended');
    expect(await caught('record/ledger/alerts.ts', sound, [wrongAnswers])).toBe('nothing');
  });

  test('that takes alerts and forgets them breaks rule 6', async () => {
    const careless = ({ alertsIn }: Module) => ({
      alertsIn: (file: unknown) => ({
        ...(alertsIn as (file: unknown) => object)(file),
        take: (alerts: unknown) => ({ queued: alerts, repeated: [] }),
      }),
    });

    expect(await caught('record/ledger/alerts.ts', careless, [wrongAnswersForGood])).toContain(
      '6, an alert that was taken',
    );
  });

  test('that does not carry out what people said yes to breaks rule 7', async () => {
    type Facts = { consent: { approvals: { state: string }[] } };
    const idle = ({ approval }: Module) => {
      const real = approval as { objection: (facts: Facts, order: unknown) => unknown };
      const objection = (facts: Facts, order: unknown) =>
        facts.consent.approvals.some(({ state }) => state === 'granted')
          ? { code: 'approval', because: 'somebody said yes', until: undefined, tell: false }
          : real.objection(facts, order);
      return { approval: { ...real, objection } };
    };

    expect(await caught('decide/gates/approval.ts', idle, [aYesThatDoesNotHelp])).toContain(
      '7, a yes leads to a repair',
    );
  });

  test('that tells nobody of an alert that no repair ends breaks rule 7', async () => {
    const discreet = ({ Chronicle }: Module) => ({
      Chronicle: class extends (Chronicle as Class) {
        escalate(...given: readonly unknown[]) {
          if ((given[0] as { kind: string }).kind !== 'erring') super.escalate?.(...given);
        }
      },
    });

    expect(await caught('record/chronicle.ts', discreet, [wrongAnswersForGood])).toContain('7, of an alert that no');
    expect(await caught('record/chronicle.ts', sound, [wrongAnswersForGood])).toBe('nothing');
  });

  test('that leaves an incident open after its alert has ended breaks rule 7', async () => {
    const clinging = ({ troubleOver }: Module) => ({
      troubleOver: (kind: string, ...more: readonly unknown[]) =>
        kind === 'erring' ? undefined : (troubleOver as (...given: readonly unknown[]) => unknown)(kind, ...more),
    });

    expect(await caught('diagnose/trouble-over.ts', clinging, [wrongAnswers])).toContain('7, of an alert that no');
  });
});
