import type { BuildPlan, BuildTarget, Materialization } from './materialization.js';

/** A table made from all dates, made anew when anything that it reads has changed. */
export const TABLE: Materialization = {
  usage: 'table',
  isDated: false,
  isView: false,
  parse: (text) => (text === 'table' ? planTable : null),
};

function planTable({ relation, sql, state, built, runId }: BuildTarget): BuildPlan {
  const [before] = built;
  if (before?.sqlSha256 === state.shape && before.inputsSha256 === state.whole) {
    return { statements: [], builds: built };
  }
  return {
    statements: [`drop table if exists ${relation}`, `create table ${relation} as ${sql}`],
    builds: [{ date: null, sqlSha256: state.shape, inputsSha256: state.whole, runId }],
  };
}
