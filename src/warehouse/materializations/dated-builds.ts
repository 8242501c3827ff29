import { quoteName, quoteText } from '../../base/duckdb.js';
import { DELETED } from '../../base/names.js';
import type { Assertion, Build, BuildTarget, CheckpointStart } from './materialization.js';

/** Shared parts of date-based materializations. */

/** Columns of the landing date, slot and position, in the order that decides the latest row. They are not stored in tables. */
export const LANDED_AT = ['_ingest_date', '_slot', '_position'] as const;

/** Columns of a SELECT that its table does not have. */
export const NOT_STORED = [...LANDED_AT, DELETED];

/** The rows of a table that are not deleted, without the column that says so. */
export function selectLive(
  table: string,
  { hasDeleted, rowOrder }: Pick<BuildTarget, 'hasDeleted' | 'rowOrder'>,
): string {
  const order = rowOrder === null ? '' : ` order by ${rowOrder}`;
  return hasDeleted
    ? `select * exclude (${DELETED}) from ${table} where ${DELETED} is not true${order}`
    : `from ${table}${order}`;
}

/** The later of two rows comes first; rows without a slot landed before slots were introduced. */
export const LATEST_FIRST = '_ingest_date desc, _slot desc nulls last, _position desc';

/** One build per date of the inputs. */
export function buildDates(
  { state, runId }: BuildTarget,
  dates: Iterable<readonly [string, string]>,
): Build[] {
  return [...dates].map(([date, inputsSha256]) => ({ date, sqlSha256: state.shape, inputsSha256, runId }));
}

/** The builds that are as they should be, those of dates that are not, and dates that no input has any more. */
export function findStaleDates(target: BuildTarget): {
  readonly kept: readonly Build[];
  readonly stale: readonly Build[];
  readonly gone: readonly string[];
} {
  const { state, built, forced } = target;
  const wanted = state.byDate ?? new Map<string, string>();
  const isSame = built.every(({ sqlSha256 }) => sqlSha256 === state.shape);
  const kept = built.filter(
    ({ date, inputsSha256 }) =>
      isSame && date !== null && wanted.get(date) === inputsSha256 && !forced.has(date),
  );
  const keptDates = new Set(kept.map(({ date }) => date));
  const stale = buildDates(
    target,
    [...wanted].filter(([date]) => !keptDates.has(date)),
  );
  const gone = built.flatMap(({ date }) => (date === null || wanted.has(date) ? [] : [date]));
  return { kept, stale, gone };
}

/**
 * The dates that have come after all that are built, in order, where nothing else has changed; null where a table that
 * depends on all dates must be made anew.
 */
export function findLaterDates({ state, built, forced }: BuildTarget): (readonly [string, string])[] | null {
  const wanted = state.byDate ?? new Map<string, string>();
  const isAsBuilt = built.every(
    ({ date, sqlSha256, inputsSha256 }) =>
      date !== null && sqlSha256 === state.shape && wanted.get(date) === inputsSha256 && !forced.has(date),
  );
  if (built.length === 0 || !isAsBuilt) return null;
  const builtDates = new Set(built.map(({ date }) => date));
  const last = findLastDate(built);
  const added = [...wanted].filter(([date]) => !builtDates.has(date));
  return added.every(([date]) => date > last) ? added : null;
}

/** The dates that come after what a table starts from. */
export function listAfterStart({ state, start }: BuildTarget): (readonly [string, string])[] {
  return [...(state.byDate ?? [])].filter(([date]) => date !== start?.lastDate);
}

/** Fills a new and empty table from its checkpoint, which must have the columns and types that the SELECT gives now. */
export function fillFromStart(
  { relation, rowOrder }: Pick<BuildTarget, 'relation' | 'rowOrder'>,
  { path }: CheckpointStart,
): (string | Assertion)[] {
  const file = `read_parquet(${quoteText(path)})`;
  const [table, landed] = [relation, file].map(
    (from) => `select column_name, column_type from (describe select * from ${from})`,
  );
  return [
    {
      countOf: `select count(*) from ((${table} except ${landed}) union all (${landed} except ${table}))`,
      problem: 'its columns differ from those of its checkpoint',
      fix: 'land the columns with their former types, or rename the model',
    },
    `insert into ${relation} by name select * from ${file}${rowOrder === null ? '' : ` order by ${rowOrder}`}`,
  ];
}

/** The last date that is built; '' if none is. */
export function findLastDate(built: readonly Build[]): string {
  return built.reduce((last, { date }) => (date !== null && date > last ? date : last), '');
}

/** Uses literals instead of parameters, so that the filter prunes the file list of a bronze view at bind time. */
export function isIn(column: string, dates: readonly string[]): string {
  if (dates.length === 0) return 'false';
  return `${column} in (${dates.map((date) => `date '${date}'`).join(', ')})`;
}

/** Whether rows `old` and `fresh` have the same key; nulls are equal. */
export function isSameKey(key: readonly string[]): string {
  return key
    .map((name) => `old.${quoteName(name)} is not distinct from fresh.${quoteName(name)}`)
    .join(' and ');
}

/** Parses `a, b` or `a`; null if it is not a list of columns. */
export function readColumns(text: string): readonly string[] | null {
  const names = text.split(',').map((name) => name.trim());
  const isList = names.every((name) => /^[a-z_][a-z0-9_]*$/.test(name));
  return isList && new Set(names).size === names.length ? names : null;
}

export function quoteColumns(names: readonly string[]): string {
  return names.map(quoteName).join(', ');
}

/** Rejects ties: two rows of one key with the same date, slot and position. */
export function assertOneOf(key: readonly string[], relation: string) {
  const columns = quoteColumns(key);
  return {
    countOf: `select count(*) from (select 1 from ${relation} group by ${columns} having count(*) > 1)`,
    problem: `the SELECT returns several rows per ${key.join(', ')} for one landed row`,
    fix: 'return at most one row for each landed row, or add a distinguishing column to the key',
  };
}
