import { quoteName } from '../../base/duckdb.js';
import { DELETED } from '../../base/names.js';
import {
  assertOneOf,
  buildDates,
  fillFromStart,
  findLastDate,
  findLaterDates,
  isIn,
  isSameKey,
  LANDED_AT,
  LATEST_FIRST,
  listAfterStart,
  NOT_STORED,
  quoteColumns,
  readColumns,
  selectLive,
} from './dated-builds.js';
import {
  type BuildPlan,
  type BuildTarget,
  type CheckpointStart,
  type Materialization,
  planNothing,
  readDeletes,
} from './materialization.js';

/**
 * A history of each key: one row for each period of landed dates in which the named columns stay the same, with
 * `valid_from` and `valid_to` (exclusive; null if current). A deleted row ends the period. Other columns have the last landed value of the period. Dates
 * after all built dates are added; any other change rebuilds the table from all dates.
 */
export const HISTORY: Materialization = {
  usage: 'history on KEY (columns…)',
  keys: ['deletes'],
  followsDates: true,
  isDated: false,
  isView: false,
  removesDeleted: true,
  parse: (text, head) => {
    const [, keyText = '', watchedText = ''] = /^history on ([^()]+?) *\(([^()]+)\)$/.exec(text) ?? [];
    const [key, watched] = [readColumns(keyText), readColumns(watchedText)];
    const deletes = readDeletes(head);
    if (key === null || watched === null || deletes === undefined) return null;
    const rule = { key, watched, closesDeletes: deletes === 'close' };
    const plan = (target: BuildTarget) => planHistory(target, rule);
    const dated = [...key, ...watched, '_ingest_date'];
    return {
      needs: [...key, ...watched, ...LANDED_AT],
      hides: NOT_STORED,
      key: [...key, 'valid_from'],
      dateColumn: null,
      adds: new Map([
        ['valid_from', dated],
        ['valid_to', dated],
      ]),
      closesDeletes: rule.closesDeletes,
      plan,
    };
  },
};

function planHistory(target: BuildTarget, rule: HistoryRule): BuildPlan {
  const later = findLaterDates(target);
  if (later?.length === 0) return planNothing(target);
  return later === null ? planAll(target, rule) : planLater(target, rule, later);
}

function planAll(target: BuildTarget, rule: HistoryRule): BuildPlan {
  const dates = target.state.byDate ?? new Map<string, string>();
  return {
    steps: target.start === null ? makeAnew(target, rule) : startAnew(target, rule, target.start),
    builds: buildDates(target, dates),
    extent: 'full',
    dates: dates.size,
  };
}

function makeAnew(target: BuildTarget, rule: HistoryRule): BuildPlan['steps'] {
  const { relation } = target;
  return [
    `create temp table fresh as ${selectDays(target, rule, 'true')}`,
    assertOneOf([...rule.key, '_day'], 'fresh'),
    `drop table if exists ${relation}`,
    `create table ${relation} as ${selectIslands(rule, 'from fresh', target)}`,
    'drop table fresh',
  ];
}

function startAnew(target: BuildTarget, rule: HistoryRule, start: CheckpointStart): BuildPlan['steps'] {
  const { relation } = target;
  return [
    `drop table if exists ${relation}`,
    `create table ${relation} as ${selectIslands(rule, selectDays(target, rule, 'false'), target)}`,
    ...fillFromStart(target, start),
    ...addDates(target, rule, listAfterStart(target), start.lastDate),
  ];
}

function planLater(
  target: BuildTarget,
  rule: HistoryRule,
  later: readonly (readonly [string, string])[],
): BuildPlan {
  const { built, landedDates } = target;
  const lastDay = findLastDate(built.filter(({ date }) => date !== null && landedDates.includes(date)));
  return {
    steps: addDates(target, rule, later, lastDay === '' ? findLastDate(built) : lastDay),
    builds: [...built, ...buildDates(target, later)],
    extent: 'incremental',
    dates: later.length,
  };
}

/** Current rows continue as if they had landed on the last date of the table, and keep their start. */
function addDates(
  target: BuildTarget,
  rule: HistoryRule,
  later: readonly (readonly [string, string])[],
  lastDay: string,
): BuildPlan['steps'] {
  const { relation, hasDeleted } = target;
  const dates = later.map(([date]) => date);
  // If deletes do not close rows, only keys that landed again can change.
  const isTouched = rule.closesDeletes ? 'true' : `exists (from fresh where ${isSameKey(rule.key)})`;
  const lasting = `select * exclude (valid_from, valid_to), date '${lastDay}' as _day,
    valid_from as _since${hasDeleted ? `, false as ${DELETED}` : ''} from ${relation} as old where valid_to is null and ${isTouched}`;
  return [
    `create temp table fresh as ${selectDays(target, rule, isIn('_ingest_date', dates))}`,
    assertOneOf([...rule.key, '_day'], 'fresh'),
    `create temp table islands as ${selectIslands(rule, `${lasting} union all by name from fresh`, target)}`,
    `delete from ${relation} as old where valid_to is null and ${isTouched}`,
    `insert into ${relation} by name from islands`,
    'drop table islands',
    'drop table fresh',
  ];
}

/** The last row of each key and date, with its date as `_day`. */
function selectDays({ sql, hasDeleted }: BuildTarget, { key }: HistoryRule, isWanted: string): string {
  const flag = hasDeleted ? ` replace (coalesce(${DELETED}, false) as ${DELETED})` : '';
  return `select * exclude (${LANDED_AT.join(', ')})${flag}, _ingest_date as _day, _ingest_date as _since
    from (\n${sql}\n) as model where ${isWanted}
    qualify rank() over (partition by ${quoteColumns(key)}, _ingest_date order by ${LATEST_FIRST}) = 1`;
}

interface HistoryRule {
  readonly key: readonly string[];
  /** Columns whose change starts a new row. */
  readonly watched: readonly string[];
  /** Whether a key missing on a landed date has ended. */
  readonly closesDeletes: boolean;
}

/**
 * Gaps and islands over landed dates. `days` is a query of at most one row per key and `_day`, with `_since`, the first
 * day of its value. Returns its other columns with `valid_from` and `valid_to`. An island starts where a watched column
 * `is distinct from` the previous one, where a key is deleted or comes back, and, if deletes close, after a landed date without the key. An island is valid
 * until the next one starts; if deletes close, until the next landed date after it.
 */
function selectIslands(
  rule: HistoryRule,
  days: string,
  { landedDates, hasDeleted, rowOrder }: BuildTarget,
): string {
  const key = quoteColumns(rule.key);
  const watched = hasDeleted ? [...rule.watched, DELETED] : rule.watched;
  const changes = watched.map(
    (name) => `${quoteName(name)} is distinct from lag(${quoteName(name)}) over days`,
  );
  if (rule.closesDeletes) changes.push('_ordinal - lag(_ordinal) over days > 1');
  const next = `lead(_begin) over (partition by ${key} order by _begin)`;
  return `with landed as (${listDays(landedDates)}),
    marked as (
      select day.*, landed.ordinal as _ordinal, landed.following as _following
      from (${days}) as day left join landed on landed.day = day._day
    ),
    changed as (
      select *, row_number() over days = 1 or ${changes.join(' or ')} as _begins
      from marked window days as (partition by ${key} order by _day)
    ),
    numbered as (
      select *, count(*) filter (_begins) over (partition by ${key} order by _day rows unbounded preceding) as _island
      from changed
    ),
    islands as (
      select *, min(_since) over (partition by ${key}, _island) as _begin
      from numbered
      qualify row_number() over (partition by ${key}, _island order by _day desc) = 1
    ),
    periods as (
      select * exclude (_day, _since, _ordinal, _following, _begins, _island, _begin),
        _begin as valid_from,
        ${rule.closesDeletes ? '_following' : next} as valid_to
      from islands
    )
    ${selectLive('periods', { hasDeleted, rowOrder })}`;
}

/** Each landed date with its ordinal and the next date. */
function listDays(dates: readonly string[]): string {
  const list = dates.map((date) => `'${date}'`).join(', ');
  return `select day, row_number() over (order by day) as ordinal, lead(day) over (order by day) as following
    from (select unnest([${list}]::date[]) as day)`;
}
