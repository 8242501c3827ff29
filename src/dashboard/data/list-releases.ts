import type { ReleaseDate, ReleaseResult } from '../../base/types/release-result.js';
import type { RunRecord } from '../../base/types/run-record.js';

/** A release as it was measured last, and its dates in order, each as it was measured last. */
export interface ReleaseView {
  readonly newest: ReleaseResult;
  readonly dates: readonly ReleaseDate[];
}

/** The releases of a pipeline, from what its runs measured. @param runs newest first */
export function listReleases(pipeline: string, runs: readonly RunRecord[]): ReleaseView[] {
  const views = new Map<string, { newest: ReleaseResult; dates: Map<string | null, ReleaseDate> }>();
  const results = runs.flatMap((run) => run.releases).filter((one) => one.pipeline === pipeline);
  for (const result of results) {
    const view = views.get(result.release) ?? { newest: result, dates: new Map() };
    views.set(result.release, view);
    if (result.outcome === 'failed') continue;
    for (const date of result.dates) if (!view.dates.has(date.date)) view.dates.set(date.date, date);
  }
  const inOrder = (a: ReleaseDate, b: ReleaseDate): number => ((a.date ?? '') < (b.date ?? '') ? -1 : 1);
  return [...views.values()].map(({ newest, dates }) => ({
    newest,
    dates: [...dates.values()].sort(inOrder),
  }));
}
