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

/**
 * The last result of each of a pipeline's checks, from the newest run that ran it. If a check covered several dates, the
 * worst result counts.
 * @param runs newest first
 */
export function findLastResults(runs: readonly RunRecord[], isOwn: IsOwnCheck): readonly CheckResult[] {
  const last = new Map<string, CheckResult>();
  for (const { checks } of runs) {
    const known = new Set(last.keys());
    for (const result of checks) {
      if (known.has(result.check) || !isOwn(result)) continue;
      if (last.get(result.check)?.passed !== false) last.set(result.check, result);
    }
  }
  return [...last.values()];
}
