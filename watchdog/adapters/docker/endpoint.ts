import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DockerOptions } from 'dockerode';
import { EngineError } from './docker.ts';

/** `process.env`, or a test's. */
export type Env = Readonly<Record<string, string | undefined>>;

// Every option is named, because docker-modem fills those that are missing from the process's own environment.
const NOTHING: Required<Omit<DockerOptions, 'sshAuthAgent' | 'Promise' | 'headers'>> = {
  socketPath: undefined,
  host: undefined,
  port: undefined,
  username: undefined,
  protocol: 'http',
  ca: undefined,
  cert: undefined,
  key: undefined,
  timeout: undefined,
  version: undefined,
  sshOptions: undefined,
};

/**
 * What dockerode must be told to reach a host given in DOCKER_HOST's syntax (unix:, npipe:, tcp:, http:, https:, ssh:), with
 * the usual meanings of DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.
 * @throws EngineError `refused` when the host or a certificate cannot be read
 */
export function endpointFrom(host: string | undefined, env: Env): DockerOptions {
  if (host === undefined || host === '') return { ...NOTHING, socketPath: localSocket() };
  const [, scheme, rest] = /^(\w+):\/\/(.*)$/.exec(host) ?? [undefined, 'tcp', host];
  if (scheme === 'unix' || scheme === 'npipe') return { ...NOTHING, socketPath: rest || localSocket() };
  return remote(scheme ?? 'tcp', rest ?? '', host, env);
}

/** Docker Desktop's socket where there is one, else the system's. */
function localSocket(): string {
  if (process.platform === 'win32') return '//./pipe/docker_engine';
  const desktop = join(homedir(), '.docker', 'run', 'docker.sock');
  return existsSync(desktop) ? desktop : '/var/run/docker.sock';
}

function remote(scheme: string, rest: string, found: string, env: Env): DockerOptions {
  const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined;
  if (!['tcp', 'http', 'https', 'ssh'].includes(scheme) || !url?.hostname) {
    throw new EngineError(
      'refused',
      `DOCKER_HOST: found '${found}', expected unix:///path/to/docker.sock, tcp://host:2375, https://host:2376 or ssh://user@host; correct it or unset it to use the local socket`,
    );
  }
  if (scheme === 'ssh') return bySsh(url, env);
  const certificates = env.DOCKER_CERT_PATH || (env.DOCKER_TLS_VERIFY ? join(homedir(), '.docker') : undefined);
  const secure = scheme === 'https' || url.port === '2376' || certificates !== undefined;
  return {
    ...NOTHING,
    host: url.hostname,
    protocol: secure ? 'https' : 'http',
    port: url.port || (secure ? 2376 : 2375),
    ...(certificates === undefined ? {} : readCertificates(certificates)),
  };
}

// docker-modem takes the host to be part of the URL and cannot put an ssh URL together; ssh2 itself looks for `hostname`, too.
const bySsh = ({ hostname, port, username }: URL, { SSH_AUTH_SOCK: agent }: Env): DockerOptions => ({
  ...NOTHING,
  protocol: 'ssh',
  port: port || 22,
  username: decodeURIComponent(username),
  sshOptions: { hostname, ...(agent === undefined ? {} : { agent }) } as object,
});

function readCertificates(folder: string): Pick<DockerOptions, 'ca' | 'cert' | 'key'> {
  const read = (file: string): Buffer => readFileSync(join(folder, file));
  try {
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  } catch (error) {
    throw new EngineError(
      'refused',
      `DOCKER_CERT_PATH: found '${folder}' without readable certificates (${(error as Error).message}), expected ca.pem, cert.pem and key.pem; correct the path or the files' permissions`,
      undefined,
      error,
    );
  }
}
