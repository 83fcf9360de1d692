/** Lists of numbers, one behind the other: thousands of arrays of a number or two would take ten times the memory. */
export interface Packed {
  /** Calls back with each number of the list, in its order. */
  each(list: number, found: (value: number) => void): void;
}

/** @param lists of whole numbers from 0 to 2^32 - 1 */
export function packed(lists: readonly (readonly number[])[]): Packed {
  const values = Uint32Array.from(lists.flat());
  const ends = new Uint32Array(lists.length);
  let end = 0;
  for (const [list, { length }] of lists.entries()) {
    end += length;
    ends[list] = end;
  }
  return {
    each: (list, found) => {
      const until = ends[list] ?? 0;
      for (let at = ends[list - 1] ?? 0; at < until; at += 1) found(values[at] ?? 0);
    },
  };
}
