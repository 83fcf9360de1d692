import { nameOf, type ServiceRef } from '../domain/service.ts';
import { unknownWord } from './problem.ts';
import type { ApprovalSettings, Problem, Settings } from './settings.ts';

/** The strategies that the operator allows for this service without being asked. */
export const allowedBeforehand = ({ allow }: ApprovalSettings, ref: ServiceRef): readonly string[] =>
  Object.entries(allow).flatMap(([strategy, services]) =>
    services === '*' || services.includes(ref.service) || services.includes(nameOf(ref)) ? [strategy] : [],
  );

/** What is allowed beforehand and is no strategy: the yes would be to nothing, and its owner would wait in vain. */
export const approvalProblems = ({ approvals, origins }: Settings, strategies: readonly string[]): Problem[] =>
  Object.keys(approvals.allow)
    .filter(name => !strategies.includes(name))
    .map(name => {
      const path = `approvals.allow.${name}`;
      return unknownWord(`${origins[path] ?? ''} ${path}`.trim(), 'strategy', name, strategies);
    });
