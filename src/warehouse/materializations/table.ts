import {
  AS_SELECTED,
  type BuildPlan,
  type BuildTarget,
  type Materialization,
  planNothing,
} from './materialization.js';
import { inRowOrder } from './row-order.js';

/** A table of all dates that is rebuilt when an input changes. */
export const TABLE: Materialization = {
  usage: 'table',
  keys: [],
  followsDates: false,
  isDated: false,
  isView: false,
  removesDeleted: false,
  parse: (text) =>
    text === 'table' ? { ...AS_SELECTED, needs: [], closesDeletes: false, plan: planTable } : null,
};

function planTable(target: BuildTarget): BuildPlan {
  const { relation, sql, state, built, runId } = target;
  const [before] = built;
  if (before?.sqlSha256 === state.shape && before.inputsSha256 === state.whole) return planNothing(target);
  return {
    steps: [`drop table if exists ${relation}`, `create table ${relation} as ${inRowOrder(sql, target)}`],
    builds: [{ date: null, sqlSha256: state.shape, inputsSha256: state.whole, runId }],
    extent: 'full',
    dates: state.dates.length,
  };
}
