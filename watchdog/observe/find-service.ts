import type { Alert } from '../domain/alert.ts';
import { diskPathOf, diskRef } from '../domain/disk.ts';
import { type AlertRefusal, labelOf, type ReceivedAlert } from '../domain/received-alert.ts';
import { nameOf, type Replica } from '../domain/service.ts';
import type { Directory } from './directory.ts';

/** The service that an alert is about, or why nobody can tell. */
export type Found =
  | { readonly target: Alert['target']; readonly by: string }
  | { readonly refusal: AlertRefusal; readonly because: string };

type Labels = Pick<ReceivedAlert, 'labels'>;

/** Asked in order; the first that finds its labels on the alert answers, also when that answer is no: what a rule says is not overruled by a guess. */
type Way = (alert: Labels, directory: Directory) => Found | undefined;

/**
 * Finds the service by the alert's labels alone. Pure.
 *
 * 1. `project` and `service`, or `service` where only one project has it; `host` and `disk:PATH` for the host's own
 * 2. Compose's labels, as cAdvisor and Prometheus' Docker discovery spell them
 * 3. the container, by id or name
 * 4. `mountpoint`, or `path` of an alert about a disk: the host's
 * 5. `instance`, then `job`, by the names and addresses that networks know
 */
export function findService(alert: Labels, directory: Directory): Found {
  for (const way of WAYS) {
    const found = way(alert, directory);
    if (found !== undefined) return 'target' in found ? onContainer(found, alert, directory) : found;
  }
  return { refusal: 'unknown-service', because: 'none of its labels tells a service: add project and service' };
}

const byOwnLabels: Way = (alert, directory) => {
  const service = labelOf(alert, 'service');
  if (service === undefined) return undefined;
  const project = labelOf(alert, 'project');
  return inProject(service, project, project ? 'labels project and service' : 'label service', directory);
};

/** `…service` of cAdvisor, of a `labelmap` over the discovery's, of Loki's Docker driver, of the discovery itself, of Prometheus 3. */
const SPELLINGS: readonly ((word: 'service' | 'project' | 'container-number') => string)[] = [
  word => `container_label_com_docker_compose_${underscored(word)}`,
  word => `com_docker_compose_${underscored(word)}`,
  word => `compose_${underscored(word)}`,
  word => `docker_compose_${underscored(word)}`,
  word => `__meta_docker_container_label_com_docker_compose_${underscored(word)}`,
  word => `com.docker.compose.${word}`,
];

const underscored = (word: string): string => word.replace('-', '_');

const byComposeLabels: Way = (alert, directory) => {
  for (const spelled of SPELLINGS) {
    const service = labelOf(alert, spelled('service'));
    if (service === undefined) continue;
    const project = labelOf(alert, spelled('project')) ?? labelOf(alert, 'project');
    const found = inProject(service, project, `container label ${spelled('service')}`, directory);
    const number = Number(labelOf(alert, spelled('container-number')));
    const replica = 'target' in found && directory.replicas(found.target).find(each => each.number === number);
    return replica ? { ...found, target: { ...found.target, containerId: replica.id, number } } : found;
  }
  return undefined;
};

const byContainer: Way = (alert, directory) => {
  for (const [label, container] of containersOf(alert)) {
    const replica = directory.container(container);
    if (replica !== undefined) return { target: targetOf(replica, container), by: `container ${replica.name}` };
    // Many things have a name; what calls itself a container and is not watched must not end at whoever measured it.
    if (label !== 'name') return unknown([said(alert, label)]);
  }
  return undefined;
};

/** A path is a disk's only where the alert says so: HTTP requests have paths too. */
const byDisk: Way = alert => {
  const aboutDisk = labelOf(alert, 'repair') === 'cleanup' || labelOf(alert, 'condition') === 'disk-low';
  const label = labelOf(alert, 'mountpoint') ? 'mountpoint' : 'path';
  const path = labelOf(alert, label);
  if (path === undefined || !path.startsWith('/') || (label === 'path' && !aboutDisk)) return undefined;
  return { target: diskRef(path), by: `label ${label}` };
};

const byNetwork: Way = (alert, directory) => {
  const project = labelOf(alert, 'project');
  const instance = labelOf(alert, 'instance');
  const job = labelOf(alert, 'job');
  const host = instance && hostOf(instance);
  const inReach = (name: string) =>
    directory.at(name).filter(replica => project === undefined || replica.project === project);
  const tried: string[] = [];
  for (const [label, name, by] of [
    ['instance', host, 'address'],
    ['job', job, 'job'],
  ] as const) {
    if (!name) continue;
    const replicas = inReach(name);
    tried.push(said(alert, label));
    const refs = new Map(replicas.map(replica => [nameOf(replica), replica]));
    const [only] = refs.values();
    if (refs.size > 1) return ambiguous(said(alert, label), [...refs.keys()]);
    if (only === undefined) continue;
    const { project: its, service } = only;
    const container = replicas.length === 1 && label === 'instance' ? { containerId: only.id } : {};
    return { target: { project: its, service, ...container }, by: `${by} ${shown(name)}` };
  }
  return tried.length === 0 ? undefined : unknown(tried);
};

const WAYS: readonly Way[] = [byOwnLabels, byComposeLabels, byContainer, byDisk, byNetwork];

function inProject(service: string, project: string | undefined, by: string, directory: Directory): Found {
  const tried = `service=${shown(service)}${project === undefined ? '' : ` of project ${shown(project)}`}`;
  if (project !== undefined) {
    const ref = { project, service };
    return directory.has(ref) || diskPathOf(ref) !== undefined ? { target: ref, by } : unknown([tried]);
  }
  const found = directory.named(service);
  const [only] = found;
  if (only === undefined) return unknown([tried]);
  if (found.length > 1) return ambiguous(tried, found.map(nameOf));
  return { target: { project: only.project, service }, by };
}

/** The container that the alert names besides, where it is one of the service's. */
function onContainer(found: Extract<Found, { readonly target: unknown }>, alert: Labels, directory: Directory): Found {
  if (found.target.containerId !== undefined) return found;
  const own = directory.replicas(found.target);
  for (const [, container] of containersOf(alert)) {
    const replica = directory.container(container);
    if (replica !== undefined && own.includes(replica))
      return { ...found, target: { ...found.target, ...targetOf(replica, container) } };
  }
  return found;
}

/** What the labels call a container, by label: ids first, they are certain. */
function containersOf(alert: Labels): readonly (readonly [label: string, container: string])[] {
  const id = labelOf(alert, 'container_id')?.replace(/^docker:\/\//, '');
  // cAdvisor tells the control group: `/docker/<id>`, `/system.slice/docker-<id>.scope`.
  const group = /[/-]([0-9a-f]{64})(?:\.scope)?(?:\/|$)/.exec(labelOf(alert, 'id') ?? '')?.[1];
  const named = ['container_name', 'container', 'name'].map(label => [label, labelOf(alert, label)] as const);
  return [['container_id', id] as const, ['id', group] as const, ...named].flatMap(([label, container]) =>
    container === undefined ? [] : [[label, container.replace(/^\//, '')] as const],
  );
}

/** An id is of this very container; a name is of whatever container has that place of the service. */
const targetOf = ({ project, service, id, name, number }: Replica, called: string) => ({
  project,
  service,
  containerId: id,
  ...(called === name && { number }),
});

/** `web` of `web:8080`, `http://web:8080/health`, `web`; `::1` of `[::1]:80`. */
function hostOf(instance: string): string {
  const authority = instance.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[/?#].*/s, '');
  const bare = authority.slice(authority.lastIndexOf('@') + 1);
  const bracketed = /^\[([^\]]*)\]/.exec(bare)?.[1];
  if (bracketed !== undefined) return bracketed;
  return bare.split(':').length > 2 ? bare : (bare.split(':')[0] ?? '');
}

const unknown = (tried: readonly string[]): Found => ({
  refusal: 'unknown-service',
  because: `no service that is watched fits ${tried.join(', nor ')}`,
});

const ambiguous = (tried: string, fits: readonly string[]): Found => ({
  refusal: 'ambiguous-service',
  because: `${tried} fits several services (${fits.slice(0, 5).map(shown).join(', ')}): add the label project`,
});

const said = (alert: Labels, label: string): string => `${label}=${shown(labelOf(alert, label) ?? '')}`;

/** What others wrote, for a sentence: short, and without line ends. */
const shown = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text).slice(1, -1);
