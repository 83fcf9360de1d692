import { buildFrom, type Recipe } from './images.ts';
import { debianImage } from './stand-ins.ts';

/** A server of Debian's, in an image that takes the command line, volumes and user of the official one. */
type DebianProgram = {
  /** Name of the image. */
  image: string;
  packages: readonly string[];
  /** What the official image has and the package has not: Dockerfile lines. */
  likeTheOfficial: readonly string[];
};

/**
 * Prometheus 2.53, with promtool. The official image's user is nobody, 65534:65534, as is Debian's; the folders its Dockerfile
 * makes are made here (prometheus/prometheus, Dockerfile).
 */
export const prometheusStandIn = (image: string): DebianProgram => ({
  image,
  packages: ['prometheus'],
  likeTheOfficial: [
    'RUN rm -rf /etc/prometheus/* && install -d -o 65534 -g 65534 /prometheus',
    'USER 65534:65534',
    'WORKDIR /prometheus',
    'VOLUME ["/prometheus"]',
    'ENTRYPOINT ["/usr/bin/prometheus"]',
    'CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]',
  ],
});

/** Alertmanager 0.28, with amtool. As for Prometheus (prometheus/alertmanager, Dockerfile). */
export const alertmanagerStandIn = (image: string): DebianProgram => ({
  image,
  packages: ['prometheus-alertmanager'],
  likeTheOfficial: [
    'RUN ln -s prometheus-alertmanager /usr/bin/alertmanager && mkdir -p /etc/alertmanager && install -d -o 65534 -g 65534 /alertmanager',
    'USER 65534:65534',
    'WORKDIR /alertmanager',
    'VOLUME ["/alertmanager"]',
    'ENTRYPOINT ["/usr/bin/alertmanager"]',
    'CMD ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager"]',
  ],
});

/** HAProxy 3.0. The official image's user is haproxy, 99:99 (docker-library/haproxy). */
export const haproxyStandIn = (image: string): DebianProgram => ({
  image,
  packages: ['haproxy'],
  likeTheOfficial: [
    'RUN mkdir -p /usr/local/etc/haproxy',
    'USER 99:99',
    'CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]',
  ],
});

/** What tests break in earnest: PostgreSQL, Redis, nginx, Celery, and Python for what is written there (tests/stack, tests/engine). */
export const wardOnDebian = (image: string): DebianProgram => ({
  image,
  packages: [
    'postgresql',
    'redis-server',
    'nginx',
    'python3-celery',
    'python3-redis',
    'python3-psycopg2',
    'busybox-static',
  ],
  likeTheOfficial: [],
});

/** @param base id of the Debian image, so that a new one asks for new programs on it */
export function debianProgram({ image, packages, likeTheOfficial }: DebianProgram, base: string): Recipe {
  const dockerfile = [
    `FROM ${debianImage}`,
    // No daemon is started by the packages' scripts. wget, because that is what health checks use in the official images.
    `RUN printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d \\
  && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${packages.join(' ')} \\
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /usr/share/doc /usr/share/man \\
  && ln -sf busybox /usr/bin/wget`,
    ...likeTheOfficial,
    '',
  ].join('\n');
  return { image, inputs: [dockerfile, base], build: label => buildFrom(image, label, dockerfile, {}) };
}
