import { failure } from '../base/errors.js';
import { readSqlFiles, type SqlFile } from '../base/text/sql-file.js';
import { type Chart, columnsOf, readChart } from './chart.js';

const KEYS = ['title', 'chart', 'people', 'exposes'] as const;
/** A line `-- internal` excludes a report from `publish`. */
const WORDS = ['internal'] as const;

/** A SELECT in `sql/<pipeline>/reports` and its head. */
export interface ReportFile {
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  readonly title: string;
  readonly chart: Chart | null;
  /** The column with the number of people in each row. */
  readonly people: string;
  /** The lines `-- exposes: COLUMN because WHY`, unparsed. */
  readonly exposes: string | null;
  /** Excluded from `publish`. */
  readonly internal: boolean;
}

/**
 * The reports of a pipeline by name; none if the folder does not exist. `sqlDir` is the absolute path of
 * `sql/<pipeline>`.
 * @throws E_NAME, E_MODEL with file and remedy, E_DISK_READ
 */
export async function loadReports(pipeline: string, sqlDir: string): Promise<ReportFile[]> {
  const folder = { dir: `${sqlDir}/reports`, label: `sql/${pipeline}/reports`, keys: KEYS, words: WORDS };
  return (await readSqlFiles(folder)).map(readReport);
}

function readReport({ name, file, sql, head }: SqlFile): ReportFile {
  const title = requireHead(file, head, 'title', 'TEXT');
  const people = requireHead(file, head, 'people', 'COLUMN');
  const chart = head.get('chart');
  return {
    name,
    file,
    sql,
    title,
    people,
    chart: chart === undefined ? null : readChart(file, chart),
    exposes: head.get('exposes') ?? null,
    internal: head.has('internal'),
  };
}

function requireHead(file: string, head: SqlFile['head'], key: (typeof KEYS)[number], form: string): string {
  const text = head.get(key);
  if (text !== undefined && text !== '') return text;
  throw reportError(file, `the head has no ${key}`, `add \`-- ${key}: ${form}\``);
}

/** @throws E_MODEL if the head names a column that is not in the result */
export function assertHeadColumns({ file, people, chart }: ReportFile, columns: readonly string[]): void {
  const named = chart === null ? [people] : [people, ...columnsOf(chart)];
  const missing = named.find((name) => !columns.includes(name));
  if (missing !== undefined) {
    throw reportError(
      file,
      `the head names an unknown column ${missing}`,
      `name one of: ${columns.join(', ')}`,
    );
  }
}

function reportError(file: string, problem: string, fix: string) {
  return failure('E_MODEL', { problem, fix }, { file, stage: 'report' });
}
