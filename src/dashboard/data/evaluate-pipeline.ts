import type { DatasetStatus, PartitionNote, StatusReport } from '../../actions/status/read-status.js';
import { describeLate, describeOverdue } from '../../actions/status/status-report.js';
import { listDates } from '../../base/dates/calendar.js';
import { describeDisk, describeKept } from '../../base/errors.js';
import { countOf } from '../../base/text/numbers.js';
import type { RunRecord } from '../../base/types/run-record.js';
import type { Reason, Verdict } from './models.js';
import type { CheckStreak } from './own-checks.js';

/** The facts that a pipeline's state is evaluated from: its runs, and what `pipeline status` finds. */
export interface Standing {
  readonly status: StatusReport;
  /** Ended runs that land or build, newest first. */
  readonly ended: readonly RunRecord[];
  readonly checks: readonly CheckStreak[];
}

export interface PipelineVerdict {
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
}

/** Good, watch or bad, with the reasons, the worst first. Pure. */
export function evaluatePipeline(standing: Standing): PipelineVerdict {
  const { status, ended, checks } = standing;
  const hasLanded = status.datasets.some(({ partitions }) => partitions > 0);
  const reasons = [
    ...evaluateRun(status.pipeline, ended),
    ...evaluateLoss(status),
    ...evaluateChecks(checks, 'error'),
    ...evaluateLate(status),
    ...(hasLanded ? evaluateDates(status) : []),
    ...evaluateTables(status),
    ...evaluateChecks(checks, 'warn'),
    ...evaluateDrift(status.datasets, ended),
    ...evaluatePolicy(status),
  ];
  const sorted = [
    ...reasons.filter(({ verdict }) => verdict === 'bad'),
    ...reasons.filter(({ verdict }) => verdict === 'watch'),
  ];
  const [worst] = sorted;
  const isEmpty = !hasLanded && ended.length === 0;
  return { verdict: worst?.verdict ?? (isEmpty ? 'none' : 'good'), reasons: sorted };
}

function evaluateRun(pipeline: string, ended: readonly RunRecord[]): Reason[] {
  const [last] = ended;
  if (last === undefined || (last.status !== 'failed' && last.status !== 'interrupted')) return [];
  const healthy = ended.findIndex(({ status }) => status !== last.status);
  const first = ended[healthy === -1 ? ended.length - 1 : healthy - 1] ?? last;
  const since = first.finished_at ?? first.started_at;
  const link = { view: 'run', runId: last.run_id, pipeline } as const;
  if (last.status === 'interrupted') {
    return [{ verdict: 'watch', text: 'The last run was interrupted.', since, link }];
  }
  const text = `The last run failed${explainFailure(last)}`;
  return [{ verdict: 'bad', text, since, link }];
}

/** `: check a found 3 rows (E_CHECK_FAILED). Landed data was kept. …` */
function explainFailure({ error }: RunRecord): string {
  if (error === null) return '.';
  const { message } = describeKept(error.code, error.facts ?? {});
  return `: ${message} (${error.code}). ${describeDisk(error)}`;
}

function evaluateLoss({ pipeline, datasets, unreadable }: StatusReport): Reason[] {
  const link = { view: 'lake', pipeline } as const;
  const lost = datasets.flatMap((dataset) => dataset.lost);
  const reasons: Reason[] = [];
  if (lost.length > 0) {
    const text = `Landed data is gone or was changed: ${countOf(lost.length, 'partition')}.`;
    reasons.push({ verdict: 'bad', text, since: firstOf(lost.map(({ date }) => date)), link });
  }
  if (unreadable.length > 0) {
    const text = `${countOf(unreadable.length, 'file')} of the lake cannot be used.`;
    reasons.push({ verdict: 'bad', text, since: null, link });
  }
  return reasons;
}

function evaluateChecks(checks: readonly CheckStreak[], severity: 'error' | 'warn'): Reason[] {
  const failing = checks.filter(({ result }) => !result.passed && result.severity === severity);
  const [first] = failing;
  if (first === undefined) return [];
  const names = failing.map(({ result }) => result.check).join(', ');
  const text = `${countOf(failing.length, 'check')} ${severity === 'error' ? 'failed' : 'warned'}: ${names}.`;
  const verdict = severity === 'error' ? 'bad' : 'watch';
  const link = { view: 'run', runId: first.runId, pipeline: first.pipeline } as const;
  return [{ verdict, text, since: firstOf(failing.map(({ since }) => since)), link }];
}

function evaluateLate({ pipeline, datasets }: StatusReport): Reason[] {
  const link = { view: 'lake', pipeline } as const;
  return datasets.flatMap(({ dataset, late, overdue }) => {
    const reasons: Reason[] = [];
    for (const text of describeOverdue({ overdue }))
      reasons.push({ verdict: 'bad', text: `${dataset}: ${text}`, since: overdue?.since ?? null, link });
    const verdict = late?.severity === 'error' ? 'bad' : 'watch';
    for (const text of describeLate({ late }))
      reasons.push({ verdict, text: `${dataset}: ${text}`, since: late?.since ?? null, link });
    return reasons;
  });
}

function evaluateDates({ pipeline, datasets }: StatusReport): Reason[] {
  const link = { view: 'lake', pipeline } as const;
  const ranges = datasets.flatMap(({ missing }) => missing);
  const dates = new Set(ranges.flatMap(({ from, to }) => listDates(from, to)));
  const hours = datasets.flatMap(({ incomplete }) =>
    incomplete.flatMap(({ date, missing }) => missing.map((hour) => `${date}T${hour}`)),
  );
  const reasons: Reason[] = datasets
    .filter(({ partitions }) => partitions === 0)
    .map(({ dataset }) => ({
      verdict: 'watch',
      text: `No data of ${dataset} has landed.`,
      since: null,
      link,
    }));
  const add = (count: number, word: string, since: string | null): void => {
    const text = `${countOf(count, word)} ${count === 1 ? 'is' : 'are'} missing.`;
    if (count > 0) reasons.push({ verdict: 'watch', text, since, link });
  };
  add(dates.size, 'date', firstOf([...dates]));
  add(hours.length, 'hour', firstOf(hours));
  return reasons;
}

function evaluateTables({ pipeline, datasets }: StatusReport): Reason[] {
  const { dates, since } = findNoted(datasets, ['not_built', 'stale']);
  if (dates === 0) return [];
  const text = `The tables are out of date for ${countOf(dates, 'date')}.`;
  return [{ verdict: 'watch', text, since, link: { view: 'lake', pipeline } }];
}

function evaluatePolicy({ pipeline, datasets }: StatusReport): Reason[] {
  const { dates, since } = findNoted(datasets, ['old_policy']);
  if (dates === 0) return [];
  const text = `${countOf(dates, 'date')} landed under an old policy.`;
  return [{ verdict: 'watch', text, since, link: { view: 'lake', pipeline } }];
}

/** How many dates have one of the notes, and when the first of them landed. */
function findNoted(datasets: readonly DatasetStatus[], notes: readonly PartitionNote[]) {
  const noted = datasets.flatMap(({ newest }) =>
    newest.filter((partition) => partition.notes.some((note) => notes.includes(note))),
  );
  return {
    dates: new Set(noted.map(({ date }) => date)).size,
    since: firstOf(noted.map(({ landed_at }) => landed_at)),
  };
}

/** Drift of the last run that fetched a dataset, since the first run of those in a row that have any. */
function evaluateDrift(datasets: readonly DatasetStatus[], ended: readonly RunRecord[]): Reason[] {
  return datasets.flatMap(({ dataset }) => {
    const fetched = ended.flatMap((run) =>
      run.datasets.filter((result) => result.dataset === dataset).map(({ drift }) => ({ run, drift })),
    );
    const end = fetched.findIndex(({ drift }) => drift.length === 0);
    const drifted = end === -1 ? fetched : fetched.slice(0, end);
    const [last, first] = [drifted[0], drifted.at(-1)];
    if (last === undefined || first === undefined) return [];
    const fields = countOf(new Set(last.drift.map(({ path }) => path)).size, 'field');
    const link = { view: 'run', runId: last.run.run_id, pipeline: last.run.pipeline } as const;
    const text = `Records of ${dataset} differ from the contract in ${fields}.`;
    return [{ verdict: 'watch', text, since: first.run.started_at, link }];
  });
}

function firstOf(moments: readonly string[]): string | null {
  return moments.toSorted()[0] ?? null;
}
