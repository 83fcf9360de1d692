import type { Docker } from '../adapters/docker/docker.ts';
import {
  type Alternatives,
  FIND_ALTERNATIVE_PORT,
  type FixedPort,
  fixedPorts,
  movesFor,
  type PortMove,
} from '../domain/alternative-port.ts';
import type { JournalStep, Strategy, Work } from '../domain/repair.ts';
import type { State } from '../domain/service.ts';
import type { HostPort } from '../domain/somebody.ts';
import { type Duration, minutes } from '../domain/time.ts';
import { portTaken } from './port-refusal.ts';
import { NEW_ONE_RUNS, type ReplacingEngine, replacementOn } from './replacement.ts';

export interface PortTools {
  readonly docker: ReplacingEngine & Pick<Docker, 'howMade' | 'publishers'>;
  /** Asked afresh each time, so that a reload holds at once. */
  readonly ports: () => Readonly<Record<string, Alternatives>>;
}

/** A range may hold many ports that programs of the host have, and each is found out by a start that is refused. */
const TRIES_TAKE: Duration = minutes(2);
/** In these it has what it asks for. */
const HAS_ITS_PORTS: readonly State[] = ['running', 'paused', 'restarting', 'removing'];

/**
 * Makes a container that cannot be started again with another port of the host in place of the one that somebody has. Only for
 * services that allow it (gate `no-change`), because whoever used the old address has to be told the new one. The engine says what is taken:
 * the container is started as it is first, so that a port that is free again is kept, and where a program of the host has the
 * new port as well the next one of the range is tried.
 */
export function findAlternativePort({ docker, ports }: PortTools): Strategy {
  const { replace, confirm, undo, recover } = replacementOn(docker);
  return {
    name: FIND_ALTERNATIVE_PORT,
    danger: 'service',
    summary: 'makes the container again with another port of the host, out of those configured, where its own is taken',
    takes: TRIES_TAKE,
    apply: async work => {
      const { target, signal, journal } = work;
      const search = await searchFor(docker, ports(), work);
      journal('start', {});
      try {
        await docker.start(target.id, signal);
        return undefined;
      } catch (refusal) {
        return await replace(work, await search(refusal), search);
      }
    },
    tells: movedInWords,
    confirm,
    undo,
    recover: async (steps, signal, journal) => {
      const said = await recover(steps, signal, journal);
      const moved = movedInWords(steps);
      return said === NEW_ONE_RUNS && moved !== undefined ? `${said}; ${moved}` : said;
    },
  };
}

/** What is to be different next, once the engine has refused what was tried before; throws the refusal where it is about something else. */
async function searchFor(docker: PortTools['docker'], alternatives: ReturnType<PortTools['ports']>, work: Work) {
  const { target, signal, journal } = work;
  if (HAS_ITS_PORTS.includes(target.state))
    throw new Error(`${target.name} is ${target.state}, and so has the ports of the host that it asks for`);
  const fixed = fixedPorts((await docker.howMade(target.id, signal))?.published ?? []);
  const refused: HostPort[] = [];
  let moves: readonly PortMove[] = [];
  return async (refusal: unknown) => {
    const port = portTaken(refusal, asked(fixed, moves));
    if (port === undefined || refused.some(known => known.port === port)) throw refusal;
    refused.push(...['tcp', 'udp', 'sctp'].map(protocol => ({ address: '', port, protocol })));
    const others = (await docker.publishers(signal)).filter(({ id }) => id !== target.id).flatMap(other => other.ports);
    moves = movesFor(fixed, [...refused, ...others], alternatives);
    journal('move', { ports: moves });
    return { ports: moves };
  };
}

/** The ports of the host as they would be after these moves. */
const asked = (fixed: readonly FixedPort[], moves: readonly PortMove[]): readonly number[] =>
  fixed.map(
    ({ container, port }) => moves.find(move => move.container === container && move.from === port)?.to ?? port,
  );

/** For people: undefined where nothing was moved. */
function movedInWords(steps: readonly JournalStep[]): string | undefined {
  const data = steps.findLast(({ step }) => step === 'move')?.data;
  if (data === undefined) return undefined;
  const moves = data.ports as readonly PortMove[];
  const each = moves.map(
    ({ container, from, to }) => `port ${to} of the host in place of ${from} (for its ${container})`,
  );
  return `it is reached on ${each.join(' and ')} now, until docker compose up makes it as its file says`;
}
