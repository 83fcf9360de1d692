import { Readable } from 'node:stream';
import { type Docker, EngineError, type Helper } from './docker.ts';
import type { ContainerInspect, MountPoint } from './engine-shapes.ts';
import { logParser } from './log-frames.ts';
import { ifThere } from './reads.ts';
import type { Requests } from './requests.ts';

/** Marks helpers, so that people who see one know whose it is. It carries no label of Compose: nobody watches or repairs it. */
const HELPER_LABEL = 'compose-watchdog.helper';

/** Characters of what a helper says. */
const SAID_LIMIT = 4 * 2 ** 20;

/** Taking a container away must not wait for what was broken off. */
const REMOVAL_LIMIT = 30_000;

/** Owning, reading and changing other people's files; nothing else that root may. */
const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'];

/** The engine's words (moby volume/mounts/validate.go, `errBindSourceDoesNotExist`). */
const NOT_THERE = /bind source path does not exist/;

/** States in which no process of a container can write. */
const ENDED = ['created', 'exited', 'dead'];

/** The part of `Docker` that works on the files of a mount. */
export const helpWith = (requests: Requests): Pick<Docker, 'archive' | 'unpack' | 'usersOf' | 'help' | 'isOnHost'> => ({
  archive: (id, path, take, signal) => requests.archive(id, path, take, signal),
  unpack: async (id, path, tar, signal) => {
    await requests.unpack(id, path, Readable.from(tar), signal);
  },
  usersOf: (volume, signal) =>
    requests.users(
      volume,
      ({ Id, Names, State }) => ({ id: Id, name: Names[0]?.replace(/^\//, '') ?? Id, running: !ENDED.includes(State) }),
      signal,
    ),
  help: async (helper, signal) => {
    const patient = await requests.container(helper.patient, signal);
    // One that a crash has left would hold the name.
    await removed(requests, helper.name);
    const { id } = await requests.create(helper.name, bodyFor(helper, patient), signal);
    try {
      await requests.change('start', id, (it, abortSignal) => it.start({ abortSignal }), signal);
      const said = await requests.output(id, textFrom, signal);
      const { StatusCode } = (await requests.wait(id, signal)) as { readonly StatusCode: number };
      return { exitCode: StatusCode, said };
    } finally {
      await removed(requests, id);
    }
  },
  isOnHost: async (path, { name, patient }, signal) => {
    const { Image } = await requests.container(patient, signal);
    await removed(requests, name);
    const Mounts = [{ Type: 'bind', Source: path, Target: '/looked-for', ReadOnly: true }];
    const body = { Image, Entrypoint: ['true'], Labels: { [HELPER_LABEL]: 'true' }, HostConfig: { Mounts } };
    try {
      const { id } = await requests.create(name, body, signal);
      await removed(requests, id);
      return true;
    } catch (error) {
      if (error instanceof EngineError && NOT_THERE.test(error.message)) return false;
      throw error;
    }
  },
});

/** With the volumes that the engine made for it alone, because its image declares some: those of the patient have names here. */
async function removed(requests: Requests, idOrName: string): Promise<void> {
  const enough = AbortSignal.timeout(REMOVAL_LIMIT);
  await ifThere(
    requests.change('remove', idOrName, (it, abortSignal) => it.remove({ force: true, v: true, abortSignal }), enough),
  );
}

function bodyFor(helper: Helper, patient: ContainerInspect): object {
  const { argv, asPatient, user = '0:0' } = helper;
  const [program, ...rest] = argv;
  const groups = asPatient ? { GroupAdd: patient.HostConfig.GroupAdd } : {};
  return {
    Image: patient.Image,
    Entrypoint: [program],
    Cmd: rest,
    User: asPatient ? (patient.Config.User ?? '') : user,
    WorkingDir: '/',
    Labels: { [HELPER_LABEL]: 'true' },
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      ...mountsFor(helper, patient),
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: CAPABILITIES,
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 64,
      ...groups,
      RestartPolicy: { Name: 'no' },
      // Whatever the engine's default is, which may keep nothing that could be read.
      LogConfig: { Type: 'json-file', Config: {} },
    },
  };
}

function mountsFor({ target, source, writable }: Helper, patient: ContainerInspect): object {
  if (target === undefined) return {};
  // Of the two ways to ask for a mount the one that makes what is not there.
  if (source !== undefined) return { Binds: [`${source}:${target}:${writable ? 'rw' : 'ro'}`] };
  return { Mounts: [mountFor(target, writable, patient)] };
}

function mountFor(target: string, writable: boolean, patient: ContainerInspect): object {
  const mount: MountPoint | undefined = patient.Mounts?.find(({ Destination }) => Destination === target);
  const source = mount?.Type === 'volume' ? mount.Name : mount?.Source;
  if (mount === undefined || source === undefined || (mount.Type !== 'volume' && mount.Type !== 'bind'))
    throw new EngineError('refused', `${patient.Name.replace(/^\//, '')} has no volume or folder mounted at ${target}`);
  const { Type } = mount;
  // What the image has at that place must not be copied into an empty volume.
  const options = Type === 'volume' ? { VolumeOptions: { NoCopy: true } } : {};
  return { Type, Source: source, Target: target, ReadOnly: !writable, ...options };
}

async function textFrom(output: Readable): Promise<string> {
  const parser = logParser();
  let said = '';
  const take = (lines: ReturnType<typeof parser.end>) => {
    for (const { text } of lines) if (said.length + text.length < SAID_LIMIT) said += `${text}\n`;
  };
  for await (const chunk of output) take(parser.push(chunk as Buffer));
  take(parser.end());
  return said;
}
