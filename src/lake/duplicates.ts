import type { DuckDBConnection } from '@duckdb/node-api';
import { custodyQuery, readCustody } from '../base/custody.js';
import { quoteName, readRows, toNumber } from '../base/duckdb.js';
import { failure } from '../base/errors.js';
import type { Custody, MaskedSegment } from '../base/types/record.js';
import { type LandingPlan, relationOf } from './landing-plan.js';

/** Duplicates: rows with the key of another row of the same date. They do not land. */
export interface Losers {
  /** Table of (page, position), or null if there is none. */
  readonly table: string | null;
  readonly count: number;
  readonly custody: Custody;
}

const TABLE = 'duplicates';

/**
 * Finds all rows but one of each key, by (page, position). Keys are first counted by their hash, which needs a tenth
 * of the memory; only collisions are compared by value. As in SQL, a key with a null part is never a
 * duplicate.
 * @throws E_DUPLICATES if the definition has `on_duplicate: fail`
 */
export async function findLosers(
  connection: DuckDBConnection,
  plan: LandingPlan,
  segments: readonly MaskedSegment[],
): Promise<Losers> {
  const names = plan.columns.map(({ name }) => name);
  const none: Losers = { table: null, count: 0, custody: readCustody(names, undefined) };
  if (plan.primaryKey.length === 0) return none;

  const rows = relationOf(segments.map(({ path }) => path));
  const key = plan.primaryKey.map(quoteName).join(', ');
  const named = plan.primaryKey.map((name) => `${quoteName(name)} is not null`).join(' and ');
  await connection.run(
    `create or replace temp table suspects as select hash(${key}) as key_hash from ${rows} where ${named} group by 1 having count(*) > 1`,
  );
  const [suspects] = await readRows(connection, 'select count(*) as n from suspects');
  if (toNumber(suspects?.['n']) === 0) return none;

  const direction = plan.onDuplicate === 'keep_first' ? 'asc' : 'desc';
  await connection.run(`create or replace temp table ${TABLE} as
    select "page", "position"
    from ${rows}
    where ${named} and hash(${key}) in (select key_hash from suspects)
    qualify row_number() over (partition by ${key} order by "page" ${direction}, "position" ${direction}) > 1`);
  const lost = `(select rows.* from ${rows} as rows join ${TABLE} using ("page", "position"))`;
  const [row] = await readRows(connection, custodyQuery(names, lost));
  const custody = readCustody(names, row);
  if (custody.rows === 0) return none;
  if (plan.onDuplicate === 'fail')
    throw failure('E_DUPLICATES', { dataset: plan.dataset, count: custody.rows });
  return { table: TABLE, count: custody.rows, custody };
}
