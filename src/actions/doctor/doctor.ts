import type { Terminal } from '../../base/config/config.js';
import { toLakeveilError } from '../../base/defect.js';
import type { LakeveilError } from '../../base/errors.js';
import { paint, type Paint } from '../../base/terminal/paint.js';
import { scrub } from '../../base/text/scrub.js';

/** One check of the environment. It throws an error of the catalogue if Lakeveil cannot work. */
export interface DoctorCheck {
  readonly name: string;
  readonly run: () => Promise<DoctorResult>;
}

export interface DoctorResult {
  readonly status: 'ok' | 'warn';
  readonly detail: string;
}

/** What `pipeline doctor --json` prints. */
export interface DoctorReport {
  readonly status: DoctorStatus;
  readonly checks: readonly {
    readonly name: string;
    readonly status: DoctorStatus;
    readonly detail: string;
  }[];
}

export type DoctorStatus = 'ok' | 'warn' | 'fail';

/**
 * Runs every check in turn, also after a failure.
 * @returns the report and the first error, which sets the exit code
 */
export async function runDoctor(
  checks: readonly DoctorCheck[],
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
  return { report: { status: summarize(results), checks: results }, error: first };
}

function summarize(results: DoctorReport['checks']): DoctorStatus {
  if (results.some(({ status }) => status === 'fail')) return 'fail';
  return results.some(({ status }) => status === 'warn') ? 'warn' : 'ok';
}

const PAINTS = { ok: 'green', warn: 'yellow', fail: 'red' } as const satisfies Record<DoctorStatus, Paint>;

/** One line per check. */
export function formatDoctor(report: DoctorReport, terminal: Pick<Terminal, 'color'>): string {
  const width = Math.max(...report.checks.map(({ name }) => name.length));
  return report.checks
    .map(({ name, status, detail }) => {
      const mark = paint(status.padEnd(4), PAINTS[status], terminal.color);
      return `${mark}  ${name.padEnd(width)}  ${scrub(detail)}`;
    })
    .join('\n');
}
