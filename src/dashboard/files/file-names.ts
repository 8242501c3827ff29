import { NAME_PATTERN, RUN_ID_PATTERN } from '../../base/names.js';
import type { Target } from '../views/links.js';

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

/**
 * The name of every file that a site may get, before any is made; `reports` are the published ones of each pipeline. A
 * report that cannot be run, or a run that is gone, gets none in the end.
 */
export function listFileNames(
  published: Published,
  reports: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const pages: Target[] = [
    { page: 'overview' },
    { page: 'runs', pipeline: null, before: null },
    ...[...published.runs].map((runId) => ({ page: 'run', runId }) as const),
  ];
  const tables: string[] = [];
  for (const [pipeline, dates] of published.dates) {
    pages.push({ page: 'privacy', pipeline }, { page: 'lake', pipeline, year: null });
    for (const date of [null, ...dates]) pages.push({ page: 'pipeline', pipeline, date });
    for (const report of reports.get(pipeline) ?? []) {
      tables.push(...dates.map((date) => nameCsv(pipeline, report, date)));
    }
  }
  const names = pages.map((page) => nameFile(page, published)).filter((name) => name !== null);
  return [...new Set([...names, ...tables])];
}

const DATE = '\\d{4}-\\d\\d-\\d\\d';
const FILE_NAME = new RegExp(
  `^(?:(?:index|runs|run-${RUN_ID_PATTERN}|(?:privacy|lake)-${NAME_PATTERN}|pipeline-${NAME_PATTERN}(?:-${DATE})?)\\.html|${NAME_PATTERN}-${DATE}-${NAME_PATTERN}\\.csv)$`,
);

/** Whether a site can have a file of that name. */
export function isFileName(name: string): boolean {
  return FILE_NAME.test(name);
}
