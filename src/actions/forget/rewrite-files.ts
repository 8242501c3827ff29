import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { custodyQuery, findDifference, readCustody, subtractCustody } from '../../base/custody.js';
import { quoteName, quoteText, readRows, toFailure } from '../../base/duckdb.js';
import { failure } from '../../base/errors.js';
import { hashFile } from '../../base/files/durable.js';
import type { Checkpoint } from '../../base/types/checkpoint.js';
import type { ErasedCheckpoint, ErasedPartition } from '../../base/types/erasure.js';
import type { Manifest } from '../../base/types/manifest.js';
import { type Rewritten, stagedCheckpoint } from '../../lake/removal.js';
import type { Project } from '../../project.js';
import type { Search } from './plan-search.js';
import { type Found, type FoundPartition, inCheckpoint, inPartition, relationOf } from './search-people.js';

/** What was written to staging. */
export interface RewrittenFiles {
  readonly partitions: readonly (Rewritten & { readonly erased: ErasedPartition })[];
  readonly checkpoints: readonly { readonly checkpoint: Checkpoint; readonly erased: ErasedCheckpoint }[];
}

/**
 * Writes each file without the rows of the people, and proves that nothing else is missing. A file without such rows is
 * not written again.
 * @throws E_CUSTODY, E_DISK, E_MEMORY
 */
export async function rewriteFiles(
  connection: DuckDBConnection,
  project: Project,
  stagingDir: string,
  search: Search,
  found: Found,
): Promise<RewrittenFiles> {
  const room = { connection, project, stagingDir };
  const partitions: (Rewritten & { erased: ErasedPartition })[] = [];
  const { progress } = project.effects;
  const rows = found.partitions.reduce((sum, { manifest }) => sum + manifest.counts.landed, 0);
  if (rows > 0) progress.start('Erasing', rows);
  for (const partition of found.partitions) {
    partitions.push(await rewritePartition(room, search, partition));
    progress.advance(partition.manifest.counts.landed);
  }
  progress.stop();
  const checkpoints: { checkpoint: Checkpoint; erased: ErasedCheckpoint }[] = [];
  for (const { checkpoint, path } of found.checkpoints) {
    const { file, model } = checkpoint;
    const names = checkpoint.columns.map(({ name }) => name);
    const written = await rewrite(
      room,
      { path, names, is: inCheckpoint(checkpoint) },
      stagedCheckpoint(model),
    );
    checkpoints.push({
      checkpoint: { ...checkpoint, file: { ...file, ...written } },
      erased: {
        model,
        rows_before: file.rows,
        rows_after: written.rows,
        file: { name: file.name, sha256_before: file.sha256, sha256_after: written.sha256 },
      },
    });
  }
  return { partitions, checkpoints };
}

interface Room {
  readonly connection: DuckDBConnection;
  readonly project: Project;
  readonly stagingDir: string;
}

async function rewritePartition(room: Room, search: Search, { manifest, files }: FoundPartition) {
  const names = manifest.columns.map(({ name }) => name);
  const is = inPartition(search, (name) => names.includes(name));
  const written = new Map<string, Written & { staged: string }>();
  for (const { name, path } of files) {
    const staged = `${manifest.date}.${name}`;
    written.set(name, { staged, ...(await rewrite(room, { path, names, is }, staged)) });
  }
  const next = manifest.files.map((file) => {
    const { rows, bytes, sha256 } = written.get(file.name) ?? file;
    return { name: file.name, rows, bytes, sha256 };
  });
  const { dataset, date, slot, counts } = manifest;
  const landed = next.reduce((sum, { rows }) => sum + rows, 0);
  const forgotten = counts.forgotten + counts.landed - landed;
  const changed: Manifest = {
    ...manifest,
    revision: (manifest.revision ?? 1) + 1,
    files: next,
    counts: { ...counts, landed, forgotten },
  };
  return {
    manifest: changed,
    files: [...written].map(([name, { staged, sha256 }]) => ({ name, staged, sha256 })),
    erased: {
      dataset,
      date,
      slot,
      rows_before: counts.landed,
      rows_after: landed,
      files: manifest.files.flatMap(({ name, sha256 }) => {
        const after = written.get(name);
        return after === undefined ? [] : [{ name, sha256_before: sha256, sha256_after: after.sha256 }];
      }),
    },
  };
}

interface Written {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Rows keep their order. */
async function rewrite(
  { connection, project, stagingDir }: Room,
  { path, names, is }: { readonly path: string; readonly names: readonly string[]; readonly is: string },
  staged: string,
): Promise<Written> {
  project.effects.signal.throwIfAborted();
  const to = join(stagingDir, staged);
  const source = relationOf([path]);
  const list = names.map(quoteName).join(', ');
  const { compression } = project.config;
  const level = compression === 'zstd' ? ', compression_level 1' : '';
  try {
    await connection.run(
      `copy (select ${list} from ${source} where not ${is} order by file_row_number)
        to ${quoteText(to)} (format parquet, compression ${compression}${level})`,
    );
    const custodyOf = async (relation: string) =>
      readCustody(names, (await readRows(connection, custodyQuery(names, relation)))[0]);
    const whole = await custodyOf(source);
    const gone = await custodyOf(`(select * from ${source} where ${is})`);
    const kept = await custodyOf(relationOf([to]));
    const column = findDifference(names, subtractCustody(names, whole, gone), kept);
    if (column !== null) throw failure('E_CUSTODY', { column, dataset: staged });
    return { rows: kept.rows, ...(await hashFile(to)) };
  } catch (error) {
    throw toFailure(error, { path: staged, memoryLimitMb: 1024 }, (kind) =>
      failure('E_LAND', { dataset: staged, kind }),
    );
  }
}
