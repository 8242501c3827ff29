import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteText } from '../src/base/duckdb.js';
import type { Manifest } from '../src/base/types/manifest.js';
import { manifestPath, partitionPath } from '../src/lake/paths.js';
import type { Project } from '../src/project.js';
import { ITEMS_PER_ORDER, type SelectRows, type SoldDay } from './sold-day.js';

export interface MultipliedDate {
  /** A landed date. */
  readonly model: string;
  readonly date: string;
  readonly items: number;
  readonly selectRows: SelectRows;
}

/**
 * Lands the data of the date `model` on `date`, with the number of order items that `selectRows` makes. The manifests are
 * those of the model with other files.
 */
export async function multiplyDate(
  project: Project,
  { model, date, items, selectRows }: MultipliedDate,
): Promise<void> {
  const landed = (await project.lake.list()).filter((manifest) => manifest.date === model);
  const sourceOf = (dataset: string): string => {
    const manifest = landed.find((one) => one.dataset === dataset);
    return manifest === undefined ? '' : readFiles(project, manifest);
  };
  const number = Math.round(Date.parse(date) / 86_400_000);
  const day: SoldDay = { date, number, orders: Math.round(items / ITEMS_PER_ORDER), sourceOf };
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    for (const manifest of landed) {
      const path = join(project.lake.root, partitionPath({ ...manifest, date }, null));
      const draft = `${path}.draft`;
      await mkdir(dirname(path), { recursive: true });
      const select = selectRows(manifest.dataset, readFiles(project, manifest), day);
      await connection.run(`copy (${select}) to ${quoteText(draft)} (format parquet, compression zstd)`);
      await rename(draft, path);
      await describe(project, { ...manifest, date }, path);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function readFiles(project: Project, manifest: Manifest): string {
  return `read_parquet([${project.lake.filesOf(manifest).map(quoteText).join(', ')}])`;
}

async function describe(project: Project, manifest: Manifest, path: string): Promise<void> {
  const bytes = await readFile(path);
  const rows = await countRows(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = { name: basename(path), rows, bytes: bytes.length, sha256 };
  const counts = { ...manifest.counts, fetched: rows, landed: rows, rejected: 0, duplicates: 0 };
  const text = JSON.stringify({ ...manifest, files: [file], counts });
  await writeFile(join(project.lake.root, manifestPath(manifest)), text);
  // Without a record of what landed, the next command takes what is there.
  await rm(join(project.lake.root, '_landed'), { recursive: true, force: true });
}

async function countRows(path: string): Promise<number> {
  const { parquetMetadataAsync, asyncBufferFromFile } = await import('hyparquet');
  return Number((await parquetMetadataAsync(await asyncBufferFromFile(path))).num_rows);
}
