import { join } from 'node:path';
import { listSqlFiles } from '../../base/text/sql-file.js';
import type { Definition } from '../../base/types/definition.js';
import type { CheckResult, RunRecord } from '../../base/types/run-record.js';
import type { Project } from '../../project.js';

/** Whether a result belongs to a current check of the pipeline. */
export type IsOwnCheck = (check: CheckResult) => boolean;

/**
 * A transform builds and checks the tables of all pipelines, and its ledger entry holds all results. A dataset name
 * belongs to one pipeline. The result of an SQL check names its pipeline, except in entries of earlier versions.
 */
export async function findOwnChecks(
  { config }: Pick<Project, 'config'>,
  { pipeline, datasets }: Pick<Definition, 'pipeline' | 'datasets'>,
): Promise<IsOwnCheck> {
  const dir = join(config.sqlDir, pipeline, 'checks');
  const files = await listSqlFiles({ dir, label: `sql/${pipeline}/checks` });
  const names = new Set(files.map(({ name }) => name));
  return ({ check, dataset, pipeline: owner }) =>
    dataset === null
      ? (owner ?? pipeline) === pipeline && names.has(check)
      : datasets.get(dataset)?.checks.some(({ name }) => name === check) === true;
}

/** The last result of a check, and since when it is like that. */
export interface CheckStreak {
  readonly result: CheckResult;
  /** The run that ran it last. */
  readonly runId: string;
  readonly pipeline: string;
  /** When the first run of those in a row that it failed in began. */
  readonly since: string;
}

/**
 * The last result of each of a pipeline's checks, from the newest run that ran it. If a check covered several dates, the
 * worst result counts.
 * @param runs newest first
 */
export function findLastResults(runs: readonly RunRecord[], isOwn: IsOwnCheck): readonly CheckStreak[] {
  const last = new Map<string, CheckStreak>();
  const ended = new Set<string>();
  for (const run of runs) {
    for (const [check, result] of findWorst(run, isOwn)) {
      const known = last.get(check);
      if (known === undefined) {
        last.set(check, { result, runId: run.run_id, pipeline: run.pipeline, since: run.started_at });
      } else if (!ended.has(check) && !result.passed) {
        last.set(check, { ...known, since: run.started_at });
      }
      if (result.passed) ended.add(check);
    }
  }
  return [...last.values()];
}

function findWorst({ checks }: RunRecord, isOwn: IsOwnCheck): ReadonlyMap<string, CheckResult> {
  const worst = new Map<string, CheckResult>();
  for (const result of checks) {
    if (isOwn(result) && worst.get(result.check)?.passed !== false) worst.set(result.check, result);
  }
  return worst;
}
