/** What an audit has shown. */
export interface Verdict {
  /** 0 nothing is known against any package, 1 something is, 3 nobody answered. */
  readonly status: 0 | 1 | 3;
  readonly lines: readonly string[];
}

interface Finding {
  readonly name: string;
  readonly severity: string;
  readonly range: string;
  readonly fixAvailable: unknown;
}

/**
 * Reads what `npm audit --json` printed. npm ends with 1 both when it has found something and when it could not ask; and a
 * registry that does not answer has not said that all is well.
 */
export function verdictFrom(printed: string): Verdict {
  const report = objectIn(printed);
  const vulnerabilities = report?.vulnerabilities;
  if (!isObject(vulnerabilities)) return unanswered(report);
  const findings = Object.values(vulnerabilities) as readonly Finding[];
  if (findings.length === 0) return { status: 0, lines: ['No package that is shipped has a known vulnerability.'] };
  return {
    status: 1,
    lines: [
      `${findings.length} packages that are shipped have known vulnerabilities:`,
      ...findings.map(
        ({ name, severity, range, fixAvailable }) =>
          `  ${name} ${range}: ${severity}; ${fixAvailable === false ? 'no version mends it yet' : 'a newer version mends it'}`,
      ),
      'Raise the version in package.json, or write into docs/decisions why it does no harm here.',
    ],
  };
}

function unanswered(report: Readonly<Record<string, unknown>> | undefined): Verdict {
  const { statusCode, error } = report ?? {};
  const code = isObject(error) ? error.code : undefined;
  const found = statusCode !== undefined ? `status ${statusCode}` : code !== undefined ? `${code}` : 'no answer';
  return {
    status: 3,
    lines: [
      `The registry that npm asks here answers no audit (${found}).`,
      'Nothing is known, neither good nor bad: run `npm run audit` where a registry answers it.',
    ],
  };
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return isObject(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
