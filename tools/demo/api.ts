import { address, token } from '../setup/stack.ts';

/** What the demo reads of a repair (see `repairShape` in watchdog/serve/shapes.ts). Times are RFC 3339. */
export type Repair = {
  id: string;
  service: string;
  condition: string;
  strategy: string;
  outcome?: string;
  because: string;
  startedAt: string;
  actedAt?: string;
  endedAt?: string;
};

type Incident = { service: string; state: string };

/** What the demo asks the stack's watchdog. */
export type Api = {
  /** The repairs of late, newest first. */
  repairs: () => Promise<Repair[]>;
  /** Services that it is busy with, or about to be. */
  busyWith: () => Promise<string[]>;
};

/** Opens the API with the token that the watchdog made. */
export async function openApi(): Promise<Api> {
  const headers = { authorization: `Bearer ${await token()}` };
  const list = async <T>(path: string): Promise<T[]> => {
    const response = await fetch(`${address}${path}`, { headers, signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`GET ${address}${path} answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { items: T[] }).items;
  };
  return {
    repairs: () => list<Repair>('/api/repairs?limit=50'),
    busyWith: async () => {
      const incidents = await list<Incident>('/api/incidents?limit=50');
      return incidents
        .filter(({ state }) => state !== 'resolved' && state !== 'escalated')
        .map(({ service }) => service);
    },
  };
}
