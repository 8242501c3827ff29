import { failure } from '../errors.js';
import { readSqlFiles } from '../sql-file.js';
import type { SqlFile } from '../sql-file.js';

const KEYS = ['title', 'chart', 'people'] as const;

export interface BarChart {
  readonly kind: 'bar';
  /** Columns of the result. */
  readonly x: string;
  readonly y: string;
}

/** A SELECT of `sql/<pipeline>/reports` with what its head says. */
export interface ReportFile {
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  readonly title: string;
  readonly chart: BarChart | null;
  /** The column that counts the people behind each row. */
  readonly people: string;
}

/**
 * The reports of a pipeline by name; none if it has no folder of them. `sqlDir` is the absolute `sql/<pipeline>`.
 * @throws E_NAME, E_MODEL with file and remedy, E_DISK_READ
 */
export async function loadReports(pipeline: string, sqlDir: string): Promise<ReportFile[]> {
  const folder = { dir: `${sqlDir}/reports`, label: `sql/${pipeline}/reports`, keys: KEYS };
  return (await readSqlFiles(folder)).map(readReport);
}

function readReport({ name, file, sql, head }: SqlFile): ReportFile {
  const title = requireHead(file, head, 'title', 'TEXT');
  const people = requireHead(file, head, 'people', 'COLUMN');
  return { name, file, sql, title, people, chart: readChart(file, head.get('chart')) };
}

function requireHead(file: string, head: SqlFile['head'], key: (typeof KEYS)[number], form: string): string {
  const text = head.get(key);
  if (text !== undefined && text !== '') return text;
  throw refuse(file, `the head has no ${key}`, `add \`-- ${key}: ${form}\``);
}

function readChart(file: string, text: string | undefined): BarChart | null {
  if (text === undefined) return null;
  const [, x, y] = /^bar x=([a-z0-9_]+) y=([a-z0-9_]+)$/.exec(text) ?? [];
  if (x === undefined || y === undefined) {
    throw refuse(file, 'the chart is not known', 'write `-- chart: bar x=COLUMN y=COLUMN`');
  }
  return { kind: 'bar', x, y };
}

/** @throws E_MODEL if the head names a column that the result does not have */
export function assertHeadColumns({ file, people, chart }: ReportFile, columns: readonly string[]): void {
  const named = chart === null ? [people] : [people, chart.x, chart.y];
  const missing = named.find((name) => !columns.includes(name));
  if (missing !== undefined) {
    throw refuse(file, `the head names a column ${missing}`, `name one of: ${columns.join(', ')}`);
  }
}

function refuse(file: string, problem: string, fix: string) {
  return failure('E_MODEL', { problem, fix }, { file, stage: 'report' });
}
