import type { Landing } from '../base/types/landed.js';
import type { RunRecord } from '../base/types/run-record.js';

/** `…/2026/11/20/persons.T13.0001.parquet`, below the lake. */
const PARTITION =
  /(?:^|\/)raw\/(\d{4})\/(\d{2})\/(\d{2})\/([a-z][a-z0-9_]*)(?:\.T(\d{2}))?(?:\.\d{4})?\.parquet$/;

/** Stages that begin after the commit. */
const AFTER_COMMIT = new Set<string | undefined>(['commit', 'transform', 'report']);

/** What a run has landed: none for one that failed before its commit, or that is not known to have reached it. */
export function landingsOf(run: RunRecord): Landing[] {
  if (!hasCommitted(run)) return [];
  return run.datasets.flatMap(({ dataset, landed, partition }) => {
    const [, year, month, day, name, slot] = PARTITION.exec(partition?.path ?? '') ?? [];
    if (name !== dataset || year === undefined) return [];
    return {
      pipeline: run.pipeline,
      dataset,
      date: `${year}-${month ?? ''}-${day ?? ''}`,
      slot: slot ?? null,
      run_id: run.run_id,
      landed_at: run.finished_at ?? run.started_at,
      rows: landed,
      manifest_sha256: null,
      lost: null,
    };
  });
}

function hasCommitted({ status, error }: RunRecord): boolean {
  if (status === 'succeeded' || status === 'unchanged') return true;
  return status === 'failed' && AFTER_COMMIT.has(error?.where.stage);
}
