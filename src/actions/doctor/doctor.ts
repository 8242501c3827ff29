import type { Terminal } from '../../base/config/config.js';
import { toLakeveilError } from '../../base/defect.js';
import type { LakeveilError } from '../../base/errors.js';
import { paint, type Paint } from '../../base/terminal/paint.js';
import { scrub } from '../../base/text/scrub.js';

/** One thing to look at. It throws an error of the catalogue for what keeps the program from working. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<CheckResult>;
}

export interface CheckResult {
  readonly status: 'ok' | 'warn';
  readonly detail: string;
}

/** What `pipeline doctor --json` prints. */
export interface DoctorReport {
  readonly status: CheckStatus;
  readonly checks: readonly {
    readonly name: string;
    readonly status: CheckStatus;
    readonly detail: string;
  }[];
}

export type CheckStatus = 'ok' | 'warn' | 'fail';

/**
 * Runs every check, one after another, whatever the others say.
 * @returns the report, and the first error met, which decides the exit code
 */
export async function runChecks(
  checks: readonly Check[],
): Promise<{ readonly report: DoctorReport; readonly error: LakeveilError | null }> {
  const results: DoctorReport['checks'][number][] = [];
  let first: LakeveilError | null = null;
  for (const { name, run } of checks) {
    try {
      results.push({ name, ...(await run()) });
    } catch (thrown) {
      const error = toLakeveilError(thrown);
      first ??= error;
      results.push({ name, status: 'fail', detail: `${error.message}: ${error.remedy}` });
    }
  }
  return { report: { status: judge(results), checks: results }, error: first };
}

function judge(results: DoctorReport['checks']): CheckStatus {
  if (results.some(({ status }) => status === 'fail')) return 'fail';
  return results.some(({ status }) => status === 'warn') ? 'warn' : 'ok';
}

const PAINTS = { ok: 'green', warn: 'yellow', fail: 'red' } as const satisfies Record<CheckStatus, Paint>;

/** One line a check. */
export function formatDoctor(report: DoctorReport, terminal: Pick<Terminal, 'color'>): string {
  const width = Math.max(...report.checks.map(({ name }) => name.length));
  return report.checks
    .map(({ name, status, detail }) => {
      const mark = paint(status.padEnd(4), PAINTS[status], terminal.color);
      return `${mark}  ${name.padEnd(width)}  ${scrub(detail)}`;
    })
    .join('\n');
}
