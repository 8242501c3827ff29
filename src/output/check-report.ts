import type { Terminal } from '../config.js';
import type { CheckReport } from '../operations/check-pipeline.js';
import { countOf } from './count.js';
import { formatTable } from './table.js';

const COLUMNS = ['check', 'date', 'severity', 'result', 'found', 'tokens'];

/** Every check with what it found: counts, and tokens of a few rows that are wrong. */
export function formatChecks({ pipeline, checks }: CheckReport, terminal: Terminal): string {
  if (checks.length === 0)
    return `${pipeline} has no check, or nothing in the tables that one could look at.`;
  const failed = checks.filter(({ passed }) => !passed).length;
  const rows = checks.map(({ check, date, severity, passed, found, tokens }) => [
    check,
    date,
    severity,
    passed ? 'passed' : 'failed',
    found,
    tokens.length === 0 ? null : tokens.join(' '),
  ]);
  return `${formatTable(COLUMNS, rows, terminal)}\n\n${countOf(checks.length, 'check')}, ${failed} failed.`;
}
