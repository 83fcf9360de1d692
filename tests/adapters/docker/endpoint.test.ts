import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { endpointFrom } from '../../../watchdog/adapters/docker/endpoint.ts';

describe('the endpoint', () => {
  test.each([
    {
      host: 'unix:///run/user/1000/docker.sock',
      endpoint: { socketPath: '/run/user/1000/docker.sock', host: undefined },
    },
    { host: 'npipe:////./pipe/docker_engine', endpoint: { socketPath: '//./pipe/docker_engine' } },
    { host: 'tcp://proxy:2375', endpoint: { host: 'proxy', port: '2375', protocol: 'http', socketPath: undefined } },
    { host: 'tcp://proxy', endpoint: { host: 'proxy', port: 2375, protocol: 'http' } },
    { host: 'proxy:2375', endpoint: { host: 'proxy', port: '2375', protocol: 'http' } },
    { host: 'tcp://[::1]:2375', endpoint: { host: '[::1]', port: '2375' } },
    { host: 'tcp://engine:2376', endpoint: { host: 'engine', port: '2376', protocol: 'https' } },
    { host: 'https://engine', endpoint: { host: 'engine', port: 2376, protocol: 'https' } },
    {
      host: 'ssh://me@engine',
      endpoint: { protocol: 'ssh', port: 22, username: 'me', sshOptions: { hostname: 'engine' } },
    },
    { host: 'ssh://engine:2222', endpoint: { protocol: 'ssh', port: '2222', sshOptions: { hostname: 'engine' } } },
  ])('for $host is $endpoint', ({ host, endpoint }) => {
    expect(endpointFrom(host, {})).toMatchObject(endpoint);
  });

  test.each([undefined, '', 'unix://'])('for %j is the local socket', host => {
    expect(endpointFrom(host, {}).socketPath).toMatch(/docker\.sock$/);
  });

  test.each(['ftp://engine', 'tcp://', 'tcp://:2375', 'unix'.concat('x://y')])('for %s is refused', host => {
    expect(() => endpointFrom(host, {})).toThrow(
      expect.objectContaining({ code: 'refused', message: expect.stringContaining(`found '${host}', expected`) }),
    );
  });
});

describe('with certificates', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cw-docker-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('the endpoint is reached by TLS', () => {
    for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, `${name}.pem`), name);

    const endpoint = endpointFrom('tcp://engine:2375', { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder });

    expect(endpoint).toMatchObject({
      protocol: 'https',
      port: '2375',
      cert: Buffer.from('cert'),
      key: Buffer.from('key'),
    });
  });

  test('that are not there it is refused, with the folder named', () => {
    expect(() => endpointFrom('tcp://engine:2376', { DOCKER_CERT_PATH: folder })).toThrow(
      expect.objectContaining({ code: 'refused', message: expect.stringContaining(folder) }),
    );
  });

  test('a socket needs none', () => {
    expect(endpointFrom('unix:///x.sock', { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder }).ca).toBeUndefined();
  });
});
