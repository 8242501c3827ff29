import type { Terminal } from '../../base/config/config.js';
import { paint } from '../../base/terminal/paint.js';
import { countOf, formatCount } from '../../base/text/numbers.js';
import { formatReleases } from '../run/release-summary.js';
import { formatModels, formatWarned } from '../run/run-summary.js';
import type { BackfillLanding, BackfillResult } from './backfill-dates.js';
import { type BackfillDate, type BackfillReason, isDue } from './plan-backfill.js';

const WORDS: Readonly<Record<BackfillReason, string>> = {
  missing: 'missing',
  old_policy: 'old policy, will be replaced',
  forced: 'will be replaced (--force)',
  landed: 'already landed',
  pruned: 'pruned; use --force to land it again',
  ahead: 'in the future',
};

/** The plan of a backfill and the result of each date. */
export function formatBackfill(
  { pipeline, dry_run: isDryRun, plan, landed, models, releases, checks }: BackfillResult,
  { color }: Terminal,
): string {
  const lines = plan.map((entry) => {
    const own = landed.filter(({ date }) => date === entry.date);
    return `  ${entry.date}  ${own.length === 0 ? describePlan(entry) : describeLanded(own)}`;
  });
  const dates = isDryRun ? plan.filter(isDue).length : new Set(landed.map(({ date }) => date)).size;
  const what = isDryRun ? 'would land (dry run)' : 'landed';
  const head = paint(`${pipeline}: ${dates} of ${countOf(plan.length, 'date')} ${what}`, 'bold', color);
  const parts = [formatModels(models), formatReleases(releases), formatWarned(checks)].filter(
    (text) => text !== '',
  );
  return [head, '', ...lines, ...parts.flatMap((part) => ['', part])].join('\n');
}

function describePlan({ reason, slots }: BackfillDate): string {
  return slots === null || slots.length === 0
    ? WORDS[reason]
    : `${WORDS[reason]}: ${countOf(slots.length, 'hour')}`;
}

function describeLanded(landings: readonly BackfillLanding[]): string {
  const datasets = landings.flatMap((landing) => landing.datasets);
  const rows = datasets.reduce((sum, dataset) => sum + dataset.landed, 0);
  const rejected = datasets.reduce((sum, dataset) => sum + dataset.rejected, 0);
  const hours = landings.filter(({ slot }) => slot !== null).length;
  const of = hours === 0 ? '' : ` of ${countOf(hours, 'hour')}`;
  return `landed ${countOf(rows, 'row')}${of}, rejected ${formatCount(rejected)}`;
}
