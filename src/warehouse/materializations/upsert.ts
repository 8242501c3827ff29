import {
  assertOneOf,
  buildDates,
  fillFromStart,
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
  AS_SELECTED,
  type BuildPlan,
  type BuildTarget,
  type Materialization,
  planNothing,
  readDeletes,
} from './materialization.js';
import { planNewest } from './newest.js';

/**
 * A table with one row per key: the last landed row by date, slot and position, unless that row is deleted. With `deletes: close`, keys that the newest landed date lacks are left out. Dates after all built dates are merged;
 * any other change rebuilds the table from all dates, because an older row can become the last one.
 */
export const UPSERT: Materialization = {
  usage: 'upsert on KEY',
  keys: ['deletes'],
  followsDates: true,
  isDated: false,
  isView: false,
  removesDeleted: true,
  parse: (text, head) => {
    const key = readColumns(/^upsert on (.+)$/.exec(text)?.[1] ?? '');
    const deletes = readDeletes(head);
    if (key === null || deletes === undefined) return null;
    const closesDeletes = deletes === 'close';
    // What the newest date lacks is deleted, so that the table is made of that date alone.
    const plan = (target: BuildTarget) =>
      closesDeletes ? planNewest(target, { qualify: rankLatest(key), key }) : planUpsert(target, key);
    const needs = [...key, ...LANDED_AT];
    return { ...AS_SELECTED, key, needs, hides: NOT_STORED, closesDeletes, plan };
  },
};

function planUpsert(target: BuildTarget, key: readonly string[]): BuildPlan {
  const later = findLaterDates(target);
  if (later?.length === 0) return planNothing(target);
  return later === null ? planAll(target, key) : planLater(target, key, later);
}

function planAll(target: BuildTarget, key: readonly string[]): BuildPlan {
  const { relation, sql, state, start } = target;
  const dates = state.byDate ?? new Map<string, string>();
  const make = (isWanted: string) => [
    `create temp table fresh as ${selectLatest(sql, key, isWanted)}`,
    assertOneOf(key, 'fresh'),
    `drop table if exists ${relation}`,
    `create table ${relation} as ${selectLive('fresh', target)}`,
    'drop table fresh',
  ];
  const steps =
    start === null
      ? make('true')
      : [
          ...make('false'),
          ...fillFromStart(target, start),
          ...mergeDates(target, key, listAfterStart(target)),
        ];
  return { steps, builds: buildDates(target, dates), extent: 'full', dates: dates.size };
}

function planLater(
  target: BuildTarget,
  key: readonly string[],
  later: readonly (readonly [string, string])[],
): BuildPlan {
  return {
    steps: mergeDates(target, key, later),
    builds: [...target.built, ...buildDates(target, later)],
    extent: 'incremental',
    dates: later.length,
  };
}

/** Rows of newer dates replace the rows of their keys. */
function mergeDates(
  target: BuildTarget,
  key: readonly string[],
  later: readonly (readonly [string, string])[],
): BuildPlan['steps'] {
  const { relation, sql } = target;
  const dates = later.map(([date]) => date);
  return [
    `create temp table fresh as ${selectLatest(sql, key, isIn('_ingest_date', dates))}`,
    assertOneOf(key, 'fresh'),
    `delete from ${relation} as old using fresh where ${isSameKey(key)}`,
    `insert into ${relation} by name ${selectLive('fresh', target)}`,
    'drop table fresh',
  ];
}

function selectLatest(sql: string, key: readonly string[], isWanted: string): string {
  return `select * exclude (${LANDED_AT.join(', ')}) from (\n${sql}\n) as model where ${isWanted}
    qualify ${rankLatest(key)}`;
}

function rankLatest(key: readonly string[]): string {
  return `rank() over (partition by ${quoteColumns(key)} order by ${LATEST_FIRST}) = 1`;
}
