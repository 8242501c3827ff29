import { lstatSync, type Stats } from 'node:fs';
import { relative } from 'node:path';
import { toFailure } from '../base/duckdb.js';
import { failure, type Where } from '../base/errors.js';
import type { ModelResult } from '../base/types/run-record.js';
import { discardNext, inspectPublished, prepareNext, publishNext } from './file/next-file.js';
import { fillNext } from './fill-next.js';
import { loadWarehouseProject, type WarehouseProject } from './project.js';
import type { TransformInput } from './transform-input.js';

/**
 * Builds the warehouse from the lake atomically: works on a copy of the published file, runs the checks, then replaces
 * the published file. Without partitions, creates every schema, view and table, typed and empty. The caller holds the
 * lake's lock.
 * @throws E_MODEL, E_NAME before anything is changed; E_CHECK_FAILED, E_SQL_RUN, E_LAKE_DAMAGED, E_NOT_A_DATABASE,
 * E_DATABASE_FOREIGN, E_DISK with the published file unchanged; the signal's reason when aborted
 */
export async function transformWarehouse(input: TransformInput): Promise<ModelResult[]> {
  const published = input.published ?? (await inspectPublished(input.databasePath, input.toolVersion));
  // The file is copied while the project is loaded.
  const copying = prepareNext(
    input.databasePath,
    input.runId,
    published === 'current' && input.dates !== 'all',
  );
  // It may fail before it is awaited.
  copying.catch(() => undefined);
  const project = await loadSources(input).catch(async (error: unknown) => {
    await copying.then(discardNext).catch(() => undefined);
    throw error;
  });
  const next = await copying;
  try {
    const hasBefore = published === 'current' && project.models.some(({ release }) => release !== null);
    const results = await fillNext(next, project, { ...input, hasBefore });
    await publishNext(next, input.databasePath);
    return results;
  } catch (error) {
    await discardNext(next);
    throw nameFailure(error, input);
  }
}

async function loadSources(input: TransformInput): Promise<WarehouseProject> {
  const project = await loadWarehouseProject(input.pipelines, input.known);
  assertLake(input);
  return project;
}

/**
 * Otherwise a missing file would cause a disk error after minutes of work, and a symbolic link could point the warehouse
 * to files that were never masked.
 */
function assertLake({ lakeDir, partitions, checkpoints, others }: TransformInput): void {
  for (const { manifest, files } of partitions) {
    if (others.includes(manifest.pipeline)) continue;
    const where = { dataset: manifest.dataset, stage: 'transform' };
    for (const [index, file] of manifest.files.entries()) {
      assertFile(lakeDir, files[index] ?? file.name, file.bytes, where);
    }
  }
  for (const { checkpoint, path } of checkpoints) {
    assertFile(lakeDir, path, checkpoint.file.bytes, { model: checkpoint.model, stage: 'transform' });
  }
}

/** Not by promises, which cost more than the look. */
function assertFile(lakeDir: string, path: string, bytes: number, where: Where): void {
  const kind = nameDamage(findFile(path), bytes);
  if (kind !== null) throw failure('E_LAKE_DAMAGED', { path: relative(lakeDir, path), kind }, where);
}

function findFile(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
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
