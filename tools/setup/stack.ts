import { setTimeout as pause } from 'node:timers/promises';
import { type CommandOptions, command, tryCommand } from './command.ts';
import { builderEnvironment } from './images.ts';
import { composeFile, stackProject } from './places.ts';
import { standInVariables } from './stack-images.ts';

const onThisMachine = (port: string | undefined, usual: string) => `http://127.0.0.1:${port || usual}`;

/** Where the stack's watchdog answers. */
export const address = onThisMachine(process.env.COMPOSE_WATCHDOG_PORT, '8099');

/** Where the others of the stack answer, by service. */
export const addresses = {
  prometheus: onThisMachine(process.env.PROMETHEUS_PORT, '9090'),
  alertmanager: onThisMachine(process.env.ALERTMANAGER_PORT, '9093'),
  grafana: onThisMachine(process.env.GRAFANA_PORT, '3000'),
};

/** What can be left out of the stack. */
export type Profile = 'demo' | 'grafana';

/** Runs `docker compose` on the stack, by default with all that belongs to it. Throws unless it exits 0. */
export async function compose(
  args: readonly string[],
  { profiles = ['demo', 'grafana'], ...options }: CommandOptions & { profiles?: readonly Profile[] } = {},
): Promise<string> {
  const chosen = profiles.flatMap(profile => ['--profile', profile]);
  const argv = ['docker', 'compose', '-p', stackProject, '-f', composeFile, ...chosen, ...args];
  const env = { ...(await builderEnvironment()), ...(await standInVariables()) };
  return command(argv, { env, ...options });
}

export type Member = { service: string; state: string; health: string; exitCode: number; pid: number; id: string };

type Inspected = {
  Id: string;
  Config: { Labels: Record<string, string> };
  State: { Status: string; Health?: { Status: string }; ExitCode: number; Pid: number };
};

/** The containers of the stack as they are now. */
export async function members(): Promise<Member[]> {
  const filter = `label=com.docker.compose.project=${stackProject}`;
  const ids = (await command(['docker', 'ps', '-aq', '--filter', filter])).trim().split('\n').filter(Boolean);
  if (ids.length === 0) return [];
  // A container that is gone since makes this exit 1 and is missing from the answer: the next look no longer lists it.
  const { stdout } = await tryCommand(['docker', 'inspect', '--type', 'container', ...ids]);
  return (JSON.parse(stdout) as Inspected[]).map(({ Id, Config, State }) => ({
    service: Config.Labels['com.docker.compose.service'] ?? '',
    state: State.Status,
    health: State.Health?.Status ?? '',
    exitCode: State.ExitCode,
    pid: State.Pid,
    id: Id,
  }));
}

/** True when nothing is left to wait for: running and healthy, or a one-shot that is done. */
export function isWell({ state, health, exitCode }: Member): boolean {
  if (state === 'exited') return exitCode === 0;
  return state === 'running' && (health === '' || health === 'healthy');
}

/** Waits until every container is well and the watchdog answers; throws with the names of those that are not. */
export async function untilWell(deadline: number): Promise<void> {
  const end = performance.now() + deadline;
  let told = '';
  while (true) {
    const all = await members();
    const ill = all.filter(member => member.service !== 'watchdog' && !isWell(member)).map(member => member.service);
    if (!(await answers())) ill.unshift('watchdog');
    if (ill.length === 0) return;
    if (performance.now() > end) {
      const log = await compose(['logs', '--tail', '20', ...new Set(ill)]).catch(() => '');
      throw new Error(`Not well after ${deadline / 1000} s: ${ill.join(', ')}\n${log}`);
    }
    if (told !== ill.join()) console.log(`  waiting for ${ill.join(', ')}`);
    told = ill.join();
    await pause(500);
  }
}

/** The bearer token of the stack's watchdog. */
export async function token(): Promise<string> {
  return (await compose(['exec', '-T', 'watchdog', 'watchdog', 'token'])).trim().split('\n').at(-1) ?? '';
}

async function answers(): Promise<boolean> {
  return fetch(`${address}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
    response => response.ok,
    () => false,
  );
}
