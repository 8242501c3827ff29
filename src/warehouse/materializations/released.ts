import { foldName } from '../sql/syntax-tree.js';
import { findStaleDates } from './dated-builds.js';
import {
  AS_SELECTED,
  type BuildPlan,
  type BuildTarget,
  type Materialization,
  type Planner,
  planNothing,
} from './materialization.js';

/**
 * A release: its plan says which dates are new, and `buildRelease` how they are written, which depends on the rows. No
 * SQL file has it.
 * @param date column of the landing date, within which classes are counted; null to count them over all rows
 */
export function makeReleased(date: string | null): { materialization: Materialization; planner: Planner } {
  const isDated = date !== null;
  return {
    materialization: {
      usage: 'release',
      keys: [],
      followsDates: isDated,
      isDated,
      isView: false,
      removesDeleted: false,
      parse: () => null,
    },
    planner: {
      ...AS_SELECTED,
      dateColumn: date,
      needs: date === null ? [] : [foldName(date)],
      closesDeletes: false,
      plan: isDated ? planDates : planWhole,
    },
  };
}

/** `dates` of the plan are to be measured; `full` where all rows are. Without steps: they follow from the rows. */
function planDates(target: BuildTarget): BuildPlan {
  const { kept, stale, gone } = findStaleDates(target);
  if (stale.length + gone.length === 0) return planNothing(target);
  return {
    steps: [],
    builds: [...kept, ...stale],
    extent: kept.length === 0 ? 'full' : 'incremental',
    dates: stale.length,
  };
}

function planWhole(target: BuildTarget): BuildPlan {
  const { state, built, runId } = target;
  const [before] = built;
  if (before?.sqlSha256 === state.shape && before.inputsSha256 === state.whole) return planNothing(target);
  const builds = [{ date: null, sqlSha256: state.shape, inputsSha256: state.whole, runId }];
  return { steps: [], builds, extent: 'full', dates: state.dates.length };
}
