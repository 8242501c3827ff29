import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteTextList, readRows } from '../../base/duckdb.js';
import type { BronzeDataset } from '../landed-partition.js';
import type { InputState } from '../materializations/input-state.js';
import type { BuildScope } from '../transform-input.js';

/** Tracks which landed dates have been checked, so that a transform checks only new or changed dates. */

interface CheckedDate {
  readonly dataset: string;
  readonly date: string;
  readonly sha256: string;
}

/** The dates of each dataset that have changed since their last check, or that are requested. */
export async function findUnchecked(
  connection: DuckDBConnection,
  datasets: readonly BronzeDataset[],
  bronze: ReadonlyMap<string, InputState>,
  scope: BuildScope,
): Promise<{ dataset: BronzeDataset; dates: string[] }[]> {
  await connection.run('create table if not exists ops.checked (dataset varchar, date date, sha256 varchar)');
  const rows = await readRows(connection, 'select dataset, date::varchar as day, sha256 from ops.checked');
  const checked = new Set(rows.map((row) => nameState(row['dataset'], row['day'], row['sha256'])));
  return datasets.map((dataset) => {
    const dates = describeDates(dataset, bronze).filter(({ date, sha256 }) => {
      const isAsked = typeof scope === 'string' || scope.includes(date);
      return isAsked || !checked.has(nameState(dataset.name, date, sha256));
    });
    return { dataset, dates: dates.map(({ date }) => date) };
  });
}

/**
 * Records all landed dates as checked.
 * @param kept names of relations whose records stay as they are
 */
export async function bookChecked(
  connection: DuckDBConnection,
  datasets: readonly BronzeDataset[],
  bronze: ReadonlyMap<string, InputState>,
  kept: ReadonlySet<string>,
): Promise<void> {
  const rows = datasets.flatMap((dataset) => describeDates(dataset, bronze));
  await connection.run(
    `delete from ops.checked where not list_contains(${quoteTextList(kept)}::varchar[], 'bronze.' || dataset)`,
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
