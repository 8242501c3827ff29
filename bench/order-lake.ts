import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteText } from '../src/duckdb.js';
import { manifestPath, partitionPath } from '../src/lake/paths.js';
import type { Manifest } from '../src/manifest.js';
import type { Project } from '../src/project.js';

const ITEMS_PER_ORDER = 3;

const PRODUCTS = 20;

interface Day {
  readonly date: string;
  /** Days since 1970. */
  readonly number: number;
  readonly orders: number;
  /** Where the tokens of users are. */
  readonly users: string;
}

/**
 * Gives `date` what landed on the date `model`, but with so many order items, and prices of its own each month. The
 * manifests are those of the model with other files.
 */
export async function multiplyDate(
  project: Project,
  model: string,
  date: string,
  items: number,
): Promise<void> {
  const landed = (await project.lake.list()).filter((manifest) => manifest.date === model);
  const users = landed.find(({ dataset }) => dataset === 'store_users');
  const day: Day = {
    date,
    number: Math.round(Date.parse(date) / 86_400_000),
    orders: Math.round(items / ITEMS_PER_ORDER),
    users: users === undefined ? '' : readFiles(project, users),
  };
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

function selectRows(dataset: string, source: string, { date, number, orders, users }: Day): string {
  switch (dataset) {
    case 'store_carts':
      return `select ${number} * 100000 + n as order_id,
          (select list(user_token order by user_token) from ${users})[1 + n % 10] as user_token,
          timestamptz '${date} 00:00:00+00' + to_seconds(n % 86400) as ordered_at
        from range(${orders}) as numbers(n)`;
    case 'store_cart_items':
      return `select ${number} * 100000 + n as order_id, 1 + (n * 7 + k) % ${PRODUCTS} as product_id,
          1 + (n + k) % 3 as quantity
        from range(${orders}) as numbers(n), range(${ITEMS_PER_ORDER}) as items(k)`;
    case 'store_products':
      return `select * replace (cast(price * (100 + month(date '${date}')) / 100 as decimal(18, 2)) as price) from ${source}`;
    default:
      return `from ${source}`;
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
}

async function countRows(path: string): Promise<number> {
  const { parquetMetadataAsync, asyncBufferFromFile } = await import('hyparquet');
  return Number((await parquetMetadataAsync(await asyncBufferFromFile(path))).num_rows);
}
