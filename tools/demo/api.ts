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

/** Reads the repairs of the stack's watchdog, newest first. */
export async function openApi(): Promise<{ repairs: () => Promise<Repair[]> }> {
  const headers = { authorization: `Bearer ${await token()}` };
  return {
    async repairs() {
      const response = await fetch(`${address}/api/repairs?limit=50`, { headers, signal: AbortSignal.timeout(10_000) });
      if (!response.ok)
        throw new Error(`GET ${address}/api/repairs answered ${response.status}: ${await response.text()}`);
      return ((await response.json()) as { items: Repair[] }).items;
    },
  };
}
