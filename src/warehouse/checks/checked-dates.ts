import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteTextList, readRows } from '../../base/duckdb.js';
import type { BronzeDataset } from '../landed-partition.js';
import type { InputState } from '../materializations/input-state.js';
import type { BuildScope } from '../transform-input.js';

/** Tracks which landed dates have been checked, so that a transform checks only new or changed dates. */

/** A date of a dataset that was checked, or of a table by an SQL file, and what was there then. */
export interface CheckedDate {
  /** Name of the dataset, or path of the SQL file. */
  readonly dataset: string;
  readonly date: string;
  readonly sha256: string;
}

export type IsChecked = (state: CheckedDate) => boolean;

/** Whether a date was checked as it is now. */
export async function readChecked(connection: DuckDBConnection): Promise<IsChecked> {
  await connection.run('create table if not exists ops.checked (dataset varchar, date date, sha256 varchar)');
  const rows = await readRows(connection, 'select dataset, date::varchar as day, sha256 from ops.checked');
  const checked = new Set(rows.map((row) => nameState(row['dataset'], row['day'], row['sha256'])));
  return ({ dataset, date, sha256 }) => checked.has(nameState(dataset, date, sha256));
}

/** The dates of each dataset that have changed since their last check, or that are requested. */
export function findUnchecked(
  datasets: readonly BronzeDataset[],
  bronze: ReadonlyMap<string, InputState>,
  scope: BuildScope,
  isChecked: IsChecked,
): { dataset: BronzeDataset; dates: string[] }[] {
  return datasets.map((dataset) => {
    const dates = describeDates(dataset, bronze).filter(
      (state) => typeof scope === 'string' || scope.includes(state.date) || !isChecked(state),
    );
    return { dataset, dates: dates.map(({ date }) => date) };
  });
}

/** What stays as it is: relations by name, and the pipelines that they belong to. */
export interface Kept {
  readonly relations: ReadonlySet<string>;
  readonly pipelines: readonly string[];
}

/** Records all landed dates as checked, and those that SQL checks have found nothing on. */
export async function bookChecked(
  connection: DuckDBConnection,
  datasets: readonly BronzeDataset[],
  bronze: ReadonlyMap<string, InputState>,
  passed: readonly CheckedDate[],
  kept: Kept,
): Promise<void> {
  const rows = [...datasets.flatMap((dataset) => describeDates(dataset, bronze)), ...passed];
  await connection.run(
    `delete from ops.checked where not list_contains(${quoteTextList(kept.relations)}::varchar[], 'bronze.' || dataset)
     and not list_contains(${quoteTextList(kept.pipelines)}::varchar[], split_part(dataset, '/', 2))`,
  );
  await connection.run(
    `insert into ops.checked select r->>'dataset', (r->>'date')::date, r->>'sha256'
     from (select unnest(from_json($rows::varchar, '["json"]')) as r)`,
    { rows: JSON.stringify(rows) },
  );
}

/** A date counts as changed if its rows or its checks have changed. */
function describeDates(
  { name, checks }: BronzeDataset,
  bronze: ReadonlyMap<string, InputState>,
): CheckedDate[] {
  if (checks.length === 0) return [];
  const rules = JSON.stringify(checks);
  return [...(bronze.get(`bronze.${name}`)?.byDate ?? [])].map(([date, landed]) => ({
    dataset: name,
    date,
    sha256: createHash('sha256').update(`${landed} ${rules}`).digest('hex'),
  }));
}

function nameState(...parts: unknown[]): string {
  return parts.join(' ');
}
