import type { Readable } from 'node:stream';
import { type Duration, type Instant, minutes } from '../../domain/time.ts';
import { type Caller, READ_TIMEOUT } from './call.ts';
import type { Engine } from './dockerode.ts';
import type { Endpoint } from './endpoints.ts';
import type { ListEntry } from './engine-shapes.ts';
import { engineTime } from './events.ts';
import { readList } from './list-answer.ts';

type Signal = AbortSignal | undefined;
type EngineContainer = ReturnType<Engine['getContainer']>;

type Filters = Readonly<Record<string, readonly string[]>>;
type PruneEndpoint = keyof typeof PRUNES;

/** For what walks over the engine's whole disk. */
const WALK_TIMEOUT: Duration = minutes(2);

const PRUNES = {
  // Takes no filters from dockerode, and needs none.
  'build/prune': (engine: Engine, { abortSignal }: PruneOptions) => engine.pruneBuilder({ abortSignal }),
  'images/prune': (engine: Engine, options: PruneOptions) => engine.pruneImages(options),
  'containers/prune': (engine: Engine, options: PruneOptions) => engine.pruneContainers(options),
  'networks/prune': (engine: Engine, options: PruneOptions) => engine.pruneNetworks(options),
};

type PruneOptions = Parameters<Engine['pruneImages']>[0];

/** Every request that is made of the engine, except the event stream: in the engine's shapes, named for people and counted. */
export type Requests = ReturnType<typeof readRequests> &
  ReturnType<typeof changeRequests> &
  ReturnType<typeof fileRequests>;

export const requestsTo = (engine: Engine, caller: Caller): Requests => ({
  ...readRequests(engine, caller),
  ...changeRequests(engine, caller),
  ...fileRequests(engine, caller),
});

const readRequests = (engine: Engine, { once, read }: Caller) => ({
  /** Not tried again: it is how one finds out whether the engine is there. */
  version: (signal: Signal) =>
    once('version', 'version of the engine', abortSignal => engine.version({ abortSignal }), signal, READ_TIMEOUT),
  list: <T>(label: string, take: (entry: ListEntry) => T | undefined, signal: Signal) => {
    const filters = { label: [label] };
    const send = async (abortSignal: AbortSignal) =>
      readList(await engine.listing({ all: true, filters, abortSignal }), take);
    return read('containers/json', 'list of containers', send, signal);
  },
  users: <T>(volume: string, take: (entry: ListEntry) => T | undefined, signal: Signal) => {
    const filters = { volume: [volume] };
    const send = async (abortSignal: AbortSignal) =>
      readList(await engine.listing({ all: true, filters, abortSignal }), take);
    return read('containers/json', `list of containers with the volume ${volume}`, send, signal);
  },
  publishers: <T>(take: (entry: ListEntry) => T | undefined, signal: Signal) => {
    const filters = { status: ['running', 'paused', 'restarting'] };
    const send = async (abortSignal: AbortSignal) =>
      readList(await engine.listing({ all: true, filters, abortSignal }), take);
    return read('containers/json', 'list of containers that run', send, signal);
  },
  container: (idOrName: string, signal: Signal) => {
    const send = (abortSignal: AbortSignal) => engine.getContainer(idOrName).inspect({ abortSignal });
    return read('containers/inspect', `inspect of container ${idOrName}`, send, signal);
  },
  stats: (id: string, signal: Signal) => {
    const send = (abortSignal: AbortSignal) =>
      engine.getContainer(id).stats({ stream: false, 'one-shot': true, abortSignal });
    // Not tried again: the next interval asks anyway.
    return once('containers/stats', `stats of container ${id}`, send, signal, READ_TIMEOUT);
  },
  info: (signal: Signal) => read('info', 'facts about the host', abortSignal => engine.info({ abortSignal }), signal),
  remembered: <T>(until: Instant, take: (events: Readable) => Promise<T>, signal: Signal) => {
    // From the beginning of time: an engine keeps few. Without an end the answer would have none.
    const span = { since: '1', until: engineTime(until) };
    const send = async (abortSignal: AbortSignal) => take(await engine.getEvents({ ...span, abortSignal }));
    return read('events', 'events that the engine remembers', send, signal);
  },
  diskUsage: (signal: Signal) =>
    once('system/df', 'disk usage of the engine', abort => engine.df({ abortSignal: abort }), signal, WALK_TIMEOUT),
  image: (name: string, signal: Signal) =>
    read('images/inspect', `inspect of image ${name}`, () => engine.getImage(name).inspect(), signal),
});

// As much as there is goes through these: they last as long as the caller's signal lets them.
const fileRequests = (engine: Engine, { once }: Caller) => ({
  archive: <T>(id: string, path: string, take: (tar: Readable) => Promise<T>, signal: Signal) => {
    const send = async (abortSignal: AbortSignal) =>
      take(await engine.getContainer(id).getArchive({ path, abortSignal }));
    return once('containers/archive', `archive of ${path} of container ${id}`, send, signal);
  },
  unpack: (id: string, path: string, tar: Readable, signal: Signal) => {
    const send = (abortSignal: AbortSignal) => engine.getContainer(id).putArchive(tar, { path, abortSignal });
    return once('containers/unpack', `unpacking under ${path} of container ${id}`, send, signal);
  },
  pull: <T>(image: string, take: (progress: Readable) => Promise<T>, signal: Signal) => {
    const send = async (abortSignal: AbortSignal) => take(await engine.createImage({ fromImage: image, abortSignal }));
    return once('images/create', `pull of image ${image}`, send, signal);
  },
  /** All that a container writes until it ends. */
  output: <T>(id: string, take: (output: Readable) => Promise<T>, signal: Signal) => {
    const query = { follow: true, stdout: true, stderr: true, timestamps: true } as const;
    const send = async (abortSignal: AbortSignal) =>
      take(await engine.getContainer(id).logs({ ...query, abortSignal }));
    return once('containers/logs', `output of container ${id}`, send, signal);
  },
});

// Each change is sent once and lasts as long as the caller's signal lets it.
const changeRequests = (engine: Engine, { once }: Caller) => ({
  create: (name: string, body: object, signal: Signal) => {
    const split = { _query: { name }, _body: body };
    const send = (abortSignal: AbortSignal) => engine.createContainer({ ...split, abortSignal });
    return once('containers/create', `creation of container ${name}`, send, signal);
  },
  change: (
    word: 'start' | 'stop' | 'restart' | 'rename' | 'remove',
    id: string,
    send: (container: EngineContainer, abortSignal: AbortSignal) => Promise<unknown>,
    signal: Signal,
  ) => {
    const endpoint: Endpoint = `containers/${word}`;
    return once(endpoint, `${word} of container ${id}`, abort => send(engine.getContainer(id), abort), signal);
  },
  update: (id: string, body: object, signal: Signal) => {
    const send = (abortSignal: AbortSignal) => engine.getContainer(id).update({ _body: body, abortSignal });
    return once('containers/update', `update of container ${id}`, send, signal);
  },
  kill: (id: string, name: string, signal: Signal) => {
    const send = (abortSignal: AbortSignal) => engine.getContainer(id).kill({ signal: name, abortSignal });
    return once('containers/kill', `${name} to container ${id}`, send, signal);
  },
  wait: (id: string, signal: Signal) => {
    const send = (abortSignal: AbortSignal) => engine.getContainer(id).wait({ abortSignal });
    return once('containers/wait', `end of container ${id}`, send, signal);
  },
  /** @returns the id under which the command can be started */
  exec: async (id: string, argv: readonly string[], signal: Signal) => {
    // With neither of the two attached, starting it would not wait for its end.
    const body = { Cmd: argv, AttachStdout: true, AttachStderr: true };
    const send = (abortSignal: AbortSignal) => engine.getContainer(id).exec({ _body: body, abortSignal });
    return (await once('containers/exec', `command ${argv[0]} in container ${id}`, send, signal)).id;
  },
  startExec: <T>(id: string, take: (output: Readable) => Promise<T>, signal: Signal) => {
    const body = { Detach: false, Tty: false };
    const send = async (abortSignal: AbortSignal) => take(await engine.getExec(id).start({ _body: body, abortSignal }));
    return once('exec/start', `start of command ${id}`, send, signal);
  },
  inspectExec: (id: string, signal: Signal) => {
    const send = (abortSignal: AbortSignal) => engine.getExec(id).inspect({ abortSignal });
    return once('exec/inspect', `end of command ${id}`, send, signal, READ_TIMEOUT);
  },
  prune: (endpoint: PruneEndpoint, filters: Filters, signal: Signal) => {
    const send = (abortSignal: AbortSignal) =>
      PRUNES[endpoint](engine, { _query: { filters }, _body: {}, abortSignal });
    return once(endpoint, `prune of ${endpoint.replace('/prune', '')}`, send, signal);
  },
  connect: (network: string, id: string, endpoint: object, signal: Signal) => {
    const request = { Container: id, EndpointConfig: endpoint };
    const send = (abortSignal: AbortSignal) => engine.getNetwork(network).connect({ ...request, abortSignal });
    return once('networks/connect', `attaching container ${id} to network ${network}`, send, signal);
  },
  disconnect: (network: string, id: string, signal: Signal) => {
    const send = (abortSignal: AbortSignal) => engine.getNetwork(network).disconnect({ Container: id, abortSignal });
    return once('networks/disconnect', `detaching container ${id} from network ${network}`, send, signal);
  },
});
