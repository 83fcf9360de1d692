/** Longer words than this are no slips of the finger; comparing them only costs time. */
const LONGEST = 80;

/** The known word that is at most a few slips away from this one, for "did you mean". */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  const farthest = Math.max(1, Math.floor(word.length / 4));
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > farthest) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= farthest && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { word: candidate, distance };
    }
  }
  return best?.word;
}

/** Optimal string alignment distance: insert, delete, replace, or swap two neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const at = (line: number[], index: number): number => line[index] as number;
      let least = Math.min(at(next, column - 1) + 1, at(last, column) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, at(beforeLast, column - 2) + 1);
      }
      next.push(least);
    }
    beforeLast = last;
    last = next;
  }
  return last[b.length] as number;
}
