import type { DuckDBConnection } from '@duckdb/node-api';
import type { UnreadableFile } from '../base/files/stored-file.js';
import type { Checkpoint } from '../base/types/checkpoint.js';
import { fileOfCheckpoint, type Kept } from './checkpoint-file.js';
import { inspectFile, type Problem, problemOf } from './inspect-file.js';
import { checkpointPath, CHECKPOINTS, type Entry, retentionMarkPath, walkZone } from './paths.js';

/** Compares checkpoints with their manifests (bytes, hash, columns, rows), and reports unknown files. */
export async function inspectCheckpoints(
  connection: DuckDBConnection,
  root: string,
  kept: Kept,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const checkpoint of kept.checkpoints) {
    problems.push(...(await inspectCheckpoint(connection, root, checkpoint)));
  }
  const named = new Set([
    ...kept.checkpoints.flatMap((one) => [checkpointPath(one.model), fileOfCheckpoint(one)]),
    ...kept.horizons.map(({ dataset }) => retentionMarkPath(dataset)),
  ]);
  const unreadable = new Map(kept.unreadable.map((file) => [file.path, file]));
  for (const entry of await walkZone(root, CHECKPOINTS)) {
    if (!named.has(entry.path)) problems.push(describeUnknown(entry, unreadable));
  }
  return problems;
}

function inspectCheckpoint(
  connection: DuckDBConnection,
  root: string,
  checkpoint: Checkpoint,
): Promise<Problem[]> {
  const columns = checkpoint.columns.map((column) => ({ ...column, treatment: 'checkpoint', shape: 'true' }));
  return inspectFile(connection, root, { ...checkpoint.file, path: fileOfCheckpoint(checkpoint) }, columns);
}

function describeUnknown({ path, kind }: Entry, unreadable: ReadonlyMap<string, UnreadableFile>): Problem {
  if (kind === 'link') return { path, problem: 'a link', risk: 'privacy' };
  const file = unreadable.get(path);
  if (file !== undefined) return problemOf(file);
  return { path, problem: 'no checkpoint names it', risk: 'privacy' };
}
