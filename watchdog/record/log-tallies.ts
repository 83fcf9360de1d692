import type { ErrorType, Severity } from '../domain/log-error.ts';
import { nameOf, type ServiceRef } from '../domain/service.ts';
import { type Family, familyOf, familyText, labelsText } from './exposition.ts';

const ERRORS: Family = {
  name: 'container_errors_total',
  type: 'counter',
  help: 'Errors that were recognised in logs, by type and severity',
};
const LINES: Family = { name: 'log_lines_total', type: 'counter', help: 'Lines of logs that were read' };
const GAPS: Family = {
  name: 'log_gaps_total',
  type: 'counter',
  help: 'Times a part of a log was left out, because it was too old or because it was written faster than it could be read',
};
const DROPPED: Family = {
  name: 'log_dropped_lines_total',
  type: 'counter',
  help: 'Lines that were left out because they were written faster than they could be read',
};

interface Tally {
  readonly labels: string;
  lines: number;
  gaps: number;
  dropped: number;
  /** By their labels. */
  readonly errors: Map<string, number>;
}

/** Counts what was read of logs by service, in plain objects; those of a service that is gone are let go at a scrape. */
export class LogTallies {
  readonly #tallies = new Map<string, Tally>();

  linesRead(ref: ServiceRef, lines: number): void {
    this.#of(ref).lines += lines;
  }

  /** `dropped` undefined: nobody knows how many. */
  gap(ref: ServiceRef, dropped: number | undefined): void {
    const tally = this.#of(ref);
    tally.gaps += 1;
    tally.dropped += dropped ?? 0;
  }

  errorFound(ref: ServiceRef, type: ErrorType, severity: Severity): void {
    const tally = this.#of(ref);
    const labels = labelsText({ type, severity });
    tally.errors.set(labels, (tally.errors.get(labels) ?? 0) + 1);
  }

  keepOnly(services: Iterable<ServiceRef>): void {
    const present = new Set(Iterator.from(services).map(nameOf));
    for (const name of this.#tallies.keys()) if (!present.has(name)) this.#tallies.delete(name);
  }

  text(): string {
    const tallies = [...this.#tallies.values()];
    const labelsOf = ({ labels }: Tally): string => labels;
    return [
      familyText(ERRORS, series => {
        for (const { labels, errors } of tallies)
          for (const [more, count] of errors) series(`${labels},${more}`, count);
      }),
      familyOf(LINES, tallies, labelsOf, ({ lines }) => lines),
      familyOf(GAPS, tallies, labelsOf, ({ gaps }) => gaps),
      familyOf(DROPPED, tallies, labelsOf, ({ dropped }) => dropped),
    ].join('\n');
  }

  #of({ project, service }: ServiceRef): Tally {
    const name = nameOf({ project, service });
    let tally = this.#tallies.get(name);
    if (tally === undefined) {
      tally = { labels: labelsText({ project, service }), lines: 0, gaps: 0, dropped: 0, errors: new Map() };
      this.#tallies.set(name, tally);
    }
    return tally;
  }
}
