import { quoteName } from '../../duckdb.js';
import { quoteColumns } from './dated-builds.js';

export interface HistoryRule {
  readonly key: readonly string[];
  /** Columns whose change begins a new row. */
  readonly watched: readonly string[];
  /** Whether a key that a landed date lacks has ended. */
  readonly closesDeletes: boolean;
}

/**
 * Gaps and islands over landed dates. `days` is a query of at most one row a key and `_day`, with `_since`, the
 * day from which it has held. Gives its other columns with `valid_from` and `valid_to`. A watched column that `is
 * distinct from` the one before begins an island, and so, where deletes close, does a landed date in between. An island
 * is valid to the next landed date that is not in it, which is where the next one begins; where deletes close, to the
 * next landed date.
 */
export function selectIslands(rule: HistoryRule, days: string, landedDates: readonly string[]): string {
  const key = quoteColumns(rule.key);
  const changes = rule.watched.map(
    (name) => `${quoteName(name)} is distinct from lag(${quoteName(name)}) over days`,
  );
  if (rule.closesDeletes) changes.push('_ordinal - lag(_ordinal) over days > 1');
  const next = `lead(_begin) over (partition by ${key} order by _begin)`;
  return `with landed as (${listDays(landedDates)}),
    marked as (
      select day.*, landed.ordinal as _ordinal, landed.following as _following
      from (${days}) as day left join landed on landed.day = day._day
    ),
    begun as (
      select *, row_number() over days = 1 or ${changes.join(' or ')} as _begins
      from marked window days as (partition by ${key} order by _day)
    ),
    numbered as (
      select *, count(*) filter (_begins) over (partition by ${key} order by _day rows unbounded preceding) as _island
      from begun
    ),
    islands as (
      select *, min(_since) over (partition by ${key}, _island) as _begin
      from numbered
      qualify row_number() over (partition by ${key}, _island order by _day desc) = 1
    )
    select * exclude (_day, _since, _ordinal, _following, _begins, _island, _begin),
      _begin as valid_from,
      ${rule.closesDeletes ? '_following' : next} as valid_to
    from islands`;
}

/** Each landed date with its number and the one after it. */
function listDays(dates: readonly string[]): string {
  const list = dates.map((date) => `'${date}'`).join(', ');
  return `select day, row_number() over (order by day) as ordinal, lead(day) over (order by day) as following
    from (select unnest([${list}]::date[]) as day)`;
}
