import { quoteName } from '../../duckdb.js';
import type { Build, BuildPlan, BuildTarget, Materialization } from './materialization.js';

/** A table of which only those dates are made anew that have changed; every date, when its SQL has. */
export const INCREMENTAL: Materialization = {
  usage: 'incremental by COLUMN',
  isDated: true,
  isView: false,
  parse: (text) => {
    const column = /^incremental by ([a-z_][a-z0-9_]*)$/.exec(text)?.[1];
    if (column === undefined) return null;
    return (target) => planIncremental(target, quoteName(column));
  },
};

function planIncremental(target: BuildTarget, column: string): BuildPlan {
  const { built, state } = target;
  const isSame = built.length > 0 && built.every((build) => build.sqlSha256 === state.shape);
  return isSame ? planDates(target, column) : planAll(target, column);
}

function planAll(target: BuildTarget, column: string): BuildPlan {
  const { relation, state } = target;
  const builds = [...(state.byDate ?? [])].map((entry) => buildDate(target, entry));
  const select = selectDates(target, column, [...(state.byDate?.keys() ?? [])]);
  return {
    statements: [`drop table if exists ${relation}`, `create table ${relation} as ${select}`],
    builds,
  };
}

function planDates(target: BuildTarget, column: string): BuildPlan {
  const { relation, state, built, forced } = target;
  const wanted = state.byDate ?? new Map<string, string>();
  const kept = built.filter(
    ({ date, inputsSha256 }) => date !== null && wanted.get(date) === inputsSha256 && !forced.has(date),
  );
  const keptDates = new Set(kept.map((build) => build.date));
  const stale = [...wanted].filter(([date]) => !keptDates.has(date));
  const staleDates = stale.map(([date]) => date);
  const gone = built.flatMap(({ date }) => (date === null || wanted.has(date) ? [] : [date]));
  if (stale.length + gone.length === 0) return { statements: [], builds: built };
  return {
    statements: [
      `delete from ${relation} where ${isIn(column, [...staleDates, ...gone])}`,
      `insert into ${relation} ${selectDates(target, column, staleDates)}`,
    ],
    builds: [...kept, ...stale.map((entry) => buildDate(target, entry))],
  };
}

function buildDate({ state, runId }: BuildTarget, [date, inputsSha256]: [string, string]): Build {
  return { date, sqlSha256: state.shape, inputsSha256, runId };
}

function selectDates(target: BuildTarget, column: string, dates: readonly string[]): string {
  return `select * from (\n${target.sql}\n) as model where ${isIn(column, dates)}`;
}

/** Literals, not parameters, so that the filter reaches the file list of a bronze view when it is bound. */
function isIn(column: string, dates: readonly string[]): string {
  if (dates.length === 0) return 'false';
  return `${column} in (${dates.map((date) => `date '${date}'`).join(', ')})`;
}
