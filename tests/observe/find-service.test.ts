import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { directoryOf } from '../../watchdog/observe/directory.ts';
import { findService } from '../../watchdog/observe/find-service.ts';
import { aReplica, aService, aStack } from '../fakes/a-service.ts';

const WEB_ID = `aaaaaaaaaaaa${'1'.repeat(52)}`;
const WEB_2_ID = `bbbbbbbbbbbb${'2'.repeat(52)}`;
const STRANGER_ID = `cccccccccccc${'3'.repeat(52)}`;

/** `shop/web` in two replicas, `shop/db`, and a project `blog` that has a `db` and a `mail`. */
const directory = directoryOf(
  aStack([
    aService({
      replicas: [
        aReplica({ id: WEB_ID, addresses: ['172.18.0.3', 'fd00::3'], inspected: { aliases: ['web', 'front.local'] } }),
        aReplica({ number: 2, id: WEB_2_ID, addresses: ['172.18.0.4'], inspected: null }),
      ],
    }),
    aService({ service: 'db', replicas: [aReplica({ service: 'db', addresses: ['172.18.0.5'] })] }),
    aService({ project: 'blog', service: 'db', replicas: [aReplica({ project: 'blog', service: 'db' })] }),
    aService({ project: 'blog', service: 'mail', replicas: [aReplica({ project: 'blog', service: 'mail' })] }),
  ]),
);

const find = (labels: Readonly<Record<string, string>>) => findService({ labels }, directory);

/** `shop/web#1 by label service`; a refusal as its code. */
function found(labels: Readonly<Record<string, string>>): string {
  const answer = find(labels);
  if ('refusal' in answer) return answer.refusal;
  const { project, service, containerId } = answer.target;
  const replica = directory.replicas(answer.target).find(({ id }) => id === containerId);
  return `${project}/${service}${replica ? `#${replica.number}` : ''} by ${answer.by}`;
}

test.each([
  [{ container: 'shop-web-2' }, 2],
  [{ project: 'shop', service: 'web', container: 'shop-web-2' }, 2],
  [{ com_docker_compose_service: 'web', com_docker_compose_container_number: '2' }, 2],
  [{ container_id: directory.container('shop-web-2')?.id ?? '' }, undefined],
])('the labels %j say which container: whichever takes its place, or undefined, this very one', (labels, number) => {
  const answer = find(labels);

  expect('target' in answer && answer.target).toMatchObject({ containerId: directory.container('shop-web-2')?.id });
  expect('target' in answer && answer.target.number).toBe(number);
});

const CADVISOR = { instance: 'cadvisor:8080', job: 'cadvisor', image: 'shop-web' };

test.each([
  [{ project: 'shop', service: 'web' }, 'shop/web by labels project and service'],
  [{ project: 'blog', service: 'db' }, 'blog/db by labels project and service'],
  [{ service: 'mail' }, 'blog/mail by label service'],
  [{ project: 'shop', service: 'web', container: 'shop-web-2' }, 'shop/web#2 by labels project and service'],
  [
    { ...CADVISOR, name: 'shop-web-1', container_label_com_docker_compose_service: 'web' },
    'shop/web#1 by container label container_label_com_docker_compose_service',
  ],
  [
    {
      container_label_com_docker_compose_project: 'blog',
      container_label_com_docker_compose_service: 'db',
    },
    'blog/db by container label container_label_com_docker_compose_service',
  ],
  [
    { com_docker_compose_service: 'web', com_docker_compose_container_number: '2' },
    'shop/web#2 by container label com_docker_compose_service',
  ],
  [{ compose_project: 'shop', compose_service: 'db' }, 'shop/db by container label compose_service'],
  [{ docker_compose_service: 'web' }, 'shop/web by container label docker_compose_service'],
  [{ project: 'shop', compose_service: 'db' }, 'shop/db by container label compose_service'],
  [
    { __meta_docker_container_label_com_docker_compose_service: 'mail' },
    'blog/mail by container label __meta_docker_container_label_com_docker_compose_service',
  ],
  [
    { 'com.docker.compose.service': 'web', 'com.docker.compose.container-number': '1' },
    'shop/web#1 by container label com.docker.compose.service',
  ],
  [{ ...CADVISOR, id: `/docker/${WEB_ID}` }, 'shop/web#1 by container shop-web-1'],
  [{ ...CADVISOR, id: `/system.slice/docker-${WEB_2_ID}.scope` }, 'shop/web#2 by container shop-web-2'],
  [{ ...CADVISOR, id: `/docker/${WEB_ID}/init` }, 'shop/web#1 by container shop-web-1'],
  [{ container_id: WEB_ID.slice(0, 12) }, 'shop/web#1 by container shop-web-1'],
  [{ container_id: `docker://${WEB_2_ID}` }, 'shop/web#2 by container shop-web-2'],
  [{ container_name: 'shop-web-1' }, 'shop/web#1 by container shop-web-1'],
  [{ container: '/shop-web-2' }, 'shop/web#2 by container shop-web-2'],
  [{ name: 'shop-web-1' }, 'shop/web#1 by container shop-web-1'],
  [{ project: 'host', service: 'disk:/data', instance: 'web:8099' }, 'host/disk:/data by labels project and service'],
  [{ project: 'host', service: 'web' }, 'unknown-service'],
  [{ mountpoint: '/var/lib', instance: 'web:9100' }, 'host/disk:/var/lib by label mountpoint'],
  [{ path: '/data', repair: 'cleanup', instance: 'web:8099' }, 'host/disk:/data by label path'],
  [{ path: '/data', condition: 'disk-low' }, 'host/disk:/data by label path'],
  [{ path: '/login', instance: '172.18.0.3:8080' }, 'shop/web#1 by address 172.18.0.3'],
  [{ instance: 'web:8080' }, 'shop/web by address web'],
  [{ instance: 'WEB:8080' }, 'shop/web by address WEB'],
  [{ instance: 'http://front.local:8080/health?deep=1' }, 'shop/web#1 by address front.local'],
  [{ instance: 'shop-web-2' }, 'shop/web#2 by address shop-web-2'],
  [{ instance: `${WEB_ID.slice(0, 12)}:80` }, `shop/web#1 by address ${WEB_ID.slice(0, 12)}`],
  [{ instance: '[fd00::3]:80' }, 'shop/web#1 by address fd00::3'],
  [{ instance: 'fd00::3' }, 'shop/web#1 by address fd00::3'],
  [{ instance: 'localhost:9090', job: 'mail' }, 'blog/mail by job mail'],
  [{ instance: 'db:5432', project: 'shop' }, 'shop/db#1 by address db'],
  [{ name: 'queue', instance: 'mail:25' }, 'blog/mail#1 by address mail'],
])('%j is about %s', (labels, expected) => {
  expect(found(labels)).toBe(expected);
});

test.each([
  [{}, 'unknown-service', 'none of its labels tells a service'],
  [{ project: 'shop' }, 'unknown-service', 'none of its labels tells a service'],
  [{ project: 'shop', service: 'mail' }, 'unknown-service', 'fits service=mail of project shop'],
  [{ service: 'nobody', instance: 'web:80' }, 'unknown-service', 'fits service=nobody'],
  [
    { service: 'db' },
    'ambiguous-service',
    'service=db fits several services (shop/db, blog/db): add the label project',
  ],
  [{ compose_service: 'db', instance: '172.18.0.5:1' }, 'ambiguous-service', 'service=db fits several'],
  [{ ...CADVISOR, id: `/docker/${STRANGER_ID}` }, 'unknown-service', `fits id=/docker/${STRANGER_ID.slice(0, 20)}`],
  [{ container: 'stranger', instance: 'web:80' }, 'unknown-service', 'fits container=stranger'],
  [{ container_id: WEB_ID.slice(0, 8) }, 'unknown-service', 'fits container_id=aaaaaaaa'],
  [{ instance: 'db:5432' }, 'ambiguous-service', 'instance=db:5432 fits several'],
  [{ instance: '10.0.0.1:80', job: 'node' }, 'unknown-service', 'fits instance=10.0.0.1:80, nor job=node'],
  [{ service: '', instance: 'nobody' }, 'unknown-service', 'fits instance=nobody'],
  [{ service: '../../etc/passwd' }, 'unknown-service', 'fits service=../../etc/passwd'],
  [{ service: 'web"} or up{x="' }, 'unknown-service', 'fits service=web\\"} or up'],
  [{ path: '/login' }, 'unknown-service', 'none of its labels'],
])('%j is about nobody known: %s', (labels, code, words) => {
  const answer = find(labels);

  expect(answer).toMatchObject({ refusal: code });
  expect('because' in answer && answer.because).toContain(words);
});

test('a container of `docker compose run` is of no service', () => {
  const once = aReplica({ id: STRANGER_ID, name: 'shop-web-run-1', oneOff: true });
  const stack = { ...aStack([aService()]), replica: () => once };

  expect(findService({ labels: { container: once.name } }, directoryOf(stack))).toMatchObject({
    refusal: 'unknown-service',
  });
});

describe('whatever the labels say', () => {
  const word = fc.oneof(
    fc.constantFrom('web', 'db', 'shop', 'blog', 'shop-web-1', '172.18.0.3', `/docker/${WEB_ID}`, '__proto__', ''),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  const label = fc.oneof(
    fc.constantFrom('project', 'service', 'compose_service', 'container', 'id', 'name', 'instance', 'job', 'path'),
    fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty'),
    fc.string({ maxLength: 20 }),
  );

  test('the answer is a service that is there, the host’s disk, or a refusal in one line', () => {
    fc.assert(
      fc.property(fc.dictionary(label, word, { noNullPrototype: false }), labels => {
        const answer = find(labels);

        if ('target' in answer)
          expect(directory.has(answer.target) || answer.target.service.startsWith('disk:')).toBe(true);
        else expect(answer.because).toMatch(/^[^\n\r]{10,500}$/);
      }),
    );
  });
});
