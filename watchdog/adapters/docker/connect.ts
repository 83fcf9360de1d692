import { callerThatTells, type OnRequest } from './call.ts';
import { changesWith } from './changes.ts';
import type { Docker } from './docker.ts';
import { openEngine } from './dockerode.ts';
import { drainWith } from './drain-with.ts';
import { type Env, endpointFrom } from './endpoint.ts';
import { helpWith } from './help-with.ts';
import { measureWith } from './measure-with.ts';
import { readsWith } from './reads.ts';
import { remakeWith } from './remake.ts';
import { requestsTo } from './requests.ts';
import { subscribe } from './subscribe.ts';
import { tidyWith } from './tidy-with.ts';

export interface ConnectOptions {
  /** In DOCKER_HOST's syntax; the local socket where it is missing. */
  readonly host?: string | undefined;
  /** For DOCKER_TLS_VERIFY, DOCKER_CERT_PATH and SSH_AUTH_SOCK. */
  readonly env: Env;
  /** For the metric `watchdog_docker_requests_total`. */
  readonly onRequest?: OnRequest;
}

/**
 * A Docker Engine behind one endpoint; nothing is sent yet. Requests carry no API version, so each engine answers in its
 * newest: a pinned one would be refused by old engines (too new) or by new ones (engine 29 takes none below 1.44).
 * @throws EngineError `refused` when the host or its certificates cannot be read
 */
export function connectDocker(options: ConnectOptions): Docker {
  const engine = openEngine(endpointFrom(options.host, options.env));
  const onRequest = options.onRequest ?? (() => {});
  const requests = requestsTo(engine, callerThatTells(onRequest));
  return {
    ...readsWith(requests),
    ...changesWith(requests),
    ...remakeWith(requests),
    ...measureWith(requests),
    ...tidyWith(requests),
    ...drainWith(requests),
    ...helpWith(requests),
    events: subscription => subscribe(engine, subscription, onRequest),
  };
}
