import { describe, expect, test } from '@jest/globals';
import type { Condition } from '../../../watchdog/domain/condition.ts';
import { GATE_CODES, type GateCode } from '../../../watchdog/domain/decision.ts';
import type { Incident } from '../../../watchdog/domain/incident.ts';
import type { News } from '../../../watchdog/domain/news.ts';
import type { RepairRecord } from '../../../watchdog/domain/records.ts';
import { escalated, isOpening, opened, resolved } from '../../../watchdog/record/notify/words.ts';
import { anApproval } from '../../fakes/a-service.ts';
import { aFinding, anIncident, anOrder, NOON } from '../ledger/a-ledger.ts';

type NewsOf<Type extends News['type']> = Extract<News, { type: Type }>;
type Decided = NewsOf<'decided'> & { readonly incident: Incident };

const decided = (changes: Partial<Decided> = {}): Decided => ({
  type: 'decided',
  at: NOON,
  finding: aFinding(),
  incident: anIncident(),
  incidentId: '7',
  decision: { verdict: 'go', order: anOrder() },
  ...changes,
});
const stoodBack = (code: GateCode, tell = false): Decided =>
  decided({
    decision: {
      verdict: 'stand-back',
      order: anOrder(),
      objection: { code, because: 'not now', until: undefined, tell },
    },
  });
const escalation = (incident: Partial<Incident> = {}): NewsOf<'incident-escalated'> => ({
  type: 'incident-escalated',
  at: NOON,
  incident: anIncident(incident),
  incidentId: '7',
  code: 'attempt-cap',
  because: '3 attempts are the limit',
});
const resolution = (incident: Partial<Incident> = {}): NewsOf<'incident-resolved'> => ({
  type: 'incident-resolved',
  at: NOON,
  ref: { project: 'shop', service: 'web' },
  incident: anIncident(incident),
  incidentId: '7',
  because: 'shop/web runs and is healthy',
  openFor: 240_000,
  recoveredAfter: 245_000,
});
const repair = (changes: Partial<RepairRecord> = {}): RepairRecord => ({
  id: '3',
  project: 'shop',
  service: 'web',
  incidentId: '7',
  order: anOrder(),
  startedAt: NOON,
  actedAt: NOON,
  endedAt: NOON,
  outcome: 'not-healed',
  code: 'still-unhealthy',
  because: 'the health check fails again',
  steps: [],
  ...changes,
});

describe('people hear of an incident', () => {
  const heard = GATE_CODES.filter(code => isOpening(stoodBack(code)));

  test('when a repair begins', () => {
    expect(isOpening(decided())).toBe(true);
  });

  test('and when one is wanted and not allowed yet; not of what is nobody’s trouble, or another service’s', () => {
    expect(heard).toEqual([
      'evidence',
      'observe-only',
      'no-change',
      'storm',
      'approval',
      'attempt-cap',
      'cooldown',
      'backoff',
    ]);
  });

  test.each<[string, Decided]>([
    ['that people are told of at once', stoodBack('no-change', true)],
    ['in which a person asked for a repair', decided({ incident: anIncident({ condition: 'asked' }) })],
    ['of our own doing', decided({ incident: anIncident({ condition: 'dependency-restarted' }) })],
    ['that was not opened', decided({ incidentId: undefined })],
    ['in which attending failed', decided({ decision: { verdict: 'error', because: 'no' } })],
  ])('but one %s is not opened to them', (_, news) => {
    expect(isOpening(news)).toBe(false);
  });
});

describe('an opening', () => {
  test('says what is broken and what is tried', () => {
    expect(opened(decided())).toEqual({
      stage: 'opened',
      at: NOON,
      headline: 'shop/web is unhealthy; trying: restart',
      because: 'its health check fails',
      healthOutput: undefined,
      done: ['restart is under way, attempt 1'],
      todo: ['Nothing now. You hear again when it is over, or when it needs you.'],
    });
  });

  test('says why nothing is tried', () => {
    expect(opened(stoodBack('cooldown'))).toMatchObject({
      headline: 'shop/web is unhealthy; nothing is tried yet',
      done: ['nothing yet: not now'],
    });
  });

  test('says in observe mode that nobody else will help', () => {
    expect(opened(stoodBack('observe-only')).todo).toEqual(
      expect.arrayContaining([
        'The watchdog only observes here and will not touch it.',
        'docker logs --tail 100 shop-web-1',
      ]),
    );
  });
});

describe('an escalation', () => {
  test('says what was tried, what the health check printed, and which commands to run', () => {
    const news = escalation({ evidence: { probeOutput: 'connection refused\n' } });

    expect(
      escalated(news, [repair({ startedAt: NOON + 60_000, outcome: 'failed', because: 'HTTP 500' }), repair()]),
    ).toEqual({
      stage: 'escalated',
      at: NOON,
      headline: 'shop/web is unhealthy and needs you',
      because: 'its health check fails',
      healthOutput: 'connection refused',
      done: [
        '12:00:00Z restart did not help: the health check fails again',
        '12:01:00Z restart could not be done: HTTP 500',
        'standing back: 3 attempts are the limit',
      ],
      todo: [
        'docker logs --tail 100 shop-web-1',
        "docker inspect --format '{{json .State}}' shop-web-1",
        'watchdog explain web --project shop',
        'When it is mended, or to let the watchdog try once more:',
        'watchdog resume web --project shop',
      ],
    });
  });

  test('says when nothing was tried', () => {
    expect(escalated(escalation(), []).done[0]).toBe('nothing was tried');
  });

  test('counts the attempts that it does not name', () => {
    const repairs = Array.from({ length: 8 }, (_, n) => repair({ startedAt: NOON + n }));

    expect(escalated(escalation(), repairs).done).toHaveLength(7);
    expect(escalated(escalation(), repairs).done[0]).toBe('3 earlier attempts');
  });

  test.each<[Condition, string]>([
    ['engine-lost', 'journalctl -u docker -n 100'],
    ['probe-broken', "docker inspect --format '{{json .Config.Healthcheck}}' shop-web-1"],
    ['exited', "docker inspect --format '{{json .State}}' shop-web-1"],
  ])('of %s says: %s', (condition, command) => {
    expect(escalated(escalation({ condition }), []).todo).toContain(command);
  });

  test('of an attack says how to look and how to end it, and nothing that would repair it', () => {
    const news = escalation({ kind: 'attacked', condition: 'attacked' });

    expect(escalated(news, []).headline).toBe('shop/web seems to be attacked and needs you');
    expect(escalated(news, []).todo).toEqual([
      'docker logs --tail 100 shop-web-1',
      'watchdog errors list --severity critical --service web --project shop',
      'What to keep, and how to cut it off: docs/runbooks/UnderAttack.md. When somebody has looked, with the id of the error:',
      'watchdog errors resolve ID',
    ]);
  });

  test('quotes names that a shell would read otherwise', () => {
    expect(escalated(escalation({ service: "x'; reboot #" }), []).todo).toContain(
      String.raw`watchdog explain 'x'\''; reboot #' --project shop`,
    );
  });
});

describe('a resolution', () => {
  test('says how long it took and what helped', () => {
    expect(resolved(resolution(), [repair({ outcome: 'healed', because: 'healthy for 10s' })])).toMatchObject({
      headline: 'shop/web is well after 4m 5s',
      because: 'shop/web runs and is healthy',
      done: ['12:00:00Z restart healed it: healthy for 10s'],
      todo: [],
    });
  });

  test('of a disk does not speak of the engine', () => {
    const { headline } = resolved(resolution({ project: 'host', service: 'disk:/data', condition: 'disk-low' }), []);

    expect(headline).toBe('host/disk:/data is well after 4m 5s');
  });

  test('of an attack does not say that all is well', () => {
    expect(resolved(resolution({ kind: 'attacked', condition: 'attacked' }), []).headline).toBe(
      'shop/web was looked at after 4m 5s',
    );
  });

  test('of the engine says that it answers', () => {
    expect(resolved(resolution({ project: 'host', service: 'engine', condition: 'engine-lost' }), [])).toMatchObject({
      headline: 'the Docker engine answers again after 4m 5s',
      done: ['no repair of ours'],
    });
  });
});

describe('text from containers', () => {
  const secret = 'cannot reach postgres://app:s3cret@db';

  test('is shown without its secrets, wherever it stands', () => {
    const incident = { because: secret, evidence: { probeOutput: `a\nPASSWORD=s3cret\n${secret}` } };
    const told = [
      opened(decided({ incident: anIncident(incident) })),
      escalated(escalation(incident), [repair({ because: secret })]),
      resolved({ ...resolution(incident), because: secret }, [repair({ because: secret })]),
    ];

    expect(JSON.stringify(told)).not.toContain('s3cret');
    expect(JSON.stringify(told)).toContain('postgres://app:***@db');
  });

  test('is masked before it is cut, and cut', () => {
    const output = `-----BEGIN RSA PRIVATE KEY-----\n${'s3cret'.repeat(500)}\n-----END RSA PRIVATE KEY-----\n${'x'.repeat(2_000)}`;

    const { healthOutput } = escalated(escalation({ evidence: { probeOutput: output } }), []);

    expect(healthOutput).toBe('x'.repeat(1_000));
  });

  test('moves no cursor, adds no line and reorders nothing', () => {
    const { because } = opened(decided({ incident: anIncident({ because: 'a\u001b[2Jb\nc\u202ed' }) }));

    expect(because).toBe('a [2Jb c d');
  });
});

test('a question says what exactly would be done, until when, and how to say yes or no', () => {
  const approval = anApproval({ expiresAt: NOON + 60_000 });
  const news = { ...escalation(), code: 'approval', because: 'x', approval };

  const { done, todo } = escalated(news, []);

  expect(done).toEqual(['nothing was tried', `waiting for a yes to ${approval.what}`]);
  expect(todo.slice(0, 3)).toEqual([
    'Say yes or no until 2026-01-31T12:01:00.000Z. A yes is for exactly this, once:',
    'watchdog approve 7 --order 3',
    'watchdog refuse 7 --order 3',
  ]);
});
