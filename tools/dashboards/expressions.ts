/** Of the services chosen above the panels. */
export const CHOSEN = 'project=~"$project",service=~"$service"';

/**
 * How much a counter has grown within the window, its very first count included: a series that is born with 1, as that of a
 * service's first repair is, has no increase for `increase()` (https://prometheus.io/docs/prometheus/latest/querying/functions/#increase).
 */
export const grown = (counter: string, window: string): string =>
  `((increase(${counter}[${window}]) + (min_over_time(${counter}[${window}]) unless ${counter} offset ${window})) or increase(${counter}[${window}]))`;

/** `sum by (label) (of)`, rounded: an increase is extrapolated, and nobody has seen 0.97 of a repair. */
export const counted = (of: string, ...labels: readonly string[]): string =>
  labels.length === 0 ? `round(sum(${of}))` : `round(sum by (${labels.join(', ')}) (${of}))`;

/** A quantile of a histogram over the last hour: troubles are rare, and minutes mostly hold none. */
export const quantile = (q: number, histogram: string, selector = ''): string =>
  `histogram_quantile(${q}, sum by (le) (increase(${histogram}_bucket${selector}[1h])))`;

/** The mean of a histogram over the last hour; nothing where it counted nothing. */
export const mean = (histogram: string, selector = ''): string =>
  `sum(increase(${histogram}_sum${selector}[1h])) / (sum(increase(${histogram}_count${selector}[1h])) > 0)`;

/**
 * How many times as many of these errors there were within five minutes as in the six hours before, by service; ten count as usual for
 * everybody. Beyond 5 the alert ErrorBurst fires: rules/alerts/containers.yml says why it is these figures.
 */
export function againstUsual(errors: string): string {
  const present = `sum by (project, service) (${grown(errors, '5m')})`;
  const past = `sum by (project, service) (increase(${errors}[6h] offset 5m)) / 72`;
  return `${present} / clamp_min(${past} or 0 * ${present}, 10)`;
}
