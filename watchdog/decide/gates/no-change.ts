import { FIND_ALTERNATIVE_PORT } from '../../domain/alternative-port.ts';
import { commandIn, EXEC_COMMAND, helperCommandIn, RUN_HELPER } from '../../domain/command.ts';
import type { Case, Gate, Objection } from '../../domain/decision.ts';
import { EDIT_ENV_FILE, envChangeIn } from '../../domain/env-change.ts';
import { NOTIFY, sayingOf } from '../../domain/people.ts';
import type { Playbook } from '../../domain/playbook.ts';
import type { Order } from '../../domain/repair.ts';
import { nameOf } from '../../domain/service.ts';
import { DEPLOY_QUIET } from '../../domain/stack.ts';
import { waitingUntil } from '../../domain/time.ts';
import { mendingUntil } from '../mending.ts';

/** Nothing that we could do would change anything: the playbook leaves it to people, or the same was tried and had no effect. */
export const noChange: Gate = {
  code: 'no-change',
  evenWhenAsked: true,
  objection: (facts, order) => {
    const { past, service, asked } = facts;
    // Who is mending itself is no matter for people yet; the gate `in-flight` says so.
    const mending = asked === undefined && mendingUntil(facts) !== undefined;
    if (order === undefined) return mending ? undefined : people(withoutOrder(facts));
    if (order.strategy === NOTIFY && !mending) return people(`${order.condition}: ${sayingOf(order) ?? NOTHING_HELPS}`);
    const unfit = unfitStrategy(facts, order);
    if (unfit !== undefined) return people(unfit);
    if (asked !== undefined) return undefined;
    const wedged = past.attempts.findLast(attempt => attempt.endedAt !== undefined);
    if (wedged?.code !== 'wedged') return undefined;
    // A container that has been started or has ended since then is no longer the wedged one.
    const moved = service?.replicas.some(
      replica =>
        order.targets.some(target => target.id === replica.id) &&
        Math.max(replica.inspected?.startedAt ?? 0, replica.inspected?.finishedAt ?? 0) > wedged.at,
    );
    return moved ? undefined : people(`${wedged.strategy} had no effect: the engine cannot get hold of this container`);
  },
};

const people = (because: string): Objection => ({ code: 'no-change', because, until: undefined, tell: true });

const NOTHING_HELPS = 'no repair of ours helps here; a person has to look';

/** What it would say at the end of its ladder. */
function advice({ ladder }: Playbook): string {
  const saying = ladder.map(sayingOf).find(each => each !== undefined);
  return saying === undefined ? '' : `. ${saying}`;
}

function withoutOrder({ incident, playbook, playbookNames }: Case): string {
  const { alert } = incident;
  if (alert?.wants.kind === 'playbook' && playbook === undefined)
    return `the alert ${alert.name} asks for a playbook ${alert.wants.name}, which there is not; known are ${playbookNames.join(', ')}`;
  if (alert?.wants.kind === 'none') return `the alert ${alert.name} asks for no repair; a person has to look`;
  if (incident.error?.elseWell && playbook !== undefined && playbook.ladder.length > 0)
    return `${incident.condition}: told by its log alone; the playbook ${playbook.name} repairs only what is ill${advice(playbook)}`;
  return `${incident.condition}: ${NOTHING_HELPS}`;
}

const isDeployed = ({ stack, incident, now }: Case): boolean =>
  waitingUntil(stack.lastDeployAt(incident.project) ?? Number.NEGATIVE_INFINITY, DEPLOY_QUIET, now) !== undefined;

const COMMANDS = new Map<string, typeof commandIn>([
  [EXEC_COMMAND, commandIn],
  [RUN_HELPER, helperCommandIn],
]);

/** What an order names that there is not, or that is for something else. A word that is not known is never guessed at. */
function unfitStrategy(facts: Case, order: Order): string | undefined {
  const { dangers, onHost, onService, incident, policy } = facts;
  const { strategy, targets, alert } = order;
  const asked = alert?.wants.kind === 'strategy' ? `the alert ${alert.name} asks for ${strategy}: ` : '';
  if (!Object.hasOwn(dangers, strategy))
    return `${asked}there is no strategy ${strategy}; known are ${Object.keys(dangers).join(', ')}`;
  const command = COMMANDS.get(strategy)?.(order.with);
  if (command !== undefined && 'found' in command)
    return `${asked}${strategy} runs what a playbook has written down, and nothing else`;
  if (strategy === EDIT_ENV_FILE && 'found' in envChangeIn(order.with))
    return `${asked}${EDIT_ENV_FILE} has to be told which variable of which file: path and set`;
  if (strategy === FIND_ALTERNATIVE_PORT && !policy.alternativePort)
    return `${asked}${nameOf(incident)} does not allow another port of the host; the label auto_repair.alternative_port=true would`;
  // Restarted now it would be stopped, and its start would fail. A deploy may be about to bring the other one back.
  if (strategy === 'rejoin-network' && incident.evidence.parent === 'gone' && !isDeployed(facts))
    return `the container whose network ${nameOf(incident)} shares is gone; docker compose up brings it back, and then this one joins it`;
  if (onService.includes(strategy))
    return typeof order.with.replicas === 'number'
      ? undefined
      : `${asked}${strategy} has to be told a number, and nothing says how many replicas ${nameOf(incident)} should have`;
  const forHost = onHost.includes(strategy);
  if (forHost && targets.length > 0) return `${asked}${strategy} works on the host, not on a service`;
  if (!forHost && targets.length === 0)
    return `${asked}${strategy} works on a container, and ${nameOf(incident)} has none`;
  return undefined;
}
