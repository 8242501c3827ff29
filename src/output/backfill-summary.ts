import type { Terminal } from '../config.js';
import type { BackfillResult } from '../operations/backfill-dates.js';
import type { BackfillReason } from '../operations/plan-backfill.js';
import { formatCount } from './count.js';
import { paint } from './paint.js';

const WORDS: Readonly<Record<BackfillReason, string>> = {
  missing: 'missing, to be landed',
  old_policy: 'under an old policy, to be landed anew',
  forced: 'to be landed anew',
  landed: 'landed already',
};

/** The plan of a backfill, and what became of each date. */
export function formatBackfill(
  { pipeline, plan, landed, models }: BackfillResult,
  { color }: Terminal,
): string {
  const done = new Map(landed.map(({ date, datasets }) => [date, datasets]));
  const lines = plan.map(({ date, reason }) => {
    const datasets = done.get(date);
    if (datasets === undefined) return `  ${date}  ${WORDS[reason]}`;
    const rows = datasets.reduce((sum, dataset) => sum + dataset.landed, 0);
    const refused = datasets.reduce((sum, dataset) => sum + dataset.rejected, 0);
    return `  ${date}  landed ${formatCount(rows)} rows, refused ${formatCount(refused)}`;
  });
  const built = models.map(({ model, rows }) => `  built       ${model}, ${formatCount(rows)} rows`);
  const head = paint(`${pipeline}: ${landed.length} of ${plan.length} dates landed now`, 'bold', color);
  return [head, '', ...lines, ...(built.length === 0 ? [] : ['', ...built])].join('\n');
}
