import { pathPattern, type Right, rightsFor } from '../adapters/docker/endpoints.ts';
import { toJson } from '../serve/to-json.ts';

/** `watchdog check --endpoints`: what a socket proxy has to let through. Asks no engine. */
export function endpointsInWords(): string {
  return [
    'for reading (DOCKER_HOST):',
    ...table(rightsFor('reading')),
    '',
    'for acting (WATCHDOG_ACT_HOST; where it is not set, DOCKER_HOST needs these as well):',
    ...table(rightsFor('acting')),
    '',
    '* has to be granted: MAY_RECREATE to make a container (who may do that is root on the host), MAY_PRUNE to remove what',
    '  is stopped or unused, MAY_EXEC to run the command that drains a replica.',
  ].join('\n');
}

/** The same for machines; `pattern` is a POSIX extended regular expression for the path. */
export const endpointsAsJson = (): string => {
  const withPattern = (right: Right) => ({ ...right, pattern: pathPattern(right.path) });
  return toJson({ reading: rightsFor('reading').map(withPattern), acting: rightsFor('acting').map(withPattern) }, 2);
};

function table(rights: readonly Right[]): string[] {
  const width = Math.max(...rights.map(({ path }) => path.length));
  return rights.map(
    ({ method, path, why, grant }) =>
      `  ${method.padEnd(6)} ${path.padEnd(width)}  ${why}${grant === undefined ? '' : ` (* ${grant})`}`,
  );
}
