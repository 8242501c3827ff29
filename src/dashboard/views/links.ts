/** A page, or a file that a page offers. */
export type Target =
  | { readonly page: 'overview' }
  | { readonly page: 'pipeline'; readonly pipeline: string; readonly date: string | null }
  | { readonly page: 'runs'; readonly pipeline: string | null; readonly before: string | null }
  | { readonly page: 'run'; readonly runId: string }
  | { readonly page: 'privacy'; readonly pipeline: string }
  | { readonly page: 'lake'; readonly pipeline: string; readonly year: string | null };

/** Where pages are, and what else differs between a server and files. */
export interface Place {
  /** Null where there is no such page: a name is then text and no link. */
  readonly linkTo: (target: Target) => string | null;
  /** Where a report's CSV is; null if it is not offered. */
  readonly linkToCsv: (pipeline: string, report: string, date: string) => string | null;
  /** Null where nothing can be started. */
  readonly desk: { readonly token: string } | null;
  /** Pages of the same place that a picker can name; null for all of them. */
  readonly datesOf: ((pipeline: string) => readonly string[]) | null;
}

/** Addresses on the server. */
export const SERVER_LINKS: Pick<Place, 'linkTo' | 'linkToCsv'> = {
  linkTo: (target) => {
    switch (target.page) {
      case 'overview':
        return '/';
      case 'pipeline':
        return withQuery(`/pipelines/${target.pipeline}`, { date: target.date });
      case 'runs':
        return withQuery('/runs', { pipeline: target.pipeline, before: target.before });
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

/** Names and dates were matched before: nothing in them wants escaping. */
function withQuery(path: string, query: Readonly<Record<string, string | null>>): string {
  const parts = Object.entries(query).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${value}`],
  );
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`;
}
