import { mask } from './mask.ts';

/** Masks the lines of one stream, one after the other: the lines of a private key do not look like secrets by themselves. */
export interface LineMasker {
  mask(line: string): string;
  /** This line is not shown; what it begins or ends counts. */
  skip(line: string): void;
}

/** No key is longer, so one whose end never comes hides no more. */
const LONGEST_KEY = 200;
/** As in `mask.ts`. */
const KEY = 'PRIVATE KEY-----';
const BEGINS = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?!.*-----END )/;
const ENDS = /-----END [A-Z ]{0,20}-----/;

export function lineMasker(): LineMasker {
  /** How many lines more may belong to a key. */
  let left = 0;
  /** @returns whether this line is inside of a key */
  const passes = (line: string): boolean => {
    const inside = left > 0;
    left = inside && !ENDS.test(line) ? left - 1 : 0;
    if (line.includes(KEY) && BEGINS.test(line)) left = LONGEST_KEY;
    return inside;
  };
  return {
    mask: line => (passes(line) ? '***' : mask(line)),
    skip: line => {
      passes(line);
    },
  };
}
