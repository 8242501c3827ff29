import { lstatSync, type Stats } from 'node:fs';
import { relative } from 'node:path';
import { toFailure } from '../base/duckdb.js';
import { failure, type Where } from '../base/errors.js';
import type { CheckResult, ModelResult } from '../base/types/run-record.js';
import { emitFailedChecks } from './checks/run-checks.js';
import { digestInput, readBuilt, writeBuilt } from './file/built-mark.js';
import { discardNext, inspectPublished, prepareNext, publishNext } from './file/next-file.js';
import { fillNext } from './fill-next.js';
import { loadWarehouseProject } from './project.js';
import type { TransformInput } from './transform-input.js';

/**
 * Builds the warehouse from the lake atomically: works on a copy of the published file, runs the checks, then replaces
 * the published file. Where nothing has changed since that file was built, it stays. Without partitions, creates every
 * schema, view and table, typed and empty. The caller holds the lake's lock.
 * @throws E_MODEL, E_NAME before anything is changed; E_CHECK_FAILED, E_SQL_RUN, E_LAKE_DAMAGED, E_NOT_A_DATABASE,
 * E_DATABASE_FOREIGN, E_DISK with the published file unchanged; the signal's reason when aborted
 */
export async function transformWarehouse(input: TransformInput): Promise<readonly ModelResult[]> {
  const digest = await digestInput(input);
  const built = input.dates.length === 0 ? await readBuilt(input.databasePath, digest) : null;
  if (built === null) return build(input, digest);
  assertLake(input);
  input.onChecks(built.checks);
  emitFailedChecks(built.checks, input.effects.log);
  return built.models;
}

async function build(input: TransformInput, digest: string): Promise<readonly ModelResult[]> {
  const { databasePath, runId, toolVersion, dates } = input;
  const project = await loadWarehouseProject(input.pipelines, input.known);
  assertLake(input);
  const published = input.published ?? (await inspectPublished(databasePath, toolVersion));
  const next = await prepareNext(databasePath, runId, published === 'current' && dates !== 'all');
  const found: CheckResult[] = [];
  const onChecks = (checks: readonly CheckResult[]): void => {
    found.push(...checks);
    input.onChecks(checks);
  };
  try {
    const models = await fillNext(next, project, { ...input, onChecks });
    await publishNext(next, databasePath);
    const isRepeatable = project.checks.every(({ isDeterministic }) => isDeterministic);
    // SQL files that changed in the meantime are perhaps not those that were built.
    if (isRepeatable && (await digestInput(input)) === digest)
      await writeBuilt(databasePath, digest, { models, checks: found });
    return models;
  } catch (error) {
    await discardNext(next);
    throw nameFailure(error, input);
  }
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
