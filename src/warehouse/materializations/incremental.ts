import { quoteName } from '../../base/duckdb.js';
import { buildDates, findStaleDates, isIn } from './dated-builds.js';
import {
  AS_SELECTED,
  type BuildPlan,
  type BuildTarget,
  type Materialization,
  planNothing,
} from './materialization.js';
import { inRowOrder } from './row-order.js';

/** A table by date. Only changed dates are rebuilt; a change of its SQL rebuilds all. */
export const INCREMENTAL: Materialization = {
  usage: 'incremental by COLUMN',
  keys: [],
  followsDates: true,
  isDated: true,
  isView: false,
  removesDeleted: false,
  parse: (text) => {
    const column = /^incremental by ([a-z_][a-z0-9_]*)$/.exec(text)?.[1];
    if (column === undefined) return null;
    const plan = (target: BuildTarget) => planIncremental(target, quoteName(column));
    return { ...AS_SELECTED, dateColumn: column, needs: [column], closesDeletes: false, plan };
  },
};

function planIncremental(target: BuildTarget, column: string): BuildPlan {
  const { built, state } = target;
  const isSame = built.length > 0 && built.every((build) => build.sqlSha256 === state.shape);
  return isSame ? planDates(target, column) : planAll(target, column);
}

function planAll(target: BuildTarget, column: string): BuildPlan {
  const { relation, state } = target;
  const dates = state.byDate ?? new Map<string, string>();
  const select = selectDates(target, column, [...dates.keys()]);
  return {
    steps: [`drop table if exists ${relation}`, `create table ${relation} as ${select}`],
    builds: buildDates(target, dates),
    extent: 'full',
    dates: dates.size,
  };
}

function planDates(target: BuildTarget, column: string): BuildPlan {
  const { relation } = target;
  const { kept, stale, gone } = findStaleDates(target);
  const dates = stale.flatMap(({ date }) => date ?? []);
  if (stale.length + gone.length === 0) return planNothing(target);
  return {
    steps: [
      `delete from ${relation} where ${isIn(column, [...dates, ...gone])}`,
      `insert into ${relation} ${selectDates(target, column, dates)}`,
    ],
    builds: [...kept, ...stale],
    extent: 'incremental',
    dates: stale.length,
  };
}

function selectDates(target: BuildTarget, column: string, dates: readonly string[]): string {
  const select = `select * from (\n${target.sql}\n) as model where ${isIn(column, dates)}`;
  return inRowOrder(select, target);
}
