// What Alertmanager 0.28 posts to a webhook: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config

export const anAlertBody = (differing: Readonly<Record<string, unknown>> = {}) => ({
  status: 'firing',
  labels: {
    alertname: 'HighMemoryUsage',
    auto_repair: 'true',
    repair: 'restart',
    project: 'shop',
    service: 'web',
    severity: 'warning',
  },
  annotations: { summary: 'shop/web uses 95 % of its memory', runbook_url: 'https://example.org/high-memory' },
  startsAt: '2026-03-01T09:58:00.123456789Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
  fingerprint: '0a1b2c3d4e5f6071',
  ...differing,
});

/** A delivery of these alerts; its own status is that of the group, which says nothing about each. */
export const aDelivery = (
  alerts: readonly unknown[] = [anAlertBody()],
  differing: Readonly<Record<string, unknown>> = {},
) => ({
  version: '4',
  groupKey: '{}:{alertname="HighMemoryUsage"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'watchdog',
  groupLabels: { alertname: 'HighMemoryUsage' },
  commonLabels: { alertname: 'HighMemoryUsage', severity: 'warning' },
  commonAnnotations: {},
  externalURL: 'http://alertmanager:9093',
  alerts,
  ...differing,
});

/** So many alerts about fifty services, as large as real ones. */
export const aBurst = (count: number) =>
  aDelivery(
    Array.from({ length: count }, (_, n) => {
      const service = `service-${n % 50}`;
      const { labels } = anAlertBody();
      return anAlertBody({
        labels: { ...labels, alertname: `Alert${n}`, service, instance: `${service}:8080`, job: 'shop' },
        fingerprint: n.toString(16).padStart(16, '0'),
      });
    }),
  );
