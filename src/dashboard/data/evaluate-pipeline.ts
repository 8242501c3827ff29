import { countOf } from '../../base/text/numbers.js';
import type { LandedRow } from './gather-landed.js';
import type { CheckCounts, RunLine, Verdict } from './models.js';

/** The facts that a pipeline's state is evaluated from. */
export interface Standing {
  readonly pipeline: string;
  /** The newest ended run that lands or builds. */
  readonly lastRun: RunLine | null;
  readonly isRunning: boolean;
  readonly landed: readonly LandedRow[];
  readonly newest: string | null;
  readonly daysBehind: number;
  readonly checks: CheckCounts;
}

export interface PipelineVerdict {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

type Reason = readonly ['bad' | 'watch', string];

/** Good, watch or bad, with a sentence for each reason, the worst first. Pure. */
export function evaluatePipeline(standing: Standing): PipelineVerdict {
  const running = standing.isRunning ? ['A run is in progress.'] : [];
  if (standing.newest === null && standing.lastRun === null) return { verdict: 'none', reasons: running };
  const reasons = [...evaluateRun(standing), ...evaluateChecks(standing), ...evaluateDates(standing)];
  const isBad = reasons.some(([verdict]) => verdict === 'bad');
  const sorted = [...reasons].sort(([a], [b]) => (a === b ? 0 : a === 'bad' ? -1 : 1));
  return {
    verdict: isBad ? 'bad' : reasons.length > 0 ? 'watch' : 'good',
    reasons: [...running, ...sorted.map(([, sentence]) => sentence)],
  };
}

function evaluateRun({ lastRun }: Standing): Reason[] {
  if (lastRun?.status === 'failed') {
    const code = lastRun.errorCode === null ? '' : ` with ${lastRun.errorCode}`;
    return [['bad', `The last run failed${code}. Data that had landed before is unchanged.`]];
  }
  return lastRun?.status === 'interrupted' ? [['watch', 'The last run was interrupted.']] : [];
}

function evaluateChecks({ checks }: Standing): Reason[] {
  const reasons: Reason[] = [];
  if (checks.failed > 0) reasons.push(['bad', `${countOf(checks.failed, 'check')} failed.`]);
  if (checks.warned > 0) reasons.push(['watch', `${countOf(checks.warned, 'check')} warned.`]);
  return reasons;
}

function evaluateDates({ pipeline, landed, daysBehind, newest }: Standing): Reason[] {
  const reasons: Reason[] = [];
  const having = (...notes: readonly string[]): number =>
    new Set(landed.filter((row) => row.notes.some((note) => notes.includes(note))).map(({ date }) => date))
      .size;
  const unbuilt = having('not_built', 'stale');
  if (unbuilt > 0) {
    reasons.push([
      'watch',
      `The tables are out of date for ${countOf(unbuilt, 'date')}: run pipeline transform ${pipeline}`,
    ]);
  }
  const old = having('old_policy');
  if (old > 0) {
    reasons.push([
      'watch',
      `${countOf(old, 'date')} landed under an old policy: run ${old === 1 ? 'it' : 'them'} again.`,
    ]);
  }
  if (newest !== null && daysBehind > 1) {
    reasons.push(['watch', `The newest date is ${countOf(daysBehind, 'day')} old.`]);
  }
  return reasons;
}
