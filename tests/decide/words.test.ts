import { describe, expect, test } from '@jest/globals';
import { decide } from '../../watchdog/decide/decide.ts';
import { size } from '../../watchdog/decide/scaling/size.ts';
import type { Case, GateCode } from '../../watchdog/domain/decision.ts';
import { DEFAULT_DOWN, DEFAULT_UP, type Scaling } from '../../watchdog/domain/scaling.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { aRecord, aScaling, aSize, asking, aTrack, cpu, queue } from '../fakes/a-scaling.ts';
import {
  aCase,
  ago,
  aHealthyReplica,
  anAttempt,
  anIncident,
  aPlaybook,
  aPolicy,
  aReplica,
  aService,
  aStack,
  later,
  NOON,
} from '../fakes/a-service.ts';
import { attempts, capped, healed, needs } from './gate-rows.ts';

// What a person reads of a decision, word for word, and whether anybody is called for it.

type Row = readonly [code: GateCode, differing: Partial<Case>, because: string, people: 'told' | 'left alone'];

const stopped = { incident: anIncident({ condition: 'exited', stoppedByHandAt: ago('5s') }) };
const strategy = (name: string) => aPlaybook({ ladder: [{ strategy: name, with: {} }] });
const db = (differing: Parameters<typeof aReplica>[0] = {}) =>
  aService({ service: 'db', replicas: [aHealthyReplica({ service: 'db', ...differing })] });
const web = aService({ replicas: [aHealthyReplica({ health: 'unhealthy' })], dependencies: [needs('db')] });
const withDb = (differing: Parameters<typeof aReplica>[0]): Partial<Case> => ({
  service: web,
  stack: aStack([web, db(differing)]),
});
const misSized = (differing: Partial<Case> = {}): Partial<Case> => ({
  incident: anIncident({ kind: 'mis-sized', condition: 'mis-sized', patients: [] }),
  service: aService({ replicas: [aHealthyReplica()] }),
  playbook: aPlaybook({ name: 'mis-sized', condition: 'mis-sized', ladder: [{ strategy: 'scale', with: {} }] }),
  onService: ['scale'],
  dangers: { scale: 'service' },
  size: aSize({ recommendation: asking(5) }),
  ...differing,
});

describe('what a gate says', () => {
  test.each<Row>([
    [
      'ourselves',
      { scope: { projects: '*', selfId: 'shop-web-1-id' } },
      'this is the watchdog itself; the engine restarts it by its restart policy',
      'left alone',
    ],
    [
      'out-of-scope',
      { scope: { projects: ['blog', 'wiki'], selfId: undefined } },
      'project shop is not watched (WATCHDOG_PROJECTS: blog, wiki)',
      'left alone',
    ],
    [
      'opt-out',
      { policy: aPolicy({ enabled: false }) },
      'the service is taken out of repair (auto_repair=false)',
      'left alone',
    ],
    [
      'evidence',
      { attack: '7' },
      'its log told of an attack (incident 7), and a repair could destroy the traces; once somebody has looked: watchdog errors resolve, with the id that watchdog errors list shows',
      'told',
    ],
    ['opt-out', { policy: aPolicy({ problems: ['bad label'] }) }, 'bad label', 'told'],
    [
      'observe-only',
      { policy: aPolicy({ mode: 'observe' }) },
      'observe mode: would restart, and touches nothing',
      'left alone',
    ],
    [
      'observe-only',
      { policy: aPolicy({ mode: 'observe' }), playbook: undefined },
      'observe mode: would leave it to people, and touches nothing',
      'left alone',
    ],
    [
      'paused',
      { pause: { by: 'person', until: undefined, reason: 'a demo' } },
      'paused by a person: a demo',
      'left alone',
    ],
    [
      'paused',
      { pause: { by: 'maintenance', until: later('1h'), reason: 'sundays' } },
      'maintenance window: sundays',
      'left alone',
    ],
    [
      'paused',
      { service: aService({ replicas: [aReplica({ state: 'paused' })] }), asked: {} },
      'shop-web-1 is paused; unpause it first (docker unpause shop-web-1)',
      'left alone',
    ],
    [
      'operator-stop',
      { ...stopped, policy: aPolicy({ onStop: 'respect' }) },
      'stopped by hand, which is respected here (on_stop=respect)',
      'left alone',
    ],
    ['operator-stop', stopped, 'stopped by hand; it is started again after a grace', 'left alone'],
    [
      'sizing',
      misSized({ size: aSize({ recommendation: asking(5), obstacle: 'its name is fixed' }) }),
      'it cannot be scaled: its name is fixed',
      'left alone',
    ],
    ['sizing', misSized({ ailing: true }), 'it is ailing; it is healed first, and scaled then', 'left alone'],
    [
      'no-change',
      { past: { attempts: [anAttempt({ at: ago('10m'), code: 'wedged' })], escalated: false } },
      'restart had no effect: the engine cannot get hold of this container',
      'told',
    ],
    [
      'no-change',
      {
        incident: anIncident({ condition: 'orphaned-network', evidence: { parent: 'gone' } }),
        playbook: aPlaybook({ ladder: [{ strategy: 'rejoin-network', with: {} }] }),
        dangers: { 'rejoin-network': 'service' },
      },
      'the container whose network shop/web shares is gone; docker compose up brings it back, and then this one joins it',
      'told',
    ],
    ['no-change', { playbook: undefined }, 'unhealthy: no repair of ours helps here; a person has to look', 'told'],
    [
      'in-flight',
      { incident: anIncident({ condition: 'never-started', since: ago('5s') }) },
      'created a moment ago; whoever made it may be about to start it',
      'left alone',
    ],
    [
      'dependency',
      withDb({ health: 'unhealthy' }),
      'db, which it depends on, is not well; that comes first',
      'left alone',
    ],
    [
      'storm',
      { host: { repairsInStormWindow: [ago('2m'), ago('1m')], stormLimit: 2, stormWindow: minutes(10) } },
      '2 repairs on this host within 10m: the host is in trouble, look there',
      'told',
    ],
    [
      'approval',
      { playbook: strategy('wipe') },
      'a person has to say yes to wipe on shop-web-1 of shop/web: empties a folder (touches data)',
      'told',
    ],
    [
      'attempt-cap',
      capped(false, '50m', '40m', '30m'),
      '3 attempts within 1h is the limit (max_attempts 3); a person has to look',
      'told',
    ],
    [
      'attempt-cap',
      capped(true, '50m'),
      '1 attempts within 1h did not help; one more when the window has passed, or after: watchdog resume',
      'told',
    ],
    [
      'cooldown',
      { past: { attempts: [healed(ago('1m'))], escalated: false } },
      'repaired a moment ago; give it time',
      'left alone',
    ],
    [
      'backoff',
      { past: { attempts: attempts('12s', '8s'), escalated: false } },
      '2 in a row did not help; the next attempt waits 20s',
      'left alone',
    ],
  ])('%s, %#', (code, differing, because, people) => {
    const decision = decide(aCase(differing));

    expect(decision).toMatchObject({
      verdict: 'stand-back',
      objection: { code, because, tell: people === 'told' },
    });
  });

  test('operator-stop, while the rest of the project is still going down: in five seconds again', () => {
    const stopping = db({ seen: { signalled: { at: ago('1s'), toEnd: true } } });

    expect(decide(aCase({ ...stopped, stack: aStack([web, stopping]) }))).toMatchObject({
      objection: { code: 'operator-stop', because: 'the project is being stopped', until: later('5s'), tell: false },
    });
  });
});

describe('what a size says', () => {
  const said = (from: number, asked: number, scaling: Partial<Scaling>, track = aTrack()) =>
    size({ current: from, recommendation: asking(asked), scaling: aScaling(scaling), track, now: NOON }).because;
  const down = { ...DEFAULT_DOWN, window: 0 };

  test.each<[sentence: string, found: () => string]>([
    [
      'cpu asks for 7; nothing of it runs although its min is 1: somebody switched it off: stays at 0',
      () => said(0, 7, { min: 1 }),
    ],
    ['cpu asks for 9; 9 are more than its max of 5: from 9 to 5', () => said(9, 9, { max: 5 })],
    ['cpu asks for 1; 1 are fewer than its min of 3: from 1 to 3', () => said(1, 1, { min: 3 })],
    ['cpu asks for 0: stays at 0', () => said(0, 0, { min: 0 })],
    ['cpu asks for 9; the rate policies allow 5 replicas for now: from 1 to 5', () => said(1, 9, { max: 8 })],
    [
      'cpu asks for 1; the rate policies allow no fewer than 3 replicas for now: from 4 to 3',
      () => said(4, 1, { min: 2, down: { ...down, policies: [{ unit: 'replicas', allow: 1, period: minutes(1) }] } }),
    ],
    ['cpu asks for 9; its max is 5: from 4 to 5', () => said(4, 9, { max: 5 })],
    ['cpu asks for 1; its min is 3: from 4 to 3', () => said(4, 1, { min: 3, down })],
    [
      'cpu asks for 5; growing is disabled: stays at 4',
      () => said(4, 5, { up: { ...DEFAULT_UP, select: 'disabled' } }),
    ],
    ['cpu asks for 3; shrinking is disabled: stays at 4', () => said(4, 3, { down: { ...down, select: 'disabled' } })],
    [
      'cpu asks for 5; it grew 20s ago: stays at 4',
      () => said(4, 5, { up: { ...DEFAULT_UP, cooldown: minutes(1) } }, aTrack([], [[seconds(20), 1]])),
    ],
    [
      'cpu asks for 3; it changed 20s ago: stays at 4',
      () => said(4, 3, { down: { ...down, cooldown: minutes(1) } }, aTrack([], [[seconds(20), 1]])),
    ],
    ['cpu asks for 9; the rate policies allow 5 replicas for now: from 1 to 5', () => said(1, 9, {})],
    [
      'cpu asks for 1; the rate policies allow no fewer than 3 replicas for now: from 4 to 3',
      () => said(4, 1, { down: { ...down, policies: [{ unit: 'replicas', allow: 1, period: minutes(1) }] } }),
    ],
    [
      'cpu asks for 5; the least that was asked for within 1m is 4 replicas: stays at 4',
      () => said(4, 5, { up: { ...DEFAULT_UP, window: minutes(1) } }, aTrack([[seconds(30), 4]])),
    ],
    [
      'cpu asks for 1; the most that was asked for within 5m is 4 replicas: stays at 4',
      () => said(4, 1, {}, aTrack([[minutes(1), 4]])),
    ],
  ])('%s', (sentence, found) => {
    expect(found()).toBe(sentence);
  });
});

describe('the reason of a change', () => {
  const opinion = (because: string) => ({ name: 'cpu', value: 0.9, replicas: 5, limit: undefined, because });
  const down = { ...DEFAULT_DOWN, window: 0 };
  const shrinking = { recommendation: asking(2), scaling: aScaling({ down }) };
  const reason = (differing: Parameters<typeof aSize>[0], more: Partial<Case> = {}) => {
    const decision = decide(aCase(misSized({ size: aSize({ recommendation: asking(5), ...differing }), ...more })));
    return decision.verdict === 'go' ? decision.order.with.reason : decision.objection.code;
  };

  test.each<[string, string, Parameters<typeof aSize>[0]]>([
    [
      'the signal whose clause led',
      'cpu',
      { recommendation: { ...asking(5), because: 'b', opinions: [opinion('b')] } },
    ],
    ['the edge above', 'maximum', { current: 9, scaling: aScaling({ max: 5 }) }],
    ['the edge below', 'minimum', { current: 1, scaling: aScaling({ min: 3 }) }],
    ['what somebody took away', 'drift', { record: aRecord({ drift: { at: ago('1m'), from: 5, to: 3 } }) }],
    [
      'a signal before what somebody took away',
      'cpu',
      {
        record: aRecord({ drift: { at: ago('1m'), from: 5, to: 3 } }),
        recommendation: { ...asking(5), because: 'b', opinions: [opinion('b')] },
      },
    ],
    [
      'what a signal that is lost is taken to ask for',
      'fallback',
      { recommendation: { ...asking(5), limits: [{ code: 'fallback', because: 'lost' }] } },
    ],
    ['nothing in particular', 'signals', {}],
    ['no edge when it grows from one', 'signals', { current: 1 }],
    ['no edge when it shrinks from one', 'signals', { ...shrinking, current: 5, scaling: aScaling({ max: 5, down }) }],
    [
      'nothing that somebody took away when there will be even fewer',
      'signals',
      { ...shrinking, record: aRecord({ drift: { at: ago('1m'), from: 5, to: 3 } }) },
    ],
    [
      'no lost signal where something else held it back',
      'signals',
      { recommendation: { ...asking(5), limits: [{ code: 'on-target', because: 'close' }] } },
    ],
    [
      'the signal that led, also where another one was read before it',
      'queue',
      {
        recommendation: { ...asking(5), because: 'b', opinions: [opinion('a'), opinion('b')] },
        scaling: aScaling({ metrics: [cpu(0.5), queue(10)] }),
      },
    ],
  ])('is %s', (_, expected, differing) => {
    expect(reason(differing)).toBe(expected);
  });
});
