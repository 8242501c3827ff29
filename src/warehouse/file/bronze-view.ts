import { quoteName, quoteText, quoteTextList } from '../../base/duckdb.js';
import { failure } from '../../base/errors.js';
import type { BronzeDataset, LandedPartition } from '../landed-partition.js';

const DAY_FOLDERS = String.raw`'^.*/([0-9]{4})/([0-9]{2})/([0-9]{2})/[^/]+$'`;
const SLOT_NAME = String.raw`'\.T([0-9]{2})(\.[0-9]+)?\.parquet$'`;

/**
 * The statement that creates `bronze.<dataset>`: an explicit list of files, with each column cast to the current landing
 * list (null if no file has it). `_ingest_date` is computed from the path, so that a filter on it prunes files.
 * `_position` counts the rows of a date and slot from 0, over all parts. Typed and empty if nothing has landed.
 * @throws E_DEFINITION for a landed column that hides DuckDB's `file_row_number`
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
  if (present.has(ROW_NUMBER)) throw assertRowNumbers(dataset.name);
  const hasFiles = files.length > 0;
  const landing = dataset.columns.map(({ name, type }) => {
    const value = hasFiles && present.has(name) ? `landed.${quoteName(name)}` : 'null';
    return `cast(${value} as ${type}) as ${quoteName(name)}`;
  });
  // DuckDB prunes files only by its own column `filename`; another name is correct too, but reads all files.
  const path = present.has('filename') ? '_file' : 'filename';
  const own = hasFiles ? describeRows(`landed.${path}`) : NO_ROWS;
  return [
    `create view bronze.${quoteName(dataset.name)} as select`,
    `  ${[...landing, ...own].join(',\n  ')}`,
    ...(hasFiles ? readFiles(partitions, path, lakeDir) : ['where false']),
  ].join('\n');
}

/** DuckDB's virtual column, which a file's column of that name would hide. */
const ROW_NUMBER = 'file_row_number';

function assertRowNumbers(dataset: string) {
  const problem = `dataset ${dataset} has landed a column ${ROW_NUMBER}, a name that DuckDB reserves`;
  const fix = 'rename the landing column and run its dates again';
  return failure('E_DEFINITION', { problem, fix }, { dataset, stage: 'transform' });
}

function describeRows(path: string): string[] {
  return [
    String.raw`cast(regexp_replace(${path}, ${DAY_FOLDERS}, '\1-\2-\3') as date) as _ingest_date`,
    `nullif(regexp_extract(${path}, ${SLOT_NAME}, 1), '') as _slot`,
    `partition.rows_before + landed.${ROW_NUMBER} as _position`,
    'partition.run_id as _run_id',
    'partition.source as _source',
    'partition.landed_at as _landed_at',
  ];
}

/** Columns of every bronze view in addition to the landed ones, with their types. */
export const ROW_COLUMNS = {
  _ingest_date: 'DATE',
  _slot: 'VARCHAR',
  _position: 'BIGINT',
  _run_id: 'VARCHAR',
  _source: 'VARCHAR',
  _landed_at: 'TIMESTAMPTZ',
} as const;

const NO_ROWS = Object.entries(ROW_COLUMNS).map(([name, type]) => `cast(null as ${type}) as ${name}`);

function readFiles(partitions: readonly LandedPartition[], path: string, lakeDir: string): string[] {
  const files = partitions.flatMap((partition) => partition.files);
  // A union opens every file before the first row is read; where all have the same columns, one tells as much.
  const union = haveSameColumns(partitions) ? '' : 'union_by_name = true, ';
  const options = `${union}filename = ${path === 'filename' ? 'true' : quoteText(path)}`;
  return [
    `from read_parquet(${quoteTextList(files)}, ${options}) as landed`,
    `left join ops.partitions as partition on landed.${path} = ${quoteText(`${lakeDir}/`)} || partition.file`,
  ];
}

function haveSameColumns(partitions: readonly LandedPartition[]): boolean {
  const landed = partitions.filter(({ files }) => files.length > 0);
  const lists = landed.map(({ manifest }) =>
    manifest.columns.map(({ name, type }) => `${name} ${type}`).join(),
  );
  return new Set(lists).size <= 1;
}

/** The statement that creates `bronze.<dataset>` as an empty table with the same columns, for model tests. */
export function createBronzeTable({ name, columns }: BronzeDataset): string {
  const types = [...columns.map((column) => [column.name, column.type]), ...Object.entries(ROW_COLUMNS)];
  const list = types.map(([column = '', type = '']) => `${quoteName(column)} ${type}`).join(', ');
  return `create table bronze.${quoteName(name)} (${list})`;
}
