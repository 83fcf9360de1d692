import { globSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** An alerting rule as it stands in `rules/alerts`. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** A test group of promtool (prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules). */
export interface TestGroup {
  readonly name: string;
  readonly alert_rule_test: readonly {
    readonly eval_time: string;
    readonly alertname: string;
    readonly exp_alerts: readonly { readonly exp_labels: Readonly<Record<string, string>> }[];
  }[];
}

const rulesIn = (file: string): readonly (AlertRule | RecordingRule)[] =>
  parse(readFileSync(file, 'utf8')).groups.flatMap((group: { rules: readonly AlertRule[] }) => group.rules);

const all = globSync('rules/alerts/*.yml').sort().flatMap(rulesIn);

/** Every alert, file by file. */
export const alertRules: readonly AlertRule[] = all.filter(rule => 'alert' in rule);

/** The names that mapping.yml gives to what others export. */
export const recordedNames: readonly string[] = all.filter(rule => 'record' in rule).map(({ record }) => record);

export const testGroups: readonly TestGroup[] = globSync('rules/alerts/tests/*.yml')
  .sort()
  .flatMap(file => parse(readFileSync(file, 'utf8')).tests);

const NO_METRIC = new Set(['and', 'or', 'unless', 'bool', 'offset', 'by', 'without', 'on', 'ignoring']);

/** The names of the metrics that an expression of ours reads. */
export function metricsIn(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  const names = [...bare.matchAll(/(?<![\w:.])[a-zA-Z_:][\w:]*(?!\w|:|\s*\()/g)].map(([name]) => name);
  return [...new Set(names.filter(name => !NO_METRIC.has(name)))];
}
