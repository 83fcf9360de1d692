/** What is said of a list of figures: never a median without its maximum and its number. */
export interface Summary {
  readonly median: number;
  readonly max: number;
  readonly count: number;
  /** Faults to which nothing was done while the bench waited. */
  readonly never: number;
}

export function summaryOf(figures: readonly (number | undefined)[]): Summary {
  const known = figures.filter(figure => figure !== undefined).sort((a, b) => a - b);
  const middle = Math.floor(known.length / 2);
  const median = known.length % 2 ? known[middle] : ((known[middle - 1] ?? 0) + (known[middle] ?? 0)) / 2;
  return {
    median: known.length === 0 ? Number.NaN : rounded(median ?? 0),
    max: rounded(known.at(-1) ?? Number.NaN),
    count: known.length,
    never: figures.length - known.length,
  };
}

export const rounded = (figure: number): number => Math.round(figure * 100) / 100;
