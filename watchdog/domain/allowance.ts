import type { Condition } from './condition.ts';
import type { Sample } from './sample.ts';
import { type Duration, minutes } from './time.ts';

/** What a container may use, and how long it may use more before that is a condition. */
export interface Allowance {
  /** What is measured; undefined where this sample says nothing about it. */
  readonly of: (sample: Sample) => number | undefined;
  /** More than this is too much: a share for memory and CPU, errors a second for the network. */
  readonly most: number;
  readonly lasting: Duration;
}

export type MeasuredCondition = Extract<Condition, 'high-memory' | 'high-cpu' | 'network-errors'>;

/** INTERFACE, conditions. In the order in which they are judged: what kills a container comes before what slows it. */
export const ALLOWANCES: Readonly<Record<MeasuredCondition, Allowance>> = {
  // The share of the host's memory says nothing about a service without a limit of its own.
  'high-memory': { of: sample => (sample.memoryLimited ? sample.memory : undefined), most: 0.9, lasting: minutes(5) },
  'high-cpu': { of: sample => sample.cpu, most: 0.9, lasting: minutes(10) },
  'network-errors': { of: sample => sample.networkErrors, most: 10, lasting: minutes(2) },
};

/** Whether this one sample is above what its container may use: then it, and the first one after it that is not, is worth a look. */
export const usesTooMuch = (sample: Sample): boolean =>
  Object.values(ALLOWANCES).some(({ of, most }) => (of(sample) ?? 0) > most);
