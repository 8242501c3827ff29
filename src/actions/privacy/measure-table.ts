import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { assertPlain, type Terminal } from '../../base/config/config.js';
import type { Effects } from '../../base/effects.js';
import {
  quoteName,
  quoteText,
  readRows,
  toFailure,
  withInstance,
  type WithInstance,
} from '../../base/duckdb.js';
import { failure } from '../../base/errors.js';
import { formatTable } from '../../base/terminal/table.js';
import { paint } from '../../base/terminal/paint.js';
import { formatCount } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import type { ReleaseThresholds } from '../../base/types/release.js';
import type { Cell } from '../../base/types/result.js';
import { measure, type Measures, type NullRule, type SensitiveMeasures } from '../../privacy/measure.js';
import { assertDatabase } from '../../warehouse/file/next-file.js';
import { ReleaseStore } from '../../warehouse/releases/release-store.js';

export interface PrivacyRequest {
  /** `schema.table` of the warehouse, or a file `*.csv` or `*.parquet`. */
  readonly target: string;
  /** Names of columns, or several with commas between them; of a release none, for those that it names. */
  readonly quasi: readonly string[];
  readonly sensitive: readonly string[];
  readonly person: string | null;
  readonly nulls: NullRule;
}

/** What was measured, with the names of columns as they are in the table. */
export interface MeasuredTable {
  readonly target: string;
  readonly quasi: readonly string[];
  readonly person: string | null;
  readonly measures: Measures;
  /** What a release must reach; null for other tables. */
  readonly require: ReleaseThresholds | null;
}

const MEMORY_LIMIT_MB = 1200;
const SCHEMAS = ['silver', 'gold', 'main'];

/**
 * Measures a published table or a file. What does not fit into memory is spilled to a folder of its own.
 * @throws E_USAGE, E_UNKNOWN for a table or column that is not there, E_NO_WAREHOUSE, E_NOT_A_DATABASE, E_MEMORY, E_DISK
 */
export async function measureTable(
  databasePath: string,
  request: PrivacyRequest,
  { signal }: Pick<Effects, 'signal'>,
): Promise<MeasuredTable> {
  const file = /\.(csv|parquet)$/i.exec(request.target)?.[1]?.toLowerCase();
  const path = resolve(request.target);
  const source: WithInstance =
    file === undefined
      ? { database: databasePath, readOnly: true }
      : { allowedPaths: [assertPlain(path, 'the file', 'rename it')] };
  if (file === undefined) await assertDatabase(databasePath);
  else await assertFile(path);
  const tempDirectory = await mkdtemp(join(tmpdir(), 'lakeveil-privacy-'));
  const settings = { ...source, tempDirectory, memoryLimitMb: MEMORY_LIMIT_MB };
  try {
    return await withInstance(
      { ...settings, threads: availableParallelism(), signal },
      async (connection) => {
        const relation =
          file === undefined ? await findTable(connection, request.target) : selectFile(file, path);
        const columns = await readColumns(connection, relation);
        const names = (given: readonly string[]): string[] =>
          given.flatMap((text) => chooseColumns(text, columns));
        const release = request.quasi.length === 0 ? await findRelease(connection, request) : null;
        const known = release ?? request;
        const [quasi, sensitive] = [names(known.quasi), names(known.sensitive)];
        const [person = null] = request.person === null ? [] : chooseColumns(request.person, columns);
        assertDistinct([...quasi, ...sensitive, ...(person === null ? [] : [person])]);
        const measures = await measure(connection, {
          relation,
          quasi,
          sensitive,
          person,
          nulls: request.nulls,
        });
        const target = file === undefined ? request.target : basename(path);
        if (release !== null) assertMet(target, release.require, measures);
        return { target, quasi, person, measures, require: release?.require ?? null };
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    throw toFailure(error, { path: request.target }, (kind) => {
      const hint = 'check that it has a head with the names of its columns, and rows of one form';
      return failure('E_USAGE', { what: `${basename(request.target)} cannot be read (${kind})`, hint });
    });
  } finally {
    await rm(tempDirectory, { recursive: true, force: true });
  }
}

/** What a release names as known and as sensitive; its date is known, since classes are counted within each. @throws E_USAGE */
async function findRelease(
  connection: DuckDBConnection,
  { target, sensitive, person }: PrivacyRequest,
): Promise<Pick<PrivacyRequest, 'quasi' | 'sensitive'> & { readonly require: ReleaseThresholds }> {
  const built = await new ReleaseStore(connection, target).readBuilt().catch(() => null);
  if (built !== null && sensitive.length === 0 && person === null) {
    const { quasi, date_column: date, sensitive: own, require } = built.result;
    return { quasi: [...(date === null ? [] : [date]), ...quasi], sensitive: own, require };
  }
  const what = built === null ? `${target} is no release` : 'a release names its own columns';
  throw failure('E_USAGE', { what, hint: 'name the columns that someone may know of a person with --quasi' });
}

/** Without tokens, rows stand for people: no class of rows may be smaller than one of people. @throws E_RELEASE */
function assertMet(target: string, require: ReleaseThresholds, { k, sensitive }: Measures): void {
  const all = Object.entries(sensitive);
  const missed = [
    ...(k !== null && k < require.k ? [`k is ${k}, and ${require.k} is required`] : []),
    ...all.flatMap(([name, { l }]) =>
      require.l !== null && l !== null && l < require.l
        ? [`l of ${name} is ${l}, and ${require.l} is required`]
        : [],
    ),
  ];
  if (missed.length === 0) return;
  const fix = 'rebuild it with `pipeline transform --all`, and find out who has changed the file';
  throw failure('E_RELEASE', { release: target, what: `as published, ${missed.join(', ')}`, fix });
}

async function assertFile(path: string): Promise<void> {
  const stats = await stat(path).catch(() => null);
  if (stats?.isFile() === true) return;
  const what = `there is no file ${basename(path)} in that folder`;
  throw failure('E_USAGE', { what, hint: 'name a file *.csv or *.parquet, or a table such as silver.users' });
}

/** Types of CSV columns are those that all rows have. */
function selectFile(file: string, path: string): string {
  return file === 'csv'
    ? `read_csv(${quoteText(path)}, header = true, sample_size = -1)`
    : `read_parquet(${quoteText(path)})`;
}

/** Tables that are published; raw zones are not. */
async function findTable(connection: DuckDBConnection, target: string): Promise<string> {
  const tables = await readRows(
    connection,
    `select schema_name as schema, table_name as name from duckdb_tables() where not internal
     union all select schema_name, view_name from duckdb_views() where not internal`,
  );
  const known = tables
    .map((row) => ({ schema: String(row['schema']), name: String(row['name']) }))
    .filter(({ schema }) => SCHEMAS.includes(schema));
  const found = known.find(({ schema, name }) =>
    [`${schema}.${name}`, ...(schema === 'main' ? [name] : [])].includes(target),
  );
  if (found === undefined) {
    const names = known.map(({ schema, name }) => `${schema}.${name}`).sort();
    throw failure('E_UNKNOWN', { kind: 'table', known: names.length === 0 ? 'none' : names.join(', ') });
  }
  return `${quoteName(found.schema)}.${quoteName(found.name)}`;
}

async function readColumns(connection: DuckDBConnection, relation: string): Promise<string[]> {
  const rows = await readRows(connection, `select column_name from (describe from ${relation})`);
  return rows.map((row) => String(row['column_name']));
}

/** A name may hold commas itself. */
function chooseColumns(text: string, columns: readonly string[]): string[] {
  if (columns.includes(text)) return [text];
  return text.split(',').map((part) => {
    const word = part.trim();
    const found =
      columns.find((column) => column === word) ??
      columns.find((column) => column.toLowerCase() === word.toLowerCase());
    if (found === undefined)
      throw failure('E_UNKNOWN', { kind: `column ${scrub(word)}`, known: columns.map(scrub).join(', ') });
    return found;
  });
}

function assertDistinct(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  const what = `column ${scrub(twice)} is named twice`;
  throw failure('E_USAGE', {
    what,
    hint: 'a column is a quasi-identifier, sensitive or the person, not two of them',
  });
}

/** Two tables, with a sentence for each number. */
export function formatMeasures(table: MeasuredTable, terminal: Terminal): string {
  const { target, quasi, person, measures, require } = table;
  const { rows, people, sensitive } = measures;
  const counted =
    person === null ? 'counting rows, not people' : `${formatCount(people)} people by ${scrub(person)}`;
  const head = `${target}: ${formatCount(rows)} rows, ${counted}`;
  const parts = [
    paint(head, 'bold', terminal.color),
    `Known of a person: ${quasi.map(scrub).join(', ')}`,
    ...describeRequired(require),
    '',
    formatTable(['measure', 'value', 'says'], describeClasses(measures), terminal),
  ];
  for (const [name, values] of Object.entries(sensitive)) {
    const title = paint(`What a class says about ${scrub(name)}`, 'bold', terminal.color);
    parts.push('', title, '', formatTable(['measure', 'value', 'says'], describeSensitive(values), terminal));
  }
  if (Object.keys(sensitive).length === 0)
    parts.push('', 'k alone proves little: name what must not be learned with --sensitive, for l and t.');
  return parts.join('\n');
}

function describeRequired(require: ReleaseThresholds | null): string[] {
  if (require === null) return [];
  const { k, l, t } = require;
  const more = [...(l === null ? [] : [`l ≥ ${l}`]), ...(t === null ? [] : [`t ≤ ${t} within each date`])];
  return [`Required and met: ${[`k ≥ ${k}`, ...more].join(', ')}`];
}

function describeClasses(measures: Measures): Cell[][] {
  const { k, k_without_suppressed: kept, rows, unique_rows: unique } = measures;
  return [
    ['k', show(k), 'people of the smallest class: each is one of at least so many who look the same'],
    ...(measures.suppressed_rows === 0
      ? []
      : [['k without suppressed', show(kept), 'the same without suppressed rows']]),
    ['unique rows', share(unique, rows), 'rows that belong to one person alone'],
    ['classes', formatCount(measures.classes), 'sets of people who look the same'],
    ['average class size', show(measures.average_class_size), 'people in a class, on average'],
    ['average risk', show(measures.average_risk), 'chance to pick the right person of a class, on average'],
    ['highest risk', show(measures.highest_risk), 'the same in the smallest class: 1 / k'],
    [
      'discernibility',
      show(measures.discernibility),
      'sum of squared class sizes: the larger, the coarser the table',
    ],
    [
      'suppressed rows',
      share(measures.suppressed_rows, rows),
      'rows of which every column above is null or *',
    ],
  ];
}

function describeSensitive(values: SensitiveMeasures): Cell[][] {
  return [
    ['l', show(values.l), 'different values in the poorest class: 1 means that a class gives its value away'],
    ['entropy l', show(values.entropy_l), 'the same, where rare values count less'],
    [
      '(c,l)',
      `(${show(values.recursive_c)}, ${show(values.recursive_l)})`,
      'how far the most frequent value outweighs the others',
    ],
    ['alpha', show(values.alpha), 'largest share of one value in a class'],
    ['t', show(values.t), 'largest distance of a class from the whole table: 0 says nothing new, 1 all'],
    ['basic beta', show(values.basic_beta), 'largest relative gain of belief in a value'],
    ['enhanced beta', show(values.enhanced_beta), 'the same, limited for values that are rare anyway'],
    ['delta', show(values.delta), 'largest change of the odds of a value, as a logarithm'],
  ];
}

function show(value: number | null): string {
  if (value === null) return 'not defined';
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(4)));
}

function share(part: number, whole: number): string {
  const percent = whole === 0 ? '' : ` (${((100 * part) / whole).toFixed(1)} %)`;
  return `${formatCount(part)}${percent}`;
}
