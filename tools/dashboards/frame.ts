import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE, type Numbered } from './kit.ts';

export interface Row {
  readonly title: string;
  readonly panels: readonly Numbered[];
}

export interface DashboardSpec {
  /** Part of its address: `/d/UID/SLUG-OF-THE-TITLE`. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly QueryVariableBuilder[];
  readonly annotations: readonly AnnotationQueryBuilder[];
  readonly rows: readonly Row[];
}

/** By this they find each other. */
const TAG = 'compose-watchdog';

/** A dashboard with what all of them have: the datasource, the links, the marks, and a number on each panel. */
export function dashboardOf({ uid, title, description, variables, annotations, rows }: DashboardSpec): Dashboard {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .readonly()
    .timezone('browser')
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([
      new DatasourceVariableBuilder('datasource')
        .label('Datasource')
        .type('prometheus')
        .current({ selected: true, text: 'Prometheus', value: 'prometheus' }),
      ...variables,
      new TextBoxVariableBuilder('watchdog').label('Watchdog').defaultValue(WATCHDOG),
    ])
    .annotations([...annotations])
    .links([others(), watchdogItself()]);
  let id = 0;
  for (const row of rows) {
    id += 1;
    dashboard.withRow(new RowBuilder(row.title).id(id));
    for (const panel of row.panels) {
      id += 1;
      dashboard.withPanel(panel(id));
    }
  }
  return dashboard.build();
}

/** As seen from the reader's browser: the address at which compose/compose.yaml publishes it. */
const WATCHDOG = 'http://127.0.0.1:8099';

const others = () =>
  new DashboardLinkBuilder('Compose Watchdog')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .includeVars(true)
    .keepTime(true);

const watchdogItself = () =>
  new DashboardLinkBuilder('Ask the watchdog itself')
    .type(DashboardLinkType.Link)
    .icon('external link')
    .tooltip('Is it well, and if not, why? No token is needed.')
    .url('$watchdog/healthz')
    .targetBlank(true);

/** A choice among the values of a label; several, or all. */
export const choice = (name: string, label: string, query: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });

/** Marks a moment that a metric tells as unix seconds: exactly there, however far apart the samples are. */
export const moments = (name: string, metric: string, color: string, text: string): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .hide(false)
    .iconColor(color)
    .expr(`${metric} * 1000`)
    .useValueForTime(true)
    .step('60s')
    .titleFormat(name)
    .textFormat(text);
