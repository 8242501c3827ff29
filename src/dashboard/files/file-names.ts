import { NAME_PATTERN, RUN_ID_PATTERN } from '../../base/names.js';
import type { Target } from '../views/links.js';

/** The published dates of each pipeline, newest last, and the published runs. */
export interface Published {
  readonly dates: ReadonlyMap<string, readonly string[]>;
  readonly runs: ReadonlySet<string>;
}

/** The file name of a view; null if the view is not published. All files are in one folder. */
export function nameFile(target: Target, { dates, runs }: Published): string | null {
  switch (target.view) {
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
 * Every file name that a site can contain, before any file is written; `reports` are the published reports of each
 * pipeline. A report that fails and a run that no longer exists get no file.
 */
export function listFileNames(
  published: Published,
  reports: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const views: Target[] = [
    { view: 'overview' },
    { view: 'runs', pipeline: null, before: null },
    ...[...published.runs].map((runId) => ({ view: 'run', runId }) as const),
  ];
  const tables: string[] = [];
  for (const [pipeline, dates] of published.dates) {
    views.push({ view: 'privacy', pipeline }, { view: 'lake', pipeline, year: null });
    for (const date of [null, ...dates]) views.push({ view: 'pipeline', pipeline, date });
    for (const report of reports.get(pipeline) ?? []) {
      tables.push(...dates.map((date) => nameCsv(pipeline, report, date)));
    }
  }
  const names = views.map((view) => nameFile(view, published)).filter((name) => name !== null);
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
