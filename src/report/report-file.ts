import { failure, LakeveilError, tryEach } from '../base/errors.js';
import { readSqlFiles, type SqlFile } from '../base/text/sql-file.js';
import type { CellRules } from '../base/types/warehouse-reader.js';
import { type Chart, columnsOf, readChart } from './chart.js';

const KEYS = ['title', 'chart', 'people', 'total', 'exposes'] as const;
/** A line `-- internal` excludes a report from `publish`. */
const WORDS = ['internal'] as const;

/** What `-- people:` says. */
export type ReportPeople = { readonly kind: 'column'; readonly column: string } | { readonly kind: 'none' };

/** A SELECT in `sql/<pipeline>/reports` and its head. */
export interface ReportFile {
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  readonly title: string;
  readonly chart: Chart | null;
  /** The column with the number of people in each row, or that no row is about people; null only if it is internal. */
  readonly people: ReportPeople | null;
  /** Columns with a number of people of which those of the row are a part. */
  readonly totals: readonly string[];
  /** The `min_cell` of its pipeline. */
  readonly minCell: number | null;
  /** What is wrong with its head; such a report fails, and the others do not. */
  readonly problem: LakeveilError | null;
  /** The lines `-- exposes: COLUMN because WHY`, unparsed. */
  readonly exposes: string | null;
  /** Excluded from `publish`. */
  readonly internal: boolean;
}

/** A report that lineage has been followed through: no other can be run. */
export interface ShownReport extends ReportFile {
  /** How it hides small cells; null where it need not. */
  readonly cells: CellRules | null;
}

/**
 * The reports of a pipeline by name; none if the folder does not exist. `sqlDir` is the absolute path of
 * `sql/<pipeline>`.
 * @throws E_NAME, E_MODEL for a head key that means nothing here, E_DISK_READ
 */
export async function loadReports(
  pipeline: string,
  sqlDir: string,
  minCell: number | null,
): Promise<ReportFile[]> {
  const folder = { dir: `${sqlDir}/reports`, label: `sql/${pipeline}/reports`, keys: KEYS, words: WORDS };
  return Promise.all((await readSqlFiles(folder)).map((file) => readReport(file, minCell)));
}

async function readReport(
  { name, file, sql, head, lines }: SqlFile,
  minCell: number | null,
): Promise<ReportFile> {
  const isUncounted = head.has('internal') && !head.has('people');
  const read = {
    title: () => requireHead(file, head, 'title', 'TEXT'),
    people: () => (isUncounted ? null : readPeople(file, requireHead(file, head, 'people', PEOPLE_FORMS))),
    total: () => readTotals(file, head.get('total') ?? null),
    chart: () => readChart(file, head.get('chart') ?? null),
  };
  const problem = await findProblem(
    Object.entries(read).map(([key, part]) => [lines.get(key) ?? 1, part] as const),
  );
  return {
    name,
    file,
    sql,
    title: problem === null ? read.title() : (head.get('title') ?? name),
    people: problem === null ? read.people() : null,
    totals: problem === null ? read.total() : [],
    minCell,
    chart: problem === null ? read.chart() : null,
    exposes: head.get('exposes') ?? null,
    internal: head.has('internal'),
    problem,
  };
}

/** All problems of a head as one error, each at its line. */
async function findProblem(
  parts: readonly (readonly [line: number, read: () => unknown])[],
): Promise<LakeveilError | null> {
  try {
    await tryEach(parts, ([line, read]) => {
      try {
        read();
      } catch (error) {
        throw error instanceof LakeveilError ? error.at({ line }) : error;
      }
    });
    return null;
  } catch (error) {
    if (error instanceof LakeveilError) return error;
    throw error;
  }
}

const PEOPLE_FORMS = 'COLUMN`, or `-- people: none`, or `-- internal';

function readPeople(file: string, text: string): ReportPeople {
  if (/^none(?: because \S.*)?$/.test(text)) return { kind: 'none' };
  if (/^\S+$/.test(text)) return { kind: 'column', column: text };
  throw reportError(file, '`people` needs one column, or `none`', `write \`-- people: ${PEOPLE_FORMS}\``);
}

function readTotals(file: string, text: string | null): string[] {
  const names = text === null ? [] : text.split(/\s*,\s*/);
  if (names.every((name) => /^\S+$/.test(name))) return names;
  throw reportError(file, '`total` needs a column', 'write `-- total: COLUMN`, or several with commas');
}

function requireHead(file: string, head: SqlFile['head'], key: (typeof KEYS)[number], form: string): string {
  const text = head.get(key);
  if (text !== undefined && text !== '') return text;
  throw reportError(file, `the head has no ${key}`, `add \`-- ${key}: ${form}\``);
}

/** @throws E_MODEL if the head names a column that is not in the result */
export function assertHeadColumns(
  { file, people, totals, chart }: ReportFile,
  columns: readonly string[],
): void {
  const named = [
    ...(people?.kind === 'column' ? [people.column] : []),
    ...totals,
    ...(chart === null ? [] : columnsOf(chart)),
  ];
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
