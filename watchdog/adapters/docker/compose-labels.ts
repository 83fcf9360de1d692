import type { ServiceRef } from '../../domain/service.ts';

export type Labels = Readonly<Record<string, string>>;

export const PROJECT_LABEL = 'com.docker.compose.project';
const SERVICE_LABEL = 'com.docker.compose.service';
export const NUMBER_LABEL = 'com.docker.compose.container-number';
const ONE_OFF_LABEL = 'com.docker.compose.oneoff';
/** On the containers that run the `post_start` and `pre_stop` hooks of a service. */
const HOOK_LABEL = 'com.docker.compose.hook';

/** Which service a container belongs to. Undefined where it is not Compose's. */
export function ownerFrom(
  labels: Labels,
): (ServiceRef & { readonly number: number; readonly oneOff: boolean }) | undefined {
  const project = labels[PROJECT_LABEL];
  const service = labels[SERVICE_LABEL];
  if (!project || !service) return undefined;
  const number = Number(labels[NUMBER_LABEL]);
  return {
    project,
    service,
    number: Number.isInteger(number) && number > 0 ? number : 1,
    oneOff: labels[ONE_OFF_LABEL] === 'True' || labels[HOOK_LABEL] !== undefined,
  };
}
