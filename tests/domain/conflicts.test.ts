import { describe, expect, test } from '@jest/globals';
import { asideNameOf, isSetAside } from '../../watchdog/domain/set-aside.ts';
import { clash } from '../../watchdog/domain/somebody.ts';
import { whyNotStale } from '../../watchdog/domain/staleness.ts';
import { ago, aReplica } from '../fakes/a-service.ts';

describe('two who want a port of the host', () => {
  const port = (address: string, differing = {}) => ({ address, port: 8080, protocol: 'tcp', ...differing });

  test.each([
    ['at the same address', port('127.0.0.1'), port('127.0.0.1')],
    ['at all addresses and at one', port('0.0.0.0'), port('127.0.0.1')],
    ['at all of IPv6 and at one', port('::'), port('::1')],
    ['at wherever it pleases and at one of either kind', port(''), port('::1')],
  ])('clash %s, whoever has it', (_sentence, one, other) => {
    expect(clash(one, other)).toBe(true);
    expect(clash(other, one)).toBe(true);
  });

  test.each([
    ['at different addresses', port('127.0.0.1'), port('127.0.0.2')],
    ['with different numbers', port(''), port('', { port: 8081 })],
    ['over TCP and UDP', port(''), port('', { protocol: 'udp' })],
    ['at all of IPv4 and at one of IPv6', port('0.0.0.0'), port('::1')],
  ])('do not clash %s', (_sentence, one, other) => {
    expect(clash(one, other)).toBe(false);
    expect(clash(other, one)).toBe(false);
  });
});

describe('a container that has what the newest one of its service needs', () => {
  const patient = aReplica({ id: 'patient', createdAt: ago('1m') });
  const older = { id: 'holder', createdAt: ago('1h') };

  test.each([
    ['is the one that Compose was replacing', {}],
    ['was made by `docker compose run`', { oneOff: true, number: 7, name: 'shop-web-run-1' }],
  ])('is stale where it %s', (_sentence, differing) => {
    expect(whyNotStale(aReplica({ ...older, ...differing }), patient)).toBeUndefined();
  });

  test.each([
    ['of another project', { project: 'bank' }, 'a container of the project bank'],
    ['of another service', { service: 'api' }, 'of the service api of the same project'],
    ['another replica', { number: 2 }, 'another replica of the same service'],
    ['a replica that was made in the same moment', { createdAt: patient.createdAt }, 'made after shop-web-1'],
    ['a newer one, which somebody wants now', { oneOff: true, createdAt: ago('1s') }, 'made after shop-web-1'],
    ['a watchdog', { labels: { 'compose-watchdog.self': 'true' } }, 'a watchdog'],
    [
      'one that was set aside, and that somebody has started again',
      { oneOff: true, name: 'shop-web-1_set_aside_holder' },
      'started again',
    ],
  ])('is not stale where it is %s', (_sentence, differing, because) => {
    expect(whyNotStale(aReplica({ ...older, ...differing }), patient)).toContain(because);
  });
});

test('what was set aside is known by a name that nobody gives to another container', () => {
  const container = { id: 'f00dfeedbeef4711', name: 'shop-web-1' };

  const aside = { ...container, name: asideNameOf(container) };

  expect(aside.name).toBe('shop-web-1_set_aside_f00dfeedbeef');
  expect(isSetAside(aside)).toBe(true);
  expect(isSetAside(container)).toBe(false);
  expect(isSetAside({ ...aside, id: 'c0ffee' })).toBe(false);
});
