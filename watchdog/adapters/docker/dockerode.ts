import Module, { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { DockerOptions } from 'dockerode';
import type {
  ContainerInspect,
  ContainerStats,
  EngineFacts,
  ImageInspect,
  PruneReport,
  SystemDiskUsage,
} from './engine-shapes.ts';
import { insistOnWholeAnswers } from './whole-answers.ts';

/**
 * The part of dockerode that is used, with the answers as the engine sends them. (The published types lack `abortSignal`
 * on half of these calls and describe answers that no engine gives.)
 */
export interface Engine {
  version(options: Abortable): Promise<{ readonly Version: string; readonly ApiVersion: string }>;
  /** `GET /containers/json`: the answer as it comes in, which `listContainers` would collect and parse as a whole. */
  listing(options: Abortable & { readonly all: true; readonly filters: Filters }): Promise<Readable>;
  getEvents(
    options: Abortable & { readonly since?: string; readonly until?: string; readonly filters?: Filters },
  ): Promise<Readable>;
  createContainer(options: Abortable & Split<{ readonly name: string }>): Promise<{ readonly id: string }>;
  getContainer(idOrName: string): {
    inspect(options: Abortable): Promise<ContainerInspect>;
    start(options: Abortable): Promise<unknown>;
    stop(options: Abortable & { readonly t?: number }): Promise<unknown>;
    restart(options: Abortable & { readonly t?: number }): Promise<unknown>;
    rename(options: Abortable & { readonly name: string }): Promise<unknown>;
    remove(options: Abortable & { readonly force: boolean; readonly v: boolean }): Promise<unknown>;
    stats(options: Abortable & { readonly stream: false; readonly 'one-shot': true }): Promise<ContainerStats>;
    update(options: Abortable & { readonly _body: object }): Promise<unknown>;
    logs(
      options: Abortable &
        Readonly<Record<'follow' | 'stdout' | 'stderr' | 'timestamps', true>> & { readonly since?: string },
    ): Promise<Readable>;
    getArchive(options: Abortable & { readonly path: string }): Promise<Readable>;
    putArchive(tar: Readable, options: Abortable & { readonly path: string }): Promise<unknown>;
    kill(options: Abortable & { readonly signal: string }): Promise<unknown>;
    wait(options: Abortable): Promise<unknown>;
    exec(options: Abortable & { readonly _body: object }): Promise<{ readonly id: string }>;
  };
  getExec(id: string): {
    start(options: Abortable & { readonly _body: object }): Promise<Readable>;
    inspect(options: Abortable): Promise<{ readonly ExitCode?: number | null }>;
  };
  getNetwork(idOrName: string): {
    connect(options: Abortable & { readonly Container: string; readonly EndpointConfig: object }): Promise<unknown>;
    disconnect(options: Abortable & { readonly Container: string }): Promise<unknown>;
  };
  createImage(options: Abortable & { readonly fromImage: string }): Promise<Readable>;
  /** Does not listen to a signal. */
  getImage(idOrName: string): { inspect(): Promise<ImageInspect> };
  info(options: Abortable): Promise<EngineFacts>;
  df(options: Abortable): Promise<SystemDiskUsage>;
  pruneBuilder(options: Abortable): Promise<PruneReport>;
  pruneImages(options: Abortable & Split<{ readonly filters: Filters }>): Promise<PruneReport>;
  pruneContainers(options: Abortable & Split<{ readonly filters: Filters }>): Promise<PruneReport>;
  pruneNetworks(options: Abortable & Split<{ readonly filters: Filters }>): Promise<PruneReport>;
}

interface Abortable {
  readonly abortSignal: AbortSignal;
}

type Filters = Readonly<Record<string, readonly string[]>>;

/** Without the split docker-modem sends the whole body in the query as well. */
interface Split<Query> {
  readonly _query: Query;
  readonly _body: object;
}

type Require = ReturnType<typeof createRequire>;

/**
 * Puts a stand-in for a CommonJS file into the cache, before anybody has required it. The file must export one function:
 * the stand-in loads the real one at its first call.
 */
function loadAtFirstCall(require: Require, file: string): void {
  const path = require.resolve(file);
  const standIn = new Module(path);
  standIn.filename = path;
  standIn.loaded = true;
  standIn.exports = (...args: unknown[]) => {
    delete require.cache[path];
    return require(path)(...args);
  };
  require.cache[path] = standIn;
}

// dockerode loads gRPC for image builds and docker-modem loads ssh2 for ssh:// hosts, both at once and for everybody.
// We never build, and few use ssh. Resident memory of a Node 26 process that does nothing but require dockerode 5.0.1:
// 77.5 MB as it comes, 58.9 MB this way (51 MB with Node's own http and https alone).
// Jest has a module registry of its own that takes no stand-ins: there the real files are loaded.
const require = createRequire(import.meta.url);
const dockerodeRequire = createRequire(require.resolve('dockerode'));
loadAtFirstCall(dockerodeRequire, './session.js');
loadAtFirstCall(createRequire(dockerodeRequire.resolve('docker-modem')), './ssh.js');
const DockerodeClass: typeof Dockerode = require('dockerode');

/** An engine's client; nothing is sent yet. */
export function openEngine(options: DockerOptions): Engine {
  const engine = new DockerodeClass(options);
  insistOnWholeAnswers(engine.modem);
  return Object.assign(engine as unknown as Engine, {
    listing: ({ abortSignal, ...query }: Parameters<Engine['listing']>[0]) =>
      new Promise<Readable>((resolve, reject) => {
        const request = {
          ...{ path: '/containers/json?', method: 'GET', options: query, abortSignal },
          ...{ isStream: true, statusCodes: { 200: true } },
        };
        engine.modem.dial(request, (error: unknown, answer: unknown) =>
          error ? reject(error) : resolve(answer as Readable),
        );
      }),
  });
}
