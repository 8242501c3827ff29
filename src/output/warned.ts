import { countFound } from '../check-finding.js';
import type { CheckResult } from '../result.js';
import { countOf } from './count.js';

/** A line for each check that failed and lets the work go on, with what to type to see more of it. */
export function formatWarned(checks: readonly CheckResult[]): string {
  const failed = checks.filter(({ passed, severity }) => !passed && severity === 'warn');
  const names = new Set(failed.map(nameCheck));
  return [...names]
    .map((name) => `  ${'warned'.padEnd(12)}${describe(failed.filter((one) => nameCheck(one) === name))}`)
    .join('\n');
}

/** SQL checks of two pipelines may have one name. */
function nameCheck({ pipeline, check }: CheckResult): string {
  return `${pipeline ?? ''} ${check}`;
}

/** Of several dates the last one is told, since `check` looks at one. */
function describe(results: readonly CheckResult[]): string {
  const last = results.toSorted((a, b) => ((a.date ?? '') < (b.date ?? '') ? -1 : 1)).at(-1);
  if (last === undefined) return '';
  const { check, pipeline, date } = last;
  const others = results.length - 1;
  const more = others === 0 ? '' : ` on ${date ?? ''} and on ${countOf(others, 'more date')}`;
  const next = ['pipeline check', pipeline, date === null ? null : `--date ${date}`];
  return `${check}, ${countFound(last)}${more}: ${next.filter((word) => word !== null).join(' ')}`;
}
