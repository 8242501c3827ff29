import type { DuckDBConnection } from '@duckdb/node-api';
import { custodyQuery, readCustody } from '../base/custody.js';
import { quoteName, readRows, toNumber } from '../base/duckdb.js';
import { failure } from '../base/errors.js';
import { isObject } from '../base/json-values.js';
import type { Custody, MaskedSegment } from '../base/types/record.js';
import { type LandingPlan, relationOf } from './landing-plan.js';

/** Duplicates: rows with the key of another row of the same date. They do not land. */
export interface Losers {
  /** Records that came on two pages; null if none did, or if that cannot be told. */
  readonly pageDrift: PageDrift | null;
  /** Table of (page, position), or null if there is none. */
  readonly table: string | null;
  readonly count: number;
  readonly custody: Custody;
}

/** Records that came twice, and two pages on which one of them did, counted from 1. */
export interface PageDrift {
  readonly count: number;
  readonly pages: [number, number];
}

/** A row of the pull: its page, from 0, and its position there. */
interface Place {
  readonly page: number;
  readonly position: number;
}

/** Whether two places hold the same record, every field of it; null where places are not remembered. */
export type AreSame = ((one: Place, other: Place) => boolean) | null;

const TABLE = 'duplicates';

/**
 * Finds all rows but one of each key, by (page, position). Keys are first counted by their hash, which needs a tenth
 * of the memory; only collisions are compared by value. As in SQL, a key with a null part is never a
 * duplicate.
 * @throws E_DUPLICATES if the definition has `on_duplicate: fail`, and they are no page drift
 */
export async function findLosers(
  connection: DuckDBConnection,
  plan: LandingPlan,
  segments: readonly MaskedSegment[],
  areSame: AreSame,
): Promise<Losers> {
  const names = plan.columns.map(({ name }) => name);
  const none: Losers = { pageDrift: null, table: null, count: 0, custody: readCustody(names, undefined) };
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
  const repeats = `${rows} where ${named} and hash(${key}) in (select key_hash from suspects)`;
  const pageDrift = areSame === null ? null : await findPageDrift(connection, repeats, key, areSame);
  if (plan.onDuplicate === 'fail' && pageDrift === null)
    throw failure('E_DUPLICATES', { dataset: plan.dataset, count: custody.rows });
  return { pageDrift, table: TABLE, count: custody.rows, custody };
}

/** The rows of a key that hold the same record on two pages. The same key with other content is an update. */
async function findPageDrift(
  connection: DuckDBConnection,
  repeats: string,
  key: string,
  areSame: NonNullable<AreSame>,
): Promise<PageDrift | null> {
  const groups = await readRows(
    connection,
    `select list("page" order by "page", "position")::integer[] as pages, list("position" order by "page", "position")::integer[] as positions
    from ${repeats} group by ${key} having min("page") < max("page") order by min("page"), min("position")`,
  );
  let count = 0;
  let pages: PageDrift['pages'] | null = null;
  for (const group of groups) {
    const places = readPlaces(group);
    for (const [index, place] of places.entries()) {
      const earlier = places
        .slice(0, index)
        .find((other) => other.page !== place.page && areSame(other, place));
      if (earlier === undefined) continue;
      count++;
      pages ??= [earlier.page + 1, place.page + 1];
    }
  }
  return pages === null ? null : { count, pages };
}

function readPlaces({ pages, positions }: Readonly<Record<string, unknown>>): Place[] {
  const [first, second] = [pages, positions].map(readList);
  return (first ?? []).map((page, index) => ({ page, position: second?.[index] ?? 0 }));
}

function readList(value: unknown): number[] {
  const items: unknown = isObject(value) ? value['items'] : [];
  return Array.isArray(items) ? items.map(Number) : [];
}
