import { expect, test } from '@jest/globals';
import { directoryOf } from '../../watchdog/observe/directory.ts';
import { judgeAlert } from '../../watchdog/observe/judge-alert.ts';
import { aService, aStack } from '../fakes/a-service.ts';
import { anAlert, aReceivedAlert } from '../fakes/an-alert.ts';

const ABILITIES = { strategies: ['restart', 'start', 'cleanup'], playbooks: ['patient', 'unhealthy'] };
const directory = directoryOf(aStack([aService()]));

const judge = (labels: Readonly<Record<string, string>>) => {
  const received = aReceivedAlert();
  return judgeAlert({ ...received, labels: { ...received.labels, ...labels } }, directory, ABILITIES);
};

test('an alert that says all is taken as it stands', () => {
  expect(judge({ severity: 'critical', condition: 'high-memory' })).toEqual({
    alert: anAlert({ severity: 'critical', condition: 'high-memory' }),
  });
});

test.each([
  ['restart', { kind: 'strategy', name: 'restart' }],
  ['cleanup', { kind: 'strategy', name: 'cleanup' }],
  ['playbook:patient', { kind: 'playbook', name: 'patient' }],
  ['none', { kind: 'none' }],
])('the label repair %s is understood', (repair, wants) => {
  expect(judge({ repair })).toMatchObject({ alert: { wants } });
});

test.each([
  ['', 'the label repair is missing; expected cleanup, restart, start, playbook:NAME or none'],
  ['Restart', 'the label repair is "Restart"; expected cleanup, restart'],
  ['rm -rf /', 'the label repair is "rm -rf /"; expected'],
  ['playbook:', 'the label repair is "playbook:"; expected a playbook that was loaded: patient, unhealthy'],
  ['playbook:../patient', 'expected a playbook that was loaded'],
  ['constructor', 'the label repair is "constructor"; expected'],
])('the label repair "%s" is refused, and nothing is guessed', (repair, because) => {
  expect(judge({ repair })).toEqual({ refusal: 'unknown-repair', because: expect.stringContaining(because) });
});

test('one whose service nobody knows is refused with what was tried', () => {
  expect(judge({ service: 'nobody' })).toEqual({
    refusal: 'unknown-service',
    because: 'no service that is watched fits service=nobody of project shop',
  });
});
