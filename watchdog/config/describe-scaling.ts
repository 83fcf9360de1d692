import { inWords } from '../domain/time.ts';
import type { SettingInForce } from './describe.ts';
import { type PreStop, SCALING_FIELDS, SCALING_KEYS } from './scaling-keys.ts';
import type { ScalingSection } from './scaling-schema.ts';
import type { Settings } from './settings.ts';

/** The file's sections on scaling, each value with where it stands. */
export function scalingLines(settings: Settings): readonly SettingInForce[] {
  return Object.entries(settings.scaling).flatMap(([service, section]) =>
    Object.entries(section).map(([key, value]) => ({
      name: `scaling.${service}.${key}`,
      value: valueInWords(key, value),
      origin: settings.origins[`scaling.${service}.${key}`] ?? 'default',
    })),
  );
}

function valueInWords(key: string, value: unknown): string {
  if (key === 'metrics') return (value as readonly object[]).map(metricInWords).join('; ');
  if (key === 'behaviour') return behaviourInWords(value as NonNullable<ScalingSection['behaviour']>);
  if (key === 'fallback') {
    const { replicas, after } = value as NonNullable<ScalingSection['fallback']>;
    return `${replicas} after ${after} failures`;
  }
  if (key === SCALING_KEYS.cooldown.file || key === SCALING_KEYS.preStopTimeout.file) return inWords(value as number);
  if (key === SCALING_KEYS.preStop.file) return preStopInWords(value as PreStop);
  return withoutPassword(String(value));
}

/** What follows the program may hold a password. */
const preStopInWords = (told: PreStop): string =>
  told.kind === 'signal' ? told.signal : [told.argv[0], ...(told.argv.length > 1 ? ['...'] : [])].join(' ');

const KEYS_IN_ORDER = SCALING_FIELDS.map(field => SCALING_KEYS[field].file as string);

/** `metric cpu, target 0.6`. */
const metricInWords = (metric: object): string =>
  Object.entries(metric)
    .sort(([a], [b]) => KEYS_IN_ORDER.indexOf(a) - KEYS_IN_ORDER.indexOf(b))
    .map(([key, value]) => `${key} ${withoutPassword(String(value))}`)
    .join(', ');

/** `scale_up: select max, 100% or 4 per 15s; scale_down: stabilization_window 5m`. */
const behaviourInWords = (behaviour: NonNullable<ScalingSection['behaviour']>): string =>
  Object.entries(behaviour)
    .map(([direction, pace]) => `${direction}: ${paceInWords(pace ?? {})}`)
    .join('; ');

function paceInWords(pace: NonNullable<NonNullable<ScalingSection['behaviour']>['scale_up']>): string {
  const { stabilization_window: window, policies, select, cooldown } = pace;
  return [
    ...(window === undefined ? [] : [`stabilization_window ${inWords(window)}`]),
    ...(policies ?? []).map(({ percent, replicas, period }) =>
      percent === undefined ? `${replicas} in ${inWords(period)}` : `${percent}% in ${inWords(period)}`,
    ),
    ...(select === undefined ? [] : [`select ${select}`]),
    ...(cooldown === undefined ? [] : [`cooldown ${inWords(cooldown)}`]),
  ].join(', ');
}

/** The address of a queue may carry one. */
const withoutPassword = (text: string): string => text.replace(/\/\/[^/@]*@/, '//***@');
