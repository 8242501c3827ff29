import { quoteText } from '../../base/duckdb.js';
import { assertOneOf, buildDates, fillFromStart, LANDED_AT, NOT_STORED, selectLive } from './dated-builds.js';
import {
  AS_SELECTED,
  type BuildPlan,
  type BuildTarget,
  type Materialization,
  planNothing,
} from './materialization.js';

/** Columns that decide which rows are of the newest landed date and hour. */
const NEWEST_BY = ['_ingest_date', '_slot'];

/** A table of the rows of the newest landed date, and of its last hour if the dataset lands by the hour. */
export const LATEST: Materialization = {
  usage: 'latest',
  keys: [],
  followsDates: true,
  isDated: false,
  isView: false,
  removesDeleted: true,
  parse: (text) => {
    if (text !== 'latest') return null;
    const plan = (target: BuildTarget) => planNewest(target, { qualify: 'true', key: null });
    return { ...AS_SELECTED, needs: NEWEST_BY, hides: NOT_STORED, closesDeletes: false, plan };
  },
};

/** Which rows of the newest date are kept. */
interface NewestRule {
  readonly qualify: string;
  /** Columns of which each row has other values; null for all rows. */
  readonly key: readonly string[] | null;
}

/** Replaces the table by the rows of the newest landed date, unless they are what it is made of. */
export function planNewest(target: BuildTarget, rule: NewestRule): BuildPlan {
  const { state, forced, start } = target;
  const [date] = [...(state.byDate?.keys() ?? [])].sort().slice(-1);
  const newest = date === undefined ? null : ([date, state.byDate?.get(date) ?? ''] as const);
  if (newest !== null && !forced.has(newest[0]) && isBuiltOf(newest, target)) return planNothing(target);
  const isStart = start !== null && newest?.[0] === start.lastDate;
  const isWanted = newest === null || isStart ? 'false' : `_ingest_date = date '${newest[0]}'`;
  return {
    steps: [...make(target, rule, isWanted), ...(isStart ? fillFromStart(target, start) : [])],
    builds: buildDates(target, newest === null ? [] : [newest]),
    extent: 'full',
    dates: newest === null ? 0 : 1,
  };
}

function isBuiltOf([date, inputsSha256]: readonly [string, string], { state, built }: BuildTarget): boolean {
  const [only, ...others] = built;
  if (only === undefined || others.length > 0) return false;
  return only.date === date && only.sqlSha256 === state.shape && only.inputsSha256 === inputsSha256;
}

function make(target: BuildTarget, { qualify, key }: NewestRule, isWanted: string): BuildPlan['steps'] {
  const { relation, sql } = target;
  const hidden = `columns(c -> c not in (${LANDED_AT.map(quoteText).join(', ')}))`;
  return [
    `create temp table fresh as select ${hidden} from (\n${sql}\n) as model where ${isWanted}
      qualify _slot is not distinct from max(_slot) over () and ${qualify}`,
    ...(key === null ? [] : [assertOneOf(key, 'fresh')]),
    `drop table if exists ${relation}`,
    `create table ${relation} as ${selectLive('fresh', target)}`,
    'drop table fresh',
  ];
}
