import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  type DataSourceRef,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import {
  MappingType,
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMappingResult,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';

// The few kinds of panels that the dashboards are made of. Nobody can leave out what a reader needs: what the panel answers, the
// unit, a name for each line.

/** The variable `datasource` of every dashboard. */
export const DATASOURCE: DataSourceRef = { type: 'prometheus', uid: '$datasource' };

export interface Query {
  readonly expr: string;
  /** `{{service}}` is replaced by that label. */
  readonly legend: string;
}

export interface PanelSpec {
  readonly title: string;
  /** Which question it answers, and what to do about the answer: for somebody woken at three in the morning. */
  readonly description: string;
  /** One of Grafana's units: https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Of 24 columns. */
  readonly width: number;
  /** In lines of the grid; the usual one of its kind where it is left out. */
  readonly height?: number;
  /** What is shown where there is nothing to show, which is mostly good news. */
  readonly none?: string;
}

/** What all kinds of panels can be told. */
interface AnyPanel extends Builder<Panel> {
  id(id: number): this;
  title(title: string): this;
  description(text: string): this;
  datasource(ref: DataSourceRef): this;
  unit(unit: string): this;
  noValue(text: string): this;
  span(width: number): this;
  height(height: number): this;
  interval(shortest: string): this;
  targets(queries: Builder<object>[]): this;
}

/** A panel that lacks only its number. */
export type Numbered = (id: number) => Builder<Panel>;

/** Four scrapes of the stack's Prometheus: with fewer in a window an increase cannot be told. */
const SHORTEST_STEP = '1m';

const FULL_HEIGHT = 8;
const STAT_HEIGHT = 4;

function filled<P extends AnyPanel>(panel: P, spec: PanelSpec, height: number, instant = false): P {
  const queries = spec.queries.map(({ expr, legend }, index) => {
    const query = new DataqueryBuilder()
      .datasource(DATASOURCE)
      .expr(expr)
      .legendFormat(legend)
      .refId(String.fromCharCode('A'.charCodeAt(0) + index));
    return instant ? query.instant().format(PromQueryFormat.Table) : query.range();
  });
  return panel
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .unit(spec.unit)
    .noValue(spec.none ?? 'no data: does Prometheus reach the watchdog?')
    .span(spec.width)
    .height(spec.height ?? height)
    .interval(SHORTEST_STEP)
    .targets(queries);
}

const numbered =
  (panel: AnyPanel): Numbered =>
  id =>
    panel.id(id);

const steps = (...of: readonly (readonly [from: number | null, color: string])[]) =>
  new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(of.map(([value, color]): Threshold => ({ value, color })));

/** No judgement: a number is a number. */
export const PLAIN = steps([null, 'blue']);
/** One is one too many. */
export const NONE_IS_GOOD = steps([null, 'green'], [1, 'red']);
/** Of a share: good from 90 % on. */
export const MORE_IS_GOOD = steps([null, 'red'], [0.5, 'orange'], [0.9, 'green']);
/** Of a share of what is allowed. */
export const LESS_IS_GOOD = steps([null, 'green'], [0.8, 'orange'], [0.9, 'red']);

const lastValue = () => new ReduceDataOptionsBuilder().calcs(['lastNotNull']);

/** One number, large. */
export const stat = (spec: PanelSpec, thresholds: ThresholdsConfigBuilder): Numbered =>
  numbered(
    filled(new Stat(), spec, STAT_HEIGHT)
      .reduceOptions(lastValue())
      .colorMode(BigValueColorMode.Value)
      .graphMode(BigValueGraphMode.Area)
      .thresholds(thresholds),
  );

const legendBelow = () =>
  new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom);

const timeSeries = (spec: PanelSpec) =>
  filled(new TimeSeries(), spec, FULL_HEIGHT).legend(legendBelow()).showPoints(VisibilityMode.Never).min(0);

/** How something goes over time. */
export const lines = (spec: PanelSpec): Numbered =>
  numbered(timeSeries(spec).drawStyle(GraphDrawStyle.Line).lineWidth(2).fillOpacity(10));

/** A share of what is allowed, with the colours of its limits. */
export const shares = (spec: PanelSpec): Numbered =>
  numbered(timeSeries(spec).drawStyle(GraphDrawStyle.Line).lineWidth(2).thresholds(LESS_IS_GOOD));

/** How often something happened in each step of time. */
export const bars = (spec: PanelSpec): Numbered =>
  numbered(
    timeSeries(spec)
      .drawStyle(GraphDrawStyle.Bars)
      .fillOpacity(80)
      .lineWidth(0)
      .stacking(new StackingConfigBuilder().mode(StackingMode.Normal)),
  );

/** The most of something, longest bar first. */
export const ranking = (spec: PanelSpec): Numbered =>
  numbered(
    filled(new BarGauge(), spec, FULL_HEIGHT)
      .reduceOptions(lastValue())
      .orientation(VizOrientation.Horizontal)
      .displayMode(BarGaugeDisplayMode.Basic)
      .thresholds(PLAIN),
  );

/** Rows as they are now, by the labels named. `value`: what the figure is called; without it only the labels are shown. */
export const list = (spec: PanelSpec, labels: readonly string[], value?: string): Numbered => {
  const names = value === undefined ? labels : [...labels, 'Value'];
  return numbered(
    filled(new Table(), spec, FULL_HEIGHT, true)
      .withTransformation({ id: 'filterFieldsByName', options: { include: { names } } })
      .withTransformation({ id: 'organize', options: { renameByName: { Value: value ?? 'Value' } } }),
  );
};

/** States over time, each with its word and colour. */
export const states = (spec: PanelSpec, words: Readonly<Record<string, ValueMappingResult>>): Numbered =>
  numbered(
    filled(new StateTimeline(), spec, FULL_HEIGHT)
      .mappings([{ type: MappingType.ValueToText, options: { ...words } }])
      .mergeValues(true)
      .showValue(VisibilityMode.Never)
      .legend(legendBelow()),
  );
