import { expect, test } from '@jest/globals';
import type { ContainerInspect } from '../../../watchdog/adapters/docker/engine-shapes.ts';
import { howMadeFrom } from '../../../watchdog/adapters/docker/how-made-from.ts';
import { fixture } from '../../fixtures/docker/read-fixture.ts';

const web = fixture<ContainerInspect>('inspect-web-20.10.json');
const changed = (change: Partial<ContainerInspect>): ContainerInspect => ({ ...web, ...change });

test('a container that Compose made without anything of its own stands in nobody’s way', () => {
  expect(howMadeFrom(web)).toMatchObject({ image: web.Config.Image, ownName: undefined, staticAddresses: [] });
});

test('names that somebody fixed are told from those that Compose gives, of either version', () => {
  expect(howMadeFrom(changed({ Name: '/the-web' }))?.ownName).toBe('the-web');
  expect(howMadeFrom(changed({ Name: web.Name.replaceAll(/-(web)-(1)$/g, '_$1_$2') }))?.ownName).toBeUndefined();
});

test('ports are told as they were asked for, and only addresses that were', () => {
  const how = howMadeFrom(
    changed({
      HostConfig: {
        ...web.HostConfig,
        PortBindings: {
          '80/tcp': [{ HostIp: '', HostPort: '8080-8089' }],
          '81/udp': null,
          '82/udp': [{ HostIp: '127.0.0.1', HostPort: '82' }],
        },
      },
      NetworkSettings: {
        Networks: {
          back: { IPAMConfig: { IPv4Address: '10.0.0.5' }, IPAddress: '10.0.0.5' },
          front: { IPAddress: '10.1.0.5' },
        },
      },
    }),
  );

  expect(how?.published).toEqual([
    { container: '80/tcp', host: '8080-8089' },
    { container: '82/udp', host: '82', address: '127.0.0.1' },
  ]);
  expect(how?.staticAddresses).toEqual(['10.0.0.5']);
});

test.each([
  ['host', 'host'],
  ['container:abc', 'abc'],
  ['shop_default', undefined],
])('the network mode %s means that it shares %s', (mode, shared) => {
  expect(howMadeFrom(changed({ HostConfig: { ...web.HostConfig, NetworkMode: mode } }))?.sharedNetwork).toBe(shared);
  expect(howMadeFrom(changed({ HostConfig: { ...web.HostConfig, PidMode: mode } }))?.sharedProcesses).toBe(shared);
});

test('volumes without a name are told from those that others may share', () => {
  const volume = (Name: string) => ({ Type: 'volume', Name, Source: '/var', Destination: '/data', RW: true });

  const how = howMadeFrom(changed({ Mounts: [volume('a'.repeat(64)), volume('shop_data')] }));

  expect(how?.mounts.map(({ source, anonymous }) => [source.slice(0, 9), anonymous])).toEqual([
    ['aaaaaaaaa', true],
    ['shop_data', false],
  ]);
});

test('a container that vanishes at its end is told from one that stays', () => {
  expect(howMadeFrom(web)?.autoRemove).toBe(false);
  expect(howMadeFrom(changed({ HostConfig: { ...web.HostConfig, AutoRemove: true } }))?.autoRemove).toBe(true);
});

test('a container that is not Compose’s is nobody’s replica', () => {
  expect(howMadeFrom(changed({ Config: { ...web.Config, Labels: {} } }))).toBeUndefined();
});
