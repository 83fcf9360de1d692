import { describe, expect, test } from '@jest/globals';
import type { Service } from '../../watchdog/domain/service.ts';
import { isStopping, isWell, wholeProjectStopped } from '../../watchdog/domain/wellness.ts';
import { ago, aHealthyReplica, aReplica, aService, aStack, NOON } from '../fakes/a-service.ts';

type Differing = NonNullable<Parameters<typeof aReplica>[0]>;

const one = (service: string, differing: Differing = {}): Service =>
  aService({ service, replicas: [aReplica({ service, ...differing })] });

const stopped = (service: string, at = ago('1m'), project = 'shop'): Service => {
  const replica = aReplica({ project, service, state: 'exited', exitCode: 0, seen: { stoppedByHandAt: at } });
  return aService({ project, service, replicas: [replica] });
};
const crashed = (service: string, at: number): Service =>
  one(service, { state: 'exited', exitCode: 1, inspected: { finishedAt: at } });
const completed = (service: string): Service =>
  one(service, { state: 'exited', exitCode: 0, inspected: { finishedAt: ago('30m') } });
const endedServer = (service: string): Service =>
  one(service, { state: 'exited', exitCode: 0, publishesPorts: true, inspected: { finishedAt: ago('30m') } });
const running = (service: string): Service => one(service);
const onlyCreated = (service: string): Service => one(service, { state: 'created', createdAt: ago('2h') });

describe('a project is stopped as a whole', () => {
  test.each<[string, boolean, Service[]]>([
    ['when all of it was stopped by hand', true, [stopped('web'), stopped('db')]],
    ['when its only service was', true, [stopped('web')]],
    ['not while one of it runs', false, [stopped('web'), running('db')]],
    ['not while one of it is paused', false, [stopped('web'), one('db', { state: 'paused' })]],
    ['not while the engine is restarting one of it', false, [stopped('web'), one('db', { state: 'restarting' })]],
    ['not when all of it crashed', false, [crashed('web', ago('1m')), crashed('db', ago('2m'))]],
    ['also when one of it had crashed before', true, [stopped('web', ago('1m')), crashed('db', ago('2m'))]],
    ['not when one of it crashed afterwards', false, [stopped('web', ago('2m')), crashed('db', ago('1m'))]],
    ['whatever one-shots of it have completed', true, [stopped('web'), completed('migrate')]],
    ['not when it is nothing but completed one-shots', false, [completed('migrate'), completed('seed')]],
    ['not when a server of it ended with 0 afterwards', false, [stopped('web', ago('1h')), endedServer('db')]],
    ['also when a server of it had ended with 0 before', true, [stopped('web', ago('1m')), endedServer('db')]],
    ['whatever of it was only created', true, [stopped('web'), onlyCreated('debug')]],
    [
      'also when somebody has created more of it since',
      true,
      [stopped('web'), one('debug', { state: 'created', createdAt: NOON })],
    ],
    ['not when nothing of it was ever started', false, [onlyCreated('web')]],
    ['whatever other projects do', true, [stopped('web'), aService({ project: 'other' })]],
    ['not when it is another project that was stopped', false, [running('web'), stopped('web', ago('1m'), 'other')]],
    ['not when there is nothing of it', false, []],
  ])('%s', (_sentence, answer, services) => {
    expect(wholeProjectStopped(aStack(services), 'shop', undefined)).toBe(answer);
  });

  test('when every replica was stopped, not only some', () => {
    const replicas = [1, 2].map(number =>
      aReplica({ number, state: 'exited', exitCode: 0, seen: { stoppedByHandAt: ago('1m') } }),
    );

    expect(wholeProjectStopped(aStack([aService({ replicas })]), 'shop', undefined)).toBe(true);
    const half = aService({ replicas: [...replicas, aReplica({ number: 3 })] });
    expect(wholeProjectStopped(aStack([half]), 'shop', undefined)).toBe(false);
  });

  test.each([
    ['a replica that was made before the stop and never started was stopped with it', true, ago('2m')],
    ['a replica that was made after the stop was not', false, ago('30s')],
  ])('%s', (_sentence, answer, createdAt) => {
    const replicas = [...stopped('web').replicas, aReplica({ number: 2, state: 'created', createdAt })];

    expect(wholeProjectStopped(aStack([aService({ replicas })]), 'shop', undefined)).toBe(answer);
  });

  describe('in which the watchdog lives', () => {
    const SELF = 'shop-watchdog-1-id';
    const watchdog = running('watchdog');

    test.each<[string, boolean, Service[]]>([
      ['when all but the watchdog was stopped', true, [watchdog, stopped('web'), stopped('db')]],
      [
        'not when the one service beside the watchdog was: that is one stopped service',
        false,
        [watchdog, stopped('web')],
      ],
      ['not when one service and one-shots stood beside it', false, [watchdog, stopped('web'), completed('migrate')]],
      [
        'not when one service and a created one stood beside it',
        false,
        [watchdog, stopped('web'), onlyCreated('debug')],
      ],
      ['not while another one runs', false, [watchdog, stopped('web'), running('db')]],
    ])('%s', (_sentence, answer, services) => {
      expect(wholeProjectStopped(aStack(services), 'shop', SELF)).toBe(answer);
    });

    test('when it lives in another project, one service is the whole project', () => {
      const elsewhere = aService({
        project: 'tools',
        service: 'watchdog',
        replicas: [aReplica({ project: 'tools', service: 'watchdog' })],
      });

      expect(wholeProjectStopped(aStack([stopped('web'), elsewhere]), 'shop', 'tools-watchdog-1-id')).toBe(true);
    });
  });
});

describe('a container is well', () => {
  test.each([
    ['when it runs without a health check', true, aReplica()],
    ['when it runs and is healthy', true, aHealthyReplica()],
    ['not while it is starting', false, aHealthyReplica({ health: 'starting' })],
    ['not when it is unhealthy', false, aHealthyReplica({ health: 'unhealthy' })],
    ['not when it ended, whatever its last health was', false, aHealthyReplica({ state: 'exited' })],
    ['not when it is paused', false, aReplica({ state: 'paused' })],
  ])('%s', (_sentence, answer, replica) => {
    expect(isWell(replica)).toBe(answer);
  });
});

describe('a container is stopping', () => {
  test.each([
    ['when it was told to end', true, { signalled: { at: ago('9m'), toEnd: true } }],
    ['not when the signal was another one', false, { signalled: { at: ago('9m'), toEnd: false } }],
    ['not any more after ten minutes', false, { signalled: { at: ago('10m'), toEnd: true } }],
    ['not when nobody told it anything', false, {}],
  ])('%s', (_sentence, answer, seen) => {
    expect(isStopping(aReplica({ seen }), NOON)).toBe(answer);
  });
});
