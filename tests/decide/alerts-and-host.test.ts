import { describe, expect, test } from '@jest/globals';
import { decide } from '../../watchdog/decide/decide.ts';
import type { AlertRepair } from '../../watchdog/domain/alert.ts';
import type { Case } from '../../watchdog/domain/decision.ts';
import { diskRef } from '../../watchdog/domain/disk.ts';
import { aCase, ago, anAttempt, anIncident, aPlaybook, aPolicy, later } from '../fakes/a-service.ts';

const ladderOf = (...strategies: string[]) =>
  aPlaybook({ ladder: strategies.map(strategy => ({ strategy, with: {} })) });

/** shop/web has an alert that wants this; the playbook is what was looked up for it. */
const alerted = (wants: AlertRepair, playbook: Case['playbook']): Case =>
  aCase({
    incident: anIncident({
      kind: 'erring',
      condition: 'alerting',
      alert: { name: 'HighErrorRate', fingerprint: 'f', wants },
    }),
    playbook,
    playbookNames: ['unhealthy', 'exited'],
    onHost: ['sweep'],
    dangers: { restart: 'service', sweep: 'none' },
  });

/** Little is left on the host's disk, and the playbook sweeps. */
const lowDisk = (differing: Partial<Case> = {}): Case =>
  aCase({
    incident: anIncident({ ...diskRef('/'), kind: 'host', condition: 'disk-low', patients: [] }),
    service: undefined,
    playbook: ladderOf('sweep'),
    onHost: ['sweep', 'prune-host'],
    dangers: { restart: 'service', sweep: 'none', 'prune-host': 'host' },
    ...differing,
  });

function answer(facts: Case): string {
  const decision = decide(facts);
  return decision.verdict === 'go'
    ? `go: ${decision.order.strategy}`
    : `${decision.objection.code}: ${decision.objection.because}`;
}

describe('an alert', () => {
  const strategy = (name: string) => alerted({ kind: 'strategy', name }, ladderOf(name));

  test('hands its order to the proof, which waits for its end', () => {
    const decision = decide(strategy('restart'));

    expect(decision.order).toMatchObject({ kind: 'erring', strategy: 'restart', alert: { fingerprint: 'f' } });
  });

  test.each([
    ['is repaired as it asks', strategy('restart'), 'go: restart'],
    [
      'that asks for another port gets it where the service allows one',
      {
        ...strategy('find-alternative-port'),
        dangers: { 'find-alternative-port': 'service' as const },
        policy: aPolicy({ alternativePort: true }),
      },
      'go: find-alternative-port',
    ],
    [
      'that asks for a strategy which there is not (yet) is refused',
      strategy('scale'),
      'no-change: the alert HighErrorRate asks for scale: there is no strategy scale; known are restart, sweep',
    ],
    [
      'about a service that asks for work on the host is refused',
      strategy('sweep'),
      'no-change: the alert HighErrorRate asks for sweep: sweep works on the host, not on a service',
    ],
    [
      'that asks for another size of a service that has none to follow is refused',
      { ...strategy('scale'), onService: ['scale'], dangers: { scale: 'service' as const } },
      'no-change: the alert HighErrorRate asks for scale: scale has to be told a number, and nothing says how many replicas shop/web should have',
    ],
    [
      'that asks for a command is refused: what is run is written in playbooks',
      { ...strategy('exec-command'), dangers: { 'exec-command': 'service' as const } },
      'no-change: the alert HighErrorRate asks for exec-command: exec-command runs what a playbook has written down, and nothing else',
    ],
    [
      'that asks for a command on a mount is refused: what is run is written in playbooks',
      { ...strategy('run-helper'), dangers: { 'run-helper': 'data' as const } },
      'no-change: the alert HighErrorRate asks for run-helper: run-helper runs what a playbook has written down, and nothing else',
    ],
    [
      'that asks for another port is refused where the service does not allow one',
      { ...strategy('find-alternative-port'), dangers: { 'find-alternative-port': 'service' as const } },
      'no-change: the alert HighErrorRate asks for find-alternative-port: shop/web does not allow another port of the host; the label auto_repair.alternative_port=true would',
    ],
    [
      'that asks for a playbook which there is not is refused',
      alerted({ kind: 'playbook', name: 'exit' }, undefined),
      'no-change: the alert HighErrorRate asks for a playbook exit, which there is not; known are unhealthy, exited',
    ],
    [
      'for people is left to them',
      alerted({ kind: 'none' }, ladderOf()),
      'no-change: the alert HighErrorRate asks for no repair; a person has to look',
    ],
  ])('%s', (_sentence, facts, said) => {
    expect(answer(facts)).toBe(said);
  });
});

describe('trouble of the host', () => {
  test.each([
    ['is repaired without a container', lowDisk(), 'go: sweep'],
    [
      'is left to people where nothing is known to help',
      lowDisk({ playbook: ladderOf() }),
      'no-change: disk-low: no repair of ours helps here; a person has to look',
    ],
    [
      'is not repaired by what needs a container',
      lowDisk({ playbook: ladderOf('restart') }),
      'no-change: restart works on a container, and host/disk:/ has none',
    ],
    [
      'needs a yes for what may harm the host',
      lowDisk({ playbook: ladderOf('prune-host') }),
      'approval: a person has to say yes to prune-host of host/disk:/: empties the host (touches the host)',
    ],
    [
      'is only told of in observe mode',
      lowDisk({ policy: aPolicy({ mode: 'observe' }) }),
      'observe-only: observe mode: would sweep, and touches nothing',
    ],
    ['is in scope, whichever projects are', lowDisk({ scope: { projects: ['shop'], selfId: undefined } }), 'go: sweep'],
    [
      'waits in a storm',
      lowDisk({ host: { repairsInStormWindow: [ago('1m')], stormLimit: 1, stormWindow: 600_000 } }),
      'storm: 1 repairs on this host within 10m: the host is in trouble, look there',
    ],
  ])('%s', (_sentence, facts, said) => {
    expect(answer(facts)).toBe(said);
  });

  test('cools down as a whole', () => {
    const healed = anAttempt({ at: ago('2m'), outcome: 'healed', code: 'proven', replicas: [] });

    const decision = decide(lowDisk({ past: { attempts: [healed], escalated: false } }));

    expect(decision).toMatchObject({ objection: { code: 'cooldown', until: later('3m') + 5_000 } });
  });
});
