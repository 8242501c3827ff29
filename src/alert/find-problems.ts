import { formatMoment } from '../base/dates/calendar.js';
import { describeKept, type LakeveilError, keepFacts } from '../base/errors.js';
import { countOf, formatAge } from '../base/text/numbers.js';
import type { Definition } from '../base/types/definition.js';
import type { Manifest } from '../base/types/manifest.js';
import { describeFinding } from '../base/types/result.js';
import {
  ALL_PIPELINES,
  type AlertKey,
  type AlertKind,
  type CheckResult,
  type RunRecord,
} from '../base/types/run-record.js';
import { covers, hasSucceeded, workOf } from './what-fixes.js';
import { findLate, findNewestLanding, findOverdue } from '../lake/find-late.js';

/** Something to alert on: names of definitions, dates, numbers and codes, never a value of a record. */
export interface Problem extends AlertKey {
  readonly kind: AlertKind;
  readonly severity: 'warn' | 'error';
  /** What happened, in a sentence without a full stop. */
  readonly text: string;
  /** What to do. */
  readonly next: string;
  readonly run_id: string | null;
  /** When it happened, as an ISO instant; of what is late: now. */
  readonly at: string;
  /** The command that failed; absent of conditions. */
  readonly command?: string;
}

export interface ProblemInput {
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  /** Runs in the ledger as running whose processes are gone. */
  readonly dead: ReadonlySet<string>;
  /** The pipelines to look at. */
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly manifests: readonly Manifest[];
  readonly now: Date;
}

/** What is wrong now, in order of the pipelines. Pure. */
export function findProblems(input: ProblemInput): Problem[] {
  return [
    ...findFailures(input),
    ...[...input.definitions.values()].flatMap((definition) => [
      ...findConditions(input, definition),
      ...findLateDatasets(input, definition),
    ]),
  ];
}

/** The newest run of each pipeline, date and hour, where it failed or its process died and no later run did its work. */
function findFailures({ runs, dead, definitions }: ProblemInput): Problem[] {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const run of runs) {
    if (!definitions.has(run.pipeline) && run.pipeline !== ALL_PIPELINES) continue;
    const isDead = isDeadRun(run, dead);
    if (run.command === 'alert' || (run.status === 'running' && !isDead)) continue;
    const key = `${workOf(run.command)} ${run.pipeline} ${run.date ?? ''} ${run.slot ?? ''}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const problem = describeFailure(run, isDead);
    if (problem === null) continue;
    const definition = definitions.get(run.pipeline);
    if (runs.some((later) => hasSucceeded(later, problem.at) && covers(later, problem, definition))) continue;
    problems.push(problem);
  }
  return problems;
}

/** A run that was killed has no end, or got one from the command that cleaned up after it. */
function isDeadRun({ run_id, status, finished_at }: RunRecord, dead: ReadonlySet<string>): boolean {
  return dead.has(run_id) || (status === 'interrupted' && finished_at === null);
}

function describeFailure(run: RunRecord, isDead: boolean): Problem | null {
  const { pipeline, date, slot, command, run_id, error, started_at, finished_at } = run;
  const at = finished_at ?? started_at;
  const of = { pipeline, date, command, subject: null, ...(slot !== null && { slot }) };
  if (isDead) {
    const { message, remedy } = describeKept('E_RUN_DIED', { kind: 'killed, or out of memory' });
    return {
      ...of,
      code: 'E_RUN_DIED',
      kind: 'failure',
      severity: 'error',
      text: message,
      next: remedy,
      run_id,
      at,
    };
  }
  // Someone stopped it.
  if (run.status !== 'failed' || error === null) return null;
  const { message, remedy } = describeKept(error.code, error.facts ?? {});
  const { code } = error;
  return { ...of, code, kind: kindOf(code), severity: 'error', text: message, next: remedy, run_id, at };
}

const KINDS: Readonly<Record<string, AlertKind>> = {
  E_SHAPE: 'leak',
  E_ECHO: 'leak',
  E_LEAK: 'leak',
  E_RELEASE: 'gate',
  E_SUSPECT: 'leak',
  E_WITHHELD: 'leak',
  E_VERIFY: 'leak',
  E_CHECK_FAILED: 'check',
  E_FEWER_ROWS: 'volume',
};

function kindOf(code: string): AlertKind {
  return KINDS[code] ?? 'failure';
}

/** A failure that is in no ledger, since it came before a run was opened: only what the ledger would keep of it. */
export function describeError(
  error: LakeveilError,
  { pipeline, command, at }: { readonly pipeline: string; readonly command: string; readonly at: Date },
): Problem {
  const { message, remedy } = describeKept(error.code, keepFacts(error.facts));
  const key = { pipeline, command, date: error.where.date ?? null, code: error.code, subject: null };
  const kind = kindOf(error.code);
  return { ...key, kind, severity: 'error', text: message, next: remedy, run_id: null, at: at.toISOString() };
}

/** Drift and warnings of the newest runs of a pipeline: of each dataset, and of each check. */
function findConditions({ runs }: ProblemInput, { pipeline, datasets }: Definition): Problem[] {
  const own = runs.filter((run) => run.pipeline === pipeline && run.finished_at !== null);
  const drift = [...datasets.keys()].flatMap((dataset) => {
    const run = own.find((one) => one.datasets.some((result) => result.dataset === dataset));
    const result = run?.datasets.find((one) => one.dataset === dataset);
    if (run === undefined || result === undefined || result.drift.length === 0) return [];
    const fields = countOf(new Set(result.drift.map(({ path }) => path)).size, 'field');
    const next = `see \`pipeline runs ${pipeline} --json\`, then correct the contract or ask the owner of the source`;
    const text = `records of ${dataset} differ from the contract in ${fields}`;
    return [describeCondition(run, { kind: 'drift', code: 'drift', subject: dataset, text, next })];
  });
  return [...drift, ...findWarned(runs, pipeline)];
}

/** Runs of other pipelines check shared tables too. */
function findWarned(runs: readonly RunRecord[], pipeline: string): Problem[] {
  const newest = new Map<string, { readonly run: RunRecord; readonly result: CheckResult }>();
  for (const run of runs) {
    for (const result of run.checks.filter((one) => (one.pipeline ?? run.pipeline) === pipeline)) {
      const known = newest.get(result.check);
      // Of the dates of one run, the newest counts.
      if (known === undefined || (known.run === run && (result.date ?? '') > (known.result.date ?? '')))
        newest.set(result.check, { run, result });
    }
  }
  return [...newest.values()].flatMap(({ run, result }) => {
    if (result.passed || result.severity === 'error') return [];
    const text = `check ${result.check} found ${describeFinding(result)}`;
    const of = result.date === null ? '' : ` --date ${result.date}`;
    const kind = isVolume(result) ? 'volume' : 'check';
    const next = `pipeline check ${pipeline}${of}`;
    const found = { kind, code: kind, subject: result.check, text, next } as const;
    return [{ ...describeCondition(run, found), pipeline, date: result.date ?? run.date }];
  });
}

function isVolume({ check, dataset }: CheckResult): boolean {
  return dataset !== null && /^(?:volume|row_count)\b/.test(check.slice(dataset.length + 1));
}

type Condition = Pick<Problem, 'kind' | 'code' | 'subject' | 'text' | 'next'>;

function describeCondition(run: RunRecord, condition: Condition): Problem {
  const { pipeline, date, run_id, finished_at, started_at } = run;
  return { pipeline, date, severity: 'warn', run_id, at: finished_at ?? started_at, ...condition };
}

function findLateDatasets(
  { manifests, now }: ProblemInput,
  { pipeline, datasets, timezone }: Definition,
): Problem[] {
  const at = now.toISOString();
  const next = `pipeline status ${pipeline}`;
  return [...datasets.values()].flatMap((dataset) => {
    const own = manifests.filter((one) => one.pipeline === pipeline && one.dataset === dataset.name);
    const newest =
      own
        .map(({ date }) => date)
        .sort()
        .at(-1) ?? null;
    const key = { pipeline, date: newest, code: 'late', subject: dataset.name };
    const found = { ...key, kind: 'freshness', next, run_id: null, at } as const;
    const overdue = findOverdue(dataset, findNewestLanding(own), now);
    if (overdue !== null) {
      const landed = formatMoment(overdue.landed_at, 'minute');
      const text = `${dataset.name} is late by ${formatAge(overdue.late_seconds)}: its newest date landed at ${landed} UTC`;
      return [{ ...found, severity: 'error', text }];
    }
    const late = findLate(dataset, newest, now, timezone);
    if (late === null) return [];
    const by = late.by === null ? '' : `${late.by} on `;
    const text = `${dataset.name} is late: new data was expected by ${by}${late.since}`;
    return [{ ...found, severity: late.severity, text }];
  });
}
