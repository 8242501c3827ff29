import { AS_SELECTED, type BuildPlan, type BuildTarget, type Materialization } from './materialization.js';

/** A view. Each transform creates it; it is listed as unchanged if its inputs are. */
export const VIEW: Materialization = {
  usage: 'view',
  keys: [],
  followsDates: false,
  isDated: false,
  isView: true,
  removesDeleted: false,
  parse: (text) =>
    text === 'view' ? { ...AS_SELECTED, needs: [], closesDeletes: false, plan: planView } : null,
};

function planView({ relation, sql, state, built, runId }: BuildTarget): BuildPlan {
  const [before] = built;
  const isSame = before?.sqlSha256 === state.shape && before.inputsSha256 === state.whole;
  return {
    steps: [`create view ${relation} as ${sql}`],
    builds: isSame ? built : [{ date: null, sqlSha256: state.shape, inputsSha256: state.whole, runId }],
    extent: isSame ? 'skipped' : 'full',
    dates: isSame ? 0 : state.dates.length,
  };
}
