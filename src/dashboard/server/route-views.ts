import { isDate } from '../../base/dates/date-formats.js';
import { NAME, RUN_ID } from '../../base/names.js';
import type { RunFilter } from '../data/models.js';
import type { Site } from '../site.js';
import { lakeView } from '../views/lake.js';
import type { Surroundings, View } from '../views/layout.js';
import type { Place } from '../views/links.js';
import { overviewView } from '../views/overview.js';
import { pipelineView } from '../views/pipeline.js';
import { privacyView } from '../views/privacy.js';
import { runView } from '../views/run.js';
import { LOADS, runsView } from '../views/runs.js';

const YEAR = /^\d{4}$/;
/** The view behind an address: its cache key, and the function that renders it. */
export interface Route {
  readonly key: string;
  readonly current: string | null;
  readonly write: (site: Site, place: Place, around: Surroundings) => Promise<View | null>;
}

/** Parses an address; null if it has no view. Names and dates are validated here. Pure. */
export function readRoute(path: string, query: (name: string) => string | undefined): Route | null {
  const [, section = '', name, ...rest] = path.split('/');
  if (rest.length > 0) return null;
  if (section === '' && name === undefined) {
    return route('overview', null, async (site, place) => overviewView(await site.overview(), place));
  }
  if (section === 'runs') return name === undefined ? routeRuns(query) : routeRun(name);
  return name !== undefined && NAME.test(name) ? routePipeline(section, name, query) : null;
}

function routePipeline(
  section: string,
  name: string,
  query: (name: string) => string | undefined,
): Route | null {
  switch (section) {
    case 'pipelines': {
      const date = take(query('date'), isDate);
      return route(`pipeline ${name} ${date ?? ''}`, name, async (site, place, around) =>
        pipelineView(await site.pipeline(name, date), place, around),
      );
    }
    case 'privacy':
      return route(`privacy ${name}`, name, async (site, place, around) =>
        privacyView(await site.privacy(name), place, around),
      );
    case 'lake': {
      const year = take(query('year'), (text) => YEAR.test(text));
      return route(`lake ${name} ${year ?? ''}`, name, async (site, place, around) =>
        lakeView(await site.lake(name, year), place, around),
      );
    }
    default:
      return null;
  }
}

function routeRuns(query: (name: string) => string | undefined): Route {
  const pipeline = take(query('pipeline'), (text) => NAME.test(text));
  const before = take(query('before'), (text) => RUN_ID.test(text));
  const filter = readFilter(query);
  const { kind, status } = filter;
  const key = `runs ${pipeline ?? ''} ${kind ?? 'all'} ${status ?? ''} ${before ?? ''}`;
  return route(key, pipeline, async (site, place, around) =>
    runsView(await site.runs(pipeline, before, filter), { pipeline, before, filter }, place, around),
  );
}

const KINDS = ['load', 'build', 'check', 'other'] as const;
const STATUSES = ['succeeded', 'failed'] as const;

/** The loads come first; `kind=all` lists all runs. */
function readFilter(query: (name: string) => string | undefined): RunFilter {
  const kind = query('kind');
  return {
    kind: kind === 'all' ? null : (KINDS.find((each) => each === kind) ?? LOADS.kind),
    status: STATUSES.find((each) => each === query('status')) ?? null,
  };
}

function routeRun(runId: string): Route | null {
  if (!RUN_ID.test(runId)) return null;
  return route(`run ${runId}`, null, async (site, place) => {
    const run = await site.run(runId);
    return run === null ? null : runView(run, place);
  });
}

function route(key: string, current: string | null, write: Route['write']): Route {
  return { key, current, write };
}

/** An invalid parameter counts as absent. */
function take(text: string | undefined, isGood: (text: string) => boolean): string | null {
  return text !== undefined && isGood(text) ? text : null;
}
