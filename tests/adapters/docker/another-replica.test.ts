import { expect, test } from '@jest/globals';
import { anotherReplica } from '../../../watchdog/adapters/docker/another-replica.ts';
import { blueprintFrom } from '../../../watchdog/adapters/docker/blueprint.ts';
import type { ContainerInspect, HostConfig, ImageInspect } from '../../../watchdog/adapters/docker/engine-shapes.ts';
import { MADE_LABEL } from '../../../watchdog/domain/scaling.ts';
import { fixture } from '../../fixtures/docker/read-fixture.ts';

const web = fixture<ContainerInspect>('inspect-web-20.10.json');
const image = fixture<ImageInspect>('image-20.10.json');
const HASH = 'ab'.repeat(32);

/** What would be sent to make a second replica beside the recorded container, changed in what matters to the test. */
function second(changed: Partial<ContainerInspect>) {
  const container = anotherReplica({ ...web, ...changed }, { name: 'shop-web-2', number: 2, made: 'replica' });
  const source = {
    container,
    image,
    namedImage: image.Id,
    newest: false,
    api: '1.44',
    networkParent: undefined,
    moves: [],
    variable: undefined,
    lostLenders: [],
  };
  const { name, body, networks } = blueprintFrom(source);
  const { NetworkingConfig, HostConfig: host } = body as {
    NetworkingConfig?: { EndpointsConfig: Record<string, unknown> };
    HostConfig: HostConfig;
  };
  return { name, body, host, networks: { ...NetworkingConfig?.EndpointsConfig, ...networks } };
}

test("it has a name and a number of its own, Compose's labels, and the mark of who made it", () => {
  const Labels = { ...web.Config.Labels, 'com.docker.compose.replace': 'shop-web-1' };

  const { name, body } = second({ Config: { ...web.Config, Labels } });

  expect(name).toBe('shop-web-2');
  const labels = body.Labels as Record<string, string>;
  expect(labels).toMatchObject({ 'com.docker.compose.container-number': '2', [MADE_LABEL]: 'replica' });
  expect(labels['com.docker.compose.config-hash']).toBe(web.Config.Labels?.['com.docker.compose.config-hash']);
  expect(labels).not.toHaveProperty(['com.docker.compose.replace']);
});

test('it takes over no address, and its own name in the place of the name of the one it is made from', () => {
  const [network = ''] = Object.keys(web.NetworkSettings?.Networks ?? {});
  const endpoint = {
    IPAMConfig: { IPv4Address: '10.0.0.7' },
    MacAddress: '02:11:22:33:44:55',
    IPAddress: '10.0.0.7',
    Aliases: [web.Name.slice(1), 'web', 'shop'],
  };

  const { networks, body } = second({
    Config: { ...web.Config, MacAddress: '02:11:22:33:44:55' },
    HostConfig: { ...web.HostConfig, NetworkMode: network },
    NetworkSettings: { Networks: { [network]: endpoint } },
  });

  expect(networks).toEqual({ [network]: { IPAMConfig: {}, Aliases: ['shop-web-2', 'web', 'shop'] } });
  expect(body).not.toHaveProperty('MacAddress');
});

test('it gets fresh anonymous volumes, also where those of the other go by name since it was made again', () => {
  const { body, host } = second({
    Config: { ...web.Config, Volumes: { '/declared': {} } },
    HostConfig: {
      ...web.HostConfig,
      Binds: [`${HASH}:/carried`, 'named:/named', '/etc/hosts:/hosts:ro'],
      Mounts: [
        { Type: 'volume', Source: HASH, Target: '/typed', ReadOnly: false },
        { Type: 'volume', Source: 'named', Target: '/named-too' },
      ],
    },
    Mounts: ['/declared', '/carried', '/typed'].map(Destination => ({
      Type: 'volume',
      Name: HASH,
      Destination,
      RW: true,
    })),
  });

  expect(host.Binds).toEqual(['named:/named', '/etc/hosts:/hosts:ro']);
  expect(host.Mounts).toEqual([
    { Type: 'volume', Target: '/typed', ReadOnly: false },
    { Type: 'volume', Source: 'named', Target: '/named-too' },
  ]);
  expect(body.Volumes).toEqual({ '/declared': {}, '/carried': {} });
});
