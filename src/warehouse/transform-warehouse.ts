import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { relative } from 'node:path';
import { toFailure } from '../base/duckdb.js';
import { failure, type Where } from '../base/errors.js';
import type { ModelResult } from '../base/types/run-record.js';
import { discardNext, prepareNext, publishNext } from './file/next-file.js';
import { fillNext } from './fill-next.js';
import type { LandedPartition } from './landed-partition.js';
import type { LandedCheckpoint } from './models/landed-checkpoint.js';
import { loadWarehouseProject } from './project.js';
import type { TransformInput } from './transform-input.js';

/**
 * Builds the warehouse from the lake atomically: works on a copy of the published file, runs the checks, then replaces
 * the published file. Without partitions, creates every schema, view and table, typed and empty. The caller holds the
 * lake's lock.
 * @throws E_MODEL, E_NAME before anything is changed; E_CHECK_FAILED, E_SQL_RUN, E_LAKE_DAMAGED, E_NOT_A_DATABASE,
 * E_DATABASE_FOREIGN, E_DISK with the published file unchanged; the signal's reason when aborted
 */
export async function transformWarehouse(input: TransformInput): Promise<ModelResult[]> {
  const project = await loadWarehouseProject(input.pipelines, input.known);
  const isTouched = ({ manifest }: LandedPartition) => !input.others.includes(manifest.pipeline);
  await Promise.all(
    input.partitions.filter(isTouched).map((partition) => assertFiles(input.lakeDir, partition)),
  );
  await Promise.all(input.checkpoints.map((checkpoint) => assertCheckpoint(input.lakeDir, checkpoint)));
  const isCopy = input.published === 'current' && input.dates !== 'all';
  const next = await prepareNext(input.databasePath, input.runId, isCopy);
  try {
    const results = await fillNext(next, project, input);
    await publishNext(next, input.databasePath);
    return results;
  } catch (error) {
    await discardNext(next);
    throw nameFailure(error, input);
  }
}

/**
 * Otherwise a missing file would cause a disk error after minutes of work, and a symbolic link could point the warehouse
 * to files that were never masked.
 */
async function assertFiles(lakeDir: string, { manifest, files }: LandedPartition): Promise<void> {
  const where = { dataset: manifest.dataset, stage: 'transform' };
  for (const [index, file] of manifest.files.entries()) {
    await assertFile(lakeDir, files[index] ?? file.name, file.bytes, where);
  }
}

async function assertCheckpoint(lakeDir: string, { checkpoint, path }: LandedCheckpoint): Promise<void> {
  await assertFile(lakeDir, path, checkpoint.file.bytes, { model: checkpoint.model, stage: 'transform' });
}

async function assertFile(lakeDir: string, path: string, bytes: number, where: Where): Promise<void> {
  const found = await lstat(path).catch(() => null);
  const kind = nameDamage(found, bytes);
  if (kind !== null) throw failure('E_LAKE_DAMAGED', { path: relative(lakeDir, path), kind }, where);
}

function nameDamage(found: Stats | null, bytes: number): string | null {
  if (found === null) return 'missing';
  if (found.isSymbolicLink()) return 'a link';
  if (!found.isFile()) return 'not a regular file';
  return found.size === bytes ? null : 'other size';
}

/** Unexpected DuckDB errors keep their class and lose their message, which could quote values. */
function nameFailure(error: unknown, { effects, databasePath }: TransformInput): unknown {
  if (effects.signal.aborted) return effects.signal.reason;
  const where = { stage: 'transform' };
  return toFailure(error, { path: databasePath, where }, (kind) =>
    failure('E_DEFECT', { name: `DuckDB error (${kind})`, at: ' while the warehouse was built' }, where),
  );
}
