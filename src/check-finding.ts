import type { CheckRule } from './definition/dataset-check.js';
import type { CheckResult } from './result.js';

/** What a failed check found, in words: `3 rows`. */
export function countFound({ check, dataset, found }: CheckResult): string {
  const kind: string = dataset === null ? 'sql' : (check.slice(dataset.length + 1).split('.')[0] ?? '');
  const unit = kind === ('freshness' satisfies CheckRule['kind']) ? 'day' : 'row';
  return `${found} ${unit}${found === 1 ? '' : 's'}`;
}

/** The same with its date: `3 rows on 2026-11-20`. */
export function describeFinding(result: CheckResult): string {
  return `${countFound(result)}${result.date === null ? '' : ` on ${result.date}`}`;
}
