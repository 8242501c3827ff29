import { countOf } from '../../base/text/numbers.js';
import type { LandedRow } from './gather-landed.js';
import type { CheckCounts, RunLine, Verdict } from './models.js';

/** What is known of a pipeline when it is judged. */
export interface Standing {
  readonly pipeline: string;
  /** Its newest run that lands or builds and has ended. */
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

/** Good, watch or bad, with every reason in a sentence, the worst first. Pure. */
export function evaluatePipeline(standing: Standing): PipelineVerdict {
  const running = standing.isRunning ? ['A run is under way.'] : [];
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
    return [['bad', `The last run failed${code}; what had landed before is as it was.`]];
  }
  return lastRun?.status === 'interrupted' ? [['watch', 'The last run was stopped before its end.']] : [];
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
      `${countOf(unbuilt, 'date')} not in the tables as landed: pipeline transform ${pipeline}`,
    ]);
  }
  const old = having('old_policy');
  if (old > 0) {
    reasons.push([
      'watch',
      `${countOf(old, 'date')} under an old policy: run ${old === 1 ? 'it' : 'them'} again.`,
    ]);
  }
  if (newest !== null && daysBehind > 1) {
    reasons.push(['watch', `The newest date is ${countOf(daysBehind, 'day')} old.`]);
  }
  return reasons;
}
