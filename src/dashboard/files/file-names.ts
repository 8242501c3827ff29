import type { Target } from '../links.js';

/** What is published: the dates of each pipeline that have a page, newest last, and the runs that have one. */
export interface Published {
  readonly dates: ReadonlyMap<string, readonly string[]>;
  readonly runs: ReadonlySet<string>;
}

/** The name of a page's file, all in one folder; null for a page that is not published. */
export function nameFile(target: Target, { dates, runs }: Published): string | null {
  switch (target.page) {
    case 'overview':
      return 'index.html';
    case 'pipeline': {
      const known = dates.get(target.pipeline);
      if (known === undefined) return null;
      const isNewest = target.date === null || target.date === known.at(-1);
      if (isNewest) return `pipeline-${target.pipeline}.html`;
      return known.includes(target.date) ? `pipeline-${target.pipeline}-${target.date}.html` : null;
    }
    case 'runs':
      return target.pipeline === null && target.before === null ? 'runs.html' : null;
    case 'run':
      return runs.has(target.runId) ? `run-${target.runId}.html` : null;
    case 'privacy':
      return dates.has(target.pipeline) ? `privacy-${target.pipeline}.html` : null;
    case 'lake':
      return target.year === null && dates.has(target.pipeline) ? `lake-${target.pipeline}.html` : null;
  }
}

export function nameCsv(pipeline: string, report: string, date: string): string {
  return `${pipeline}-${date}-${report}.csv`;
}
