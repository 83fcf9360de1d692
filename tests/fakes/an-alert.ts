import type { Alert } from '../../watchdog/domain/alert.ts';
import type { ReceivedAlert } from '../../watchdog/domain/received-alert.ts';

/** When the alerts below began: 2026-03-01 09:58 UTC. */
export const BEGAN = Date.UTC(2026, 2, 1, 9, 58);

/** `HighMemoryUsage` of `shop/web`, firing, which asks for a restart. */
export const aReceivedAlert = (differing: Partial<ReceivedAlert> = {}): ReceivedAlert => ({
  fingerprint: '0a1b2c3d4e5f6071',
  status: 'firing',
  labels: { alertname: 'HighMemoryUsage', auto_repair: 'true', repair: 'restart', project: 'shop', service: 'web' },
  summary: 'shop/web uses 95 % of its memory',
  startsAt: BEGAN,
  endsAt: undefined,
  source: 'alertmanager',
  ...differing,
});

/** The same alert, once its service is found. */
export const anAlert = (differing: Partial<Alert> = {}): Alert => ({
  fingerprint: '0a1b2c3d4e5f6071',
  name: 'HighMemoryUsage',
  status: 'firing',
  startsAt: BEGAN,
  target: { project: 'shop', service: 'web' },
  wants: { kind: 'strategy', name: 'restart' },
  condition: undefined,
  summary: 'shop/web uses 95 % of its memory',
  severity: 'warning',
  foundBy: 'labels project and service',
  ...differing,
});
