import type { Gate } from '../../domain/decision.ts';
import { inWords, waitingUntil } from '../../domain/time.ts';

/** So many repairs at once mean that the host itself is in trouble; ours would only add to it. */
export const storm: Gate = {
  code: 'storm',
  evenWhenAsked: false,
  objection: ({ host, now }) => {
    const recent = host.repairsInStormWindow.filter(at => waitingUntil(at, host.stormWindow, now) !== undefined);
    if (recent.length < host.stormLimit) return undefined;
    const freeing = recent[recent.length - host.stormLimit] as number;
    return {
      code: 'storm',
      because: `${recent.length} repairs on this host within ${inWords(host.stormWindow)}: the host is in trouble, look there`,
      until: freeing + host.stormWindow,
      tell: true,
    };
  },
};
