import { failure } from '../../base/errors.js';
import type { Checkpoint } from '../../base/types/checkpoint.js';
import type { CheckpointStart } from '../materializations/materialization.js';
import type { Model } from './model.js';
import { traceModel } from './trace-model.js';

/** A checkpoint in the lake with the absolute path of its file. */
export interface LandedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly path: string;
}

/**
 * The checkpoint that a model starts from; null if it has none.
 * @throws E_MODEL if its SQL differs from that of its checkpoint: rows of pruned dates cannot be rebuilt
 */
export function findStart(
  model: Model,
  ordered: readonly Model[],
  checkpoints: readonly LandedCheckpoint[],
): CheckpointStart | null {
  const found = checkpoints.find(({ checkpoint }) => checkpoint.model === model.name);
  if (found === undefined) return null;
  const { before, last_date: lastDate, file, sql_sha256: sqlSha256 } = found.checkpoint;
  if (traceModel(model, ordered).sqlSha256 !== sqlSha256) throw assertUnchanged(model, before);
  return { path: found.path, before, lastDate, sha256: file.sha256 };
}

function assertUnchanged({ name, file }: Model, before: string) {
  const problem = `${name}: its SQL has changed since its checkpoint, and the raw files of dates before ${before} are pruned`;
  const fix = `put the SQL back, or give the changed model another name; without data_lake/_checkpoints/${name} it starts from the dates that are left`;
  return failure('E_MODEL', { problem, fix }, { file, model: name, stage: 'transform' });
}

/** Sorted and unique; of the dates before a checkpoint, only its last one. */
export function listLandedDates(dates: readonly string[], start: CheckpointStart | null): string[] {
  const all = [...new Set(dates)].sort();
  return start === null || all.length === 0
    ? all
    : [start.lastDate, ...all.filter((date) => date >= start.before)];
}
