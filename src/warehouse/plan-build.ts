import { planNothing } from './materializations/materialization.js';
import type { BuildPlan, BuildTarget } from './materializations/materialization.js';
import type { Model } from './model.js';

/**
 * The plan of a model. One that follows dates, of which none has landed, is booked without a date, so that its empty
 * table is not made again and again. Pure.
 */
export function planBuild(
  { materialization, planner }: Pick<Model, 'materialization' | 'planner'>,
  target: BuildTarget,
): BuildPlan {
  if (!materialization.followsDates) return planner.plan(target);
  const { state, built, runId } = target;
  const isEmpty = (state.byDate?.size ?? 0) === 0;
  const isAsBuilt = built.some(({ date, sqlSha256 }) => date === null && sqlSha256 === state.shape);
  if (isEmpty && isAsBuilt) return planNothing(target);
  const plan = planner.plan({ ...target, built: built.filter(({ date }) => date !== null) });
  if (plan.builds.length > 0) return plan;
  return { ...plan, builds: [{ date: null, sqlSha256: state.shape, inputsSha256: state.whole, runId }] };
}
