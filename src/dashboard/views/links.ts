import type { RunFilter } from '../data/models.js';

/** A view that can be linked to. */
export type Target =
  | { readonly view: 'overview' }
  | { readonly view: 'pipeline'; readonly pipeline: string; readonly date: string | null }
  | {
      readonly view: 'runs';
      readonly pipeline: string | null;
      readonly before: string | null;
      /** Absent for the loads, which a server lists first. */
      readonly filter?: RunFilter;
    }
  | { readonly view: 'run'; readonly runId: string }
  | { readonly view: 'privacy'; readonly pipeline: string }
  | { readonly view: 'lake'; readonly pipeline: string; readonly year: string | null };

/** How links are written, and what else differs between the server and published files. */
export interface Place {
  /** Null if the view does not exist there: the name is then written without a link. */
  readonly linkTo: (target: Target) => string | null;
  /** Address of a report's CSV; null if there is none. */
  readonly linkToCsv: (pipeline: string, report: string, date: string) => string | null;
  /** Null where no run can be started. */
  readonly launcher: { readonly token: string } | null;
  /** Dates of a pipeline that have a view; null if all have one. */
  readonly datesOf: ((pipeline: string) => readonly string[]) | null;
}

/** Addresses on the server. */
export const SERVER_LINKS: Pick<Place, 'linkTo' | 'linkToCsv'> = {
  linkTo: (target) => {
    switch (target.view) {
      case 'overview':
        return '/';
      case 'pipeline':
        return withQuery(`/pipelines/${target.pipeline}`, { date: target.date });
      case 'runs':
        return withQuery('/runs', {
          pipeline: target.pipeline,
          ...queryOf(target.filter),
          before: target.before,
        });
      case 'run':
        return `/runs/${target.runId}`;
      case 'privacy':
        return `/privacy/${target.pipeline}`;
      case 'lake':
        return withQuery(`/lake/${target.pipeline}`, { year: target.year });
    }
  },
  linkToCsv: (pipeline, report, date) => `/pipelines/${pipeline}/${report}.csv?date=${date}`,
};

/** The loads of any status are listed without a query. */
function queryOf(filter: RunFilter | undefined): Readonly<Record<string, string | null>> {
  if (filter === undefined) return {};
  return { kind: filter.kind === 'load' ? null : (filter.kind ?? 'all'), status: filter.status };
}

/** Names and dates were validated before, so no escaping is needed. */
function withQuery(path: string, query: Readonly<Record<string, string | null>>): string {
  const parts = Object.entries(query).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${value}`],
  );
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`;
}
