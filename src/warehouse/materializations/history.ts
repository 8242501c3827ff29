import {
  LANDED_AT,
  LATEST_FIRST,
  assertOneOf,
  buildDates,
  fillFromStart,
  findLastDate,
  findLaterDates,
  isIn,
  isSameKey,
  listAfterStart,
  quoteColumns,
  readColumns,
} from './dated-builds.js';
import { selectIslands } from './islands.js';
import type { HistoryRule } from './islands.js';
import { planNothing } from './materialization.js';
import type { BuildPlan, BuildTarget, CheckpointStart, Materialization } from './materialization.js';

/**
 * A table of what a key was like, and when: one row for each stretch of landed dates in which the columns named stay
 * the same, with `valid_from` and `valid_to` (exclusive; null while it lasts). Other columns are as they landed last in
 * that stretch. Dates that come after all others are added; any other change makes it anew from all dates.
 */
export const HISTORY: Materialization = {
  usage: 'history on KEY (columns…)',
  keys: ['deletes'],
  followsDates: true,
  isDated: false,
  isView: false,
  parse: (text, head) => {
    const [, keyText = '', watchedText = ''] = /^history on ([^()]+?) *\(([^()]+)\)$/.exec(text) ?? [];
    const [key, watched] = [readColumns(keyText), readColumns(watchedText)];
    const deletes = head.get('deletes');
    if (key === null || watched === null || (deletes !== undefined && deletes !== 'close')) return null;
    const rule = { key, watched, closesDeletes: deletes === 'close' };
    const plan = (target: BuildTarget) => planHistory(target, rule);
    const dated = [...key, ...watched, '_ingest_date'];
    return {
      needs: [...key, ...watched, ...LANDED_AT],
      hides: LANDED_AT,
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

function makeAnew({ relation, sql, landedDates }: BuildTarget, rule: HistoryRule): BuildPlan['steps'] {
  return [
    `create temp table fresh as ${selectDays(sql, rule, 'true')}`,
    assertOneOf([...rule.key, '_day'], 'fresh'),
    `drop table if exists ${relation}`,
    `create table ${relation} as ${selectIslands(rule, 'from fresh', landedDates)}`,
    'drop table fresh',
  ];
}

function startAnew(target: BuildTarget, rule: HistoryRule, start: CheckpointStart): BuildPlan['steps'] {
  const { relation, sql, landedDates } = target;
  return [
    `drop table if exists ${relation}`,
    `create table ${relation} as ${selectIslands(rule, selectDays(sql, rule, 'false'), landedDates)}`,
    ...fillFromStart(relation, start),
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

/** What lasts so far goes on as if it had landed on the last day that the table holds, with the start that it has. */
function addDates(
  { relation, sql, landedDates }: BuildTarget,
  rule: HistoryRule,
  later: readonly (readonly [string, string])[],
  lastDay: string,
): BuildPlan['steps'] {
  const dates = later.map(([date]) => date);
  // Where absence ends nothing, only keys that landed again can change.
  const isTouched = rule.closesDeletes ? 'true' : `exists (from fresh where ${isSameKey(rule.key)})`;
  const lasting = `select * exclude (valid_from, valid_to), date '${lastDay}' as _day,
    valid_from as _since from ${relation} as old where valid_to is null and ${isTouched}`;
  return [
    `create temp table fresh as ${selectDays(sql, rule, isIn('_ingest_date', dates))}`,
    assertOneOf([...rule.key, '_day'], 'fresh'),
    `create temp table islands as ${selectIslands(rule, `${lasting} union all by name from fresh`, landedDates)}`,
    `delete from ${relation} as old where valid_to is null and ${isTouched}`,
    `insert into ${relation} by name from islands`,
    'drop table islands',
    'drop table fresh',
  ];
}

/** The last row of each key and date, with its date as `_day`. */
function selectDays(sql: string, { key }: HistoryRule, isWanted: string): string {
  return `select * exclude (${LANDED_AT.join(', ')}), _ingest_date as _day, _ingest_date as _since
    from (\n${sql}\n) as model where ${isWanted}
    qualify rank() over (partition by ${quoteColumns(key)}, _ingest_date order by ${LATEST_FIRST}) = 1`;
}
