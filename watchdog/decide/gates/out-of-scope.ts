import type { Gate } from '../../domain/decision.ts';
import { HOST } from '../../domain/finding.ts';

export const outOfScope: Gate = {
  code: 'out-of-scope',
  evenWhenAsked: true,
  objection: ({ incident, scope }) => {
    if (scope.projects === '*' || incident.project === HOST || scope.projects.includes(incident.project))
      return undefined;
    return {
      code: 'out-of-scope',
      because: `project ${incident.project} is not watched (WATCHDOG_PROJECTS: ${scope.projects.join(', ')})`,
      until: undefined,
      tell: false,
    };
  },
};
