import { quoteName, quoteText, quoteTextList } from '../duckdb.js';
import type { BronzeDataset, LandedPartition } from './landed-partition.js';

const FILE_COLUMN = '_file';
const INGEST_DATE = String.raw`cast(regexp_replace(landed._file, '^.*/([0-9]{4})/([0-9]{2})/([0-9]{2})/[^/]+$', '\1-\2-\3') as date)`;
const SLOT = String.raw`nullif(regexp_extract(landed._file, '\.T([0-9]{2})(\.[0-9]+)?\.parquet$', 1), '')`;

/**
 * The statement that makes `bronze.<dataset>`: an explicit list of files, each column cast to the landing list of now
 * (null where no file has it). `_ingest_date` is computed from the path alone, so that a filter on it leaves files out.
 * Typed and empty where nothing has landed.
 */
export function createBronzeView(
  dataset: BronzeDataset,
  partitions: readonly LandedPartition[],
  lakeDir: string,
): string {
  const files = partitions.flatMap((partition) => partition.files);
  const present = new Set(
    partitions.flatMap(({ manifest }) => manifest.columns.map((column) => column.name)),
  );
  const columns = dataset.columns.map(({ name, type }) => {
    const value = files.length > 0 && present.has(name) ? `landed.${quoteName(name)}` : 'null';
    return `cast(${value} as ${type}) as ${quoteName(name)}`;
  });
  return [
    `create view bronze.${quoteName(dataset.name)} as select`,
    `  ${[...columns, ...listOwnColumns(files.length > 0)].join(',\n  ')}`,
    ...(files.length > 0 ? [readFiles(files, lakeDir)] : ['where false']),
  ].join('\n');
}

function listOwnColumns(hasFiles: boolean): string[] {
  return [
    `${hasFiles ? INGEST_DATE : 'cast(null as date)'} as _ingest_date`,
    `${hasFiles ? SLOT : 'cast(null as varchar)'} as _slot`,
    `${hasFiles ? 'partition.run_id' : 'cast(null as varchar)'} as _run_id`,
    `${hasFiles ? 'partition.source' : 'cast(null as varchar)'} as _source`,
    `${hasFiles ? 'partition.landed_at' : 'cast(null as timestamptz)'} as _landed_at`,
  ];
}

function readFiles(files: readonly string[], lakeDir: string): string {
  return [
    `from read_parquet(${quoteTextList(files)}, union_by_name = true, filename = ${quoteText(FILE_COLUMN)}) as landed`,
    `left join ops.partitions as partition on landed._file = ${quoteText(`${lakeDir}/`)} || partition.file`,
  ].join('\n');
}
