/**
 * Rights that go beyond interrupting a service, each asked for by a variable of the socket proxy. `MAY_RECREATE`: to make a
 * container again, and who may make one can mount the host's root into it. `MAY_PRUNE`: to remove what is stopped or unused. `MAY_EXEC`: to run a command in
 * a container.
 */
export type Grant = 'MAY_RECREATE' | 'MAY_PRUNE' | 'MAY_EXEC';

/** A request of the Engine API, as it is sent: without a version prefix. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `{id}` stands for a container, network or command, `{name}` for an image: whatever `pathPattern` lets through. */
  readonly path: string;
  /** Why the endpoint for reading (`DOCKER_HOST`) is asked this. Missing where it never is. */
  readonly reading?: string;
  /** Why the endpoint for acting (`WATCHDOG_ACT_HOST`) is asked this: the strategies that do. Missing where it never is. */
  readonly acting?: string;
  /** What the operator of the socket proxy for acting must have granted besides (compose/socket-proxy/acting.cfg). */
  readonly grant?: Grant;
}

/**
 * All that is asked of an engine, by the name that the metric `watchdog_docker_requests_total` counts it under. A new request
 * is a new line here: the types refuse one that is not, the tests one that differs, and socket proxies are configured by it.
 */
export const ENDPOINTS = {
  events: {
    method: 'GET',
    path: '/events',
    reading: 'what happens to containers, as it happens; whether the engine was started anew',
  },
  'containers/json': {
    method: 'GET',
    path: '/containers/json',
    reading: 'which containers there are, every round; who has a volume or a port',
  },
  'containers/inspect': {
    method: 'GET',
    path: '/containers/{id}/json',
    reading: 'how one container stands, before and after each decision',
    acting:
      'how a container is made and attached: recreate, pull-and-recreate, find-alternative-port, reconnect-networks, rejoin-network, scale',
  },
  version: {
    method: 'GET',
    path: '/version',
    reading: 'watchdog check',
    acting:
      'what the engine understands: recreate, pull-and-recreate, find-alternative-port, reconnect-networks, rejoin-network, scale; watchdog check',
  },
  'containers/stats': {
    method: 'GET',
    path: '/containers/{id}/stats',
    reading: 'what a running container uses, every interval',
  },
  'containers/logs': {
    method: 'GET',
    path: '/containers/{id}/logs',
    reading: 'what a container writes, as it is written',
    acting: 'what a helper has found: restore-backup',
  },
  'containers/archive': {
    method: 'GET',
    path: '/containers/{id}/archive',
    acting: 'the files of a mount: backup-volume, restore-backup',
    grant: 'MAY_RECREATE',
  },
  'containers/unpack': {
    method: 'PUT',
    path: '/containers/{id}/archive',
    acting: 'the files of a mount: restore-backup',
    grant: 'MAY_RECREATE',
  },
  info: {
    method: 'GET',
    path: '/info',
    reading: "where the engine's files are, what its kernel can throttle, its clock, whether containers outlive it",
  },
  'system/df': { method: 'GET', path: '/system/df', reading: 'what Docker itself keeps on the disk, once an hour' },
  'images/inspect': {
    method: 'GET',
    path: '/images/{name}/json',
    acting:
      'what a container has from its image: recreate, pull-and-recreate, find-alternative-port, rejoin-network, scale',
    grant: 'MAY_RECREATE',
  },
  'images/create': {
    method: 'POST',
    path: '/images/create',
    acting: 'pull-and-recreate',
    grant: 'MAY_RECREATE',
  },
  'containers/start': {
    method: 'POST',
    path: '/containers/{id}/start',
    acting:
      'start, clean-restart, recreate, pull-and-recreate, find-alternative-port, rejoin-network, scale, stop-conflicting-container',
  },
  'containers/stop': {
    method: 'POST',
    path: '/containers/{id}/stop',
    acting:
      'clean-restart, recreate, pull-and-recreate, find-alternative-port, rejoin-network, scale, stop-conflicting-container',
  },
  'containers/restart': {
    method: 'POST',
    path: '/containers/{id}/restart',
    acting: 'restart, rejoin-network, stop-conflicting-container',
  },
  'containers/create': {
    method: 'POST',
    path: '/containers/create',
    acting: 'recreate, pull-and-recreate, find-alternative-port, rejoin-network, scale',
    grant: 'MAY_RECREATE',
  },
  'containers/rename': {
    method: 'POST',
    path: '/containers/{id}/rename',
    acting: 'recreate, pull-and-recreate, find-alternative-port, rejoin-network, stop-conflicting-container',
    grant: 'MAY_RECREATE',
  },
  'containers/remove': {
    method: 'DELETE',
    path: '/containers/{id}',
    acting: 'recreate, pull-and-recreate, find-alternative-port, rejoin-network, scale',
    grant: 'MAY_RECREATE',
  },
  'networks/connect': {
    method: 'POST',
    path: '/networks/{id}/connect',
    acting: 'reconnect-networks, recreate, pull-and-recreate, find-alternative-port, rejoin-network, scale',
  },
  'containers/exec': {
    method: 'POST',
    path: '/containers/{id}/exec',
    acting: 'exec-command; scale, where a service names a command to drain a replica with',
    grant: 'MAY_EXEC',
  },
  'exec/start': {
    method: 'POST',
    path: '/exec/{id}/start',
    acting: 'exec-command; scale, where a service names a command to drain a replica with',
    grant: 'MAY_EXEC',
  },
  'exec/inspect': {
    method: 'GET',
    path: '/exec/{id}/json',
    acting: 'exec-command, scale, how such a command ended',
    grant: 'MAY_EXEC',
  },
  'containers/kill': {
    method: 'POST',
    path: '/containers/{id}/kill',
    acting: 'scale, where a service names a signal to drain a replica with',
  },
  'containers/wait': {
    method: 'POST',
    path: '/containers/{id}/wait',
    acting: 'scale, until such a replica has ended',
  },
  'containers/update': {
    method: 'POST',
    path: '/containers/{id}/update',
    acting: 'throttle, stop-conflicting-container',
  },
  'build/prune': { method: 'POST', path: '/build/prune', acting: 'cleanup' },
  'images/prune': { method: 'POST', path: '/images/prune', acting: 'cleanup' },
  'containers/prune': {
    method: 'POST',
    path: '/containers/prune',
    acting: 'cleanup, where it may remove stopped containers',
    grant: 'MAY_PRUNE',
  },
  'networks/prune': {
    method: 'POST',
    path: '/networks/prune',
    acting: 'cleanup, where it may prune the system',
    grant: 'MAY_PRUNE',
  },
  'networks/disconnect': { method: 'POST', path: '/networks/{id}/disconnect', acting: 'reconnect-networks' },
} as const satisfies Readonly<Record<string, EngineRequest>>;

/** The requests made of the engine, as the metric `watchdog_docker_requests_total` counts them: a closed set. */
export type Endpoint = keyof typeof ENDPOINTS;

/** Which of the two endpoints is asked: `DOCKER_HOST` for reading, `WATCHDOG_ACT_HOST` for acting. */
export type Side = 'reading' | 'acting';

/** One request with the reason why this side is asked it. */
export interface Right {
  readonly endpoint: Endpoint;
  readonly method: EngineRequest['method'];
  readonly path: string;
  readonly why: string;
  readonly grant: Grant | undefined;
}

/** All that one side needs, and nothing else. */
export const rightsFor = (side: Side): readonly Right[] =>
  (Object.entries(ENDPOINTS) as [Endpoint, EngineRequest][]).flatMap(([endpoint, request]) => {
    const { method, path, [side]: why, grant } = request;
    return why === undefined ? [] : [{ endpoint, method, path, why, grant }];
  });

// Each segment begins with a letter or digit, so that no `..` and nothing percent-encoded gets through.
const SEGMENT = '[a-zA-Z0-9][a-zA-Z0-9_.:@-]*';
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  '{id}': '[a-zA-Z0-9][a-zA-Z0-9_.-]*',
  '{name}': `${SEGMENT}(/${SEGMENT})*`,
};

/**
 * A POSIX extended regular expression for the paths that a request can have. Container and network names after the
 * engine's own rule (`RestrictedNameChars` in moby's daemon/names), image names as references with registry and digest.
 */
export const pathPattern = (path: string): string =>
  `^${path.replaceAll(/\{\w+\}/g, placeholder => PLACEHOLDERS[placeholder] ?? placeholder)}$`;
