import { failure, LakeveilError, tryEach } from '../base/errors.js';
import { readSqlFiles, type SqlFile } from '../base/text/sql-file.js';
import { type Chart, columnsOf, readChart } from './chart.js';

const KEYS = ['title', 'chart', 'people', 'exposes'] as const;
/** A line `-- internal` excludes a report from `publish`. */
const WORDS = ['internal'] as const;

/** What `-- people:` says. */
export type ReportPeople =
  { readonly kind: 'column'; readonly column: string } | { readonly kind: 'none'; readonly because: string };

/** A SELECT in `sql/<pipeline>/reports` and its head. */
export interface ReportFile {
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  readonly title: string;
  readonly chart: Chart | null;
  /** The column with the number of people in each row, or why no row is about people. */
  readonly people: ReportPeople;
  /** What is wrong with its head; such a report fails, and the others do not. */
  readonly problem: LakeveilError | null;
  /** The lines `-- exposes: COLUMN because WHY`, unparsed. */
  readonly exposes: string | null;
  /** Excluded from `publish`. */
  readonly internal: boolean;
}

/**
 * The reports of a pipeline by name; none if the folder does not exist. `sqlDir` is the absolute path of
 * `sql/<pipeline>`.
 * @throws E_NAME, E_MODEL for a head key that means nothing here, E_DISK_READ
 */
export async function loadReports(pipeline: string, sqlDir: string): Promise<ReportFile[]> {
  const folder = { dir: `${sqlDir}/reports`, label: `sql/${pipeline}/reports`, keys: KEYS, words: WORDS };
  return Promise.all((await readSqlFiles(folder)).map(readReport));
}

async function readReport({ name, file, sql, head, lines }: SqlFile): Promise<ReportFile> {
  const read = {
    title: () => requireHead(file, head, 'title', 'TEXT'),
    people: () => readPeople(file, requireHead(file, head, 'people', 'COLUMN')),
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
    people: problem === null ? read.people() : { kind: 'none', because: '' },
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

const PEOPLE_FORM = 'write `-- people: COLUMN`, or `-- people: none because WHY`';

function readPeople(file: string, text: string): ReportPeople {
  const because = /^none because (\S.*)$/.exec(text)?.[1];
  if (because !== undefined) return { kind: 'none', because };
  if (text !== 'none' && /^\S+$/.test(text)) return { kind: 'column', column: text };
  throw reportError(file, '`people` needs a column, or a reason why there is none', PEOPLE_FORM);
}

function requireHead(file: string, head: SqlFile['head'], key: (typeof KEYS)[number], form: string): string {
  const text = head.get(key);
  if (text !== undefined && text !== '') return text;
  throw reportError(file, `the head has no ${key}`, `add \`-- ${key}: ${form}\``);
}

/** @throws E_MODEL if the head names a column that is not in the result */
export function assertHeadColumns({ file, people, chart }: ReportFile, columns: readonly string[]): void {
  const named = [
    ...(people.kind === 'column' ? [people.column] : []),
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
