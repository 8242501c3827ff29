import { failure, tryEach } from '../../base/errors.js';
import { NAME_PATTERN } from '../../base/names.js';
import { listSqlFiles, readSqlFiles, type SqlFile } from '../../base/text/sql-file.js';
import { listBronze, type WarehousePipeline } from '../landed-partition.js';
import { MATERIALIZATIONS } from '../materializations/known.js';
import {
  type Deletes,
  type Materialization,
  type Planner,
  readDeletes,
} from '../materializations/materialization.js';
import type { Release } from '../../base/types/release.js';
import { findUnsafe, SAFE_SQL } from '../sql/functions.js';
import type { Inspect, Inspection, NotSelect } from '../sql/inspect-sql.js';
import { describeOddName, findOddName } from '../sql/plain-names.js';
import { findSyntaxFix, type SqlPlace } from '../sql/syntax-problem.js';
import { findUnstableOrder } from '../sql/unstable-order.js';
import { readExposes } from './read-exposes.js';

/** A view that can be read without a schema. */
const MAIN_VIEW = new RegExp(`^main\\.(${NAME_PATTERN})$`);

const LAYERS = ['silver', 'gold'] as const;
const KEYS = ['description', 'materialize', 'publish', 'deletes', 'exposes'] as const;

const PIVOT_HELP =
  'write one SELECT; a PIVOT lists its values, as in `select a, x, y from t pivot (sum(n) for b in (x, y) group by a)`';
/** One SELECT of `sql/<pipeline>/{silver,gold}`, parsed and validated, not yet run. */
export interface Model {
  /** Qualified name, such as `silver.persons_anonymized`. */
  readonly name: string;
  readonly pipeline: string;
  readonly schema: (typeof LAYERS)[number];
  readonly table: string;
  readonly file: string;
  readonly description: string;
  readonly sql: string;
  /** Qualified names of the bronze views and models that it reads. */
  readonly reads: readonly string[];
  /** The materialization named by `-- materialize:`. */
  readonly materialize: string;
  readonly materialization: Materialization;
  readonly planner: Planner;
  readonly deletes: Deletes | null;
  /** The syntax tree of its SELECT. */
  readonly statement: unknown;
  /** The `exposes` reasons by column. */
  readonly exposes: ReadonlyMap<string, string>;
  /** Whether the outermost query has an `order by`. */
  readonly isOrdered: boolean;
  /** Name of its view in `main`, or null. */
  readonly publishedAs: string | null;
  /** A `*` is an error that is reported when the model is bound, with the columns to name. */
  readonly hasStar: boolean;
  /** Line of `-- materialize:`, from 1. */
  readonly line: number;
  /** What it must reach, of a release; null for an SQL file. */
  readonly release: Release | null;
}

/** The names of a model: its published view needs no schema. */
export function namesOf({ name, publishedAs }: Model): readonly string[] {
  return publishedAs === null ? [name] : [name, `main.${publishedAs}`, `.${publishedAs}`];
}

/**
 * The models of a pipeline in file order.
 * @throws E_MODEL with file, line and remedy; all problems of all files
 */
export async function loadModels(inspect: Inspect, pipeline: WarehousePipeline): Promise<Model[]> {
  const folders = LAYERS.map((layer) => ({
    layer,
    dir: `${pipeline.sqlDir}/${layer}`,
    label: `sql/${pipeline.pipeline}/${layer}`,
    keys: KEYS,
  }));
  const tables = listBronze(pipeline.datasets).map(({ name }) => `bronze.${name}`);
  for (const folder of folders)
    tables.push(...(await listSqlFiles(folder)).map(({ name }) => `${folder.layer}.${name}`));
  const columns = pipeline.datasets.flatMap((dataset) => dataset.columns.map(({ name }) => name));
  const known = { tables, columns };
  const models = await tryEach(folders, async (folder) =>
    tryEach(await readSqlFiles(folder), async (file) => ({
      pipeline: pipeline.pipeline,
      ...(await readModel(inspect, folder.layer, file, known)),
    })),
  );
  return models.flat();
}

/** Names that a remedy can give. */
interface KnownNames {
  readonly tables: readonly string[];
  readonly columns: readonly string[];
}

async function readModel(
  inspect: Inspect,
  schema: Model['schema'],
  file: SqlFile,
  known: KnownNames,
): Promise<Omit<Model, 'pipeline'>> {
  const select = await inspect(file.sql);
  const readers: readonly ((of: SqlFile) => unknown)[] = [
    assertDescribed,
    readMaterialization,
    readReasons,
    readPublished,
    () => {
      assertSteady(file, select, known);
    },
  ];
  await tryEach(readers, (read) => read(file));
  if ('problem' in select) throw syntaxError(file, select, known);
  return {
    name: `${schema}.${file.name}`,
    schema,
    table: file.name,
    file: file.file,
    description: file.head.get('description') ?? '',
    sql: file.sql,
    reads: select.tables.map(({ catalog, schema: of, table }) =>
      catalog === '' ? `${of}.${table}` : `${catalog}.${of}.${table}`,
    ),
    materialize: file.head.get('materialize') ?? '',
    ...readMaterialization(file),
    deletes: readDeletes(file.head) ?? null,
    statement: select.statement,
    exposes: readReasons(file),
    isOrdered: select.isOrdered,
    publishedAs: readPublished(file),
    hasStar: select.hasStar,
    line: lineOf(file, 'materialize'),
    release: null,
  };
}

function assertDescribed(file: SqlFile): void {
  if (!file.head.get('description'))
    throw modelError(file, 'the head has no description', 'add a line `-- description: …`', {
      line: lineOf(file, 'description'),
    });
}

/** The line of a key; of one that is missing, the first. */
function lineOf({ lines }: SqlFile, key: (typeof KEYS)[number]): number {
  return lines.get(key) ?? 1;
}

/** The same lake must give the same tables, so a model must not depend on the current date, random numbers, the order of rows or other files. */
function assertSteady(file: SqlFile, select: Inspection | NotSelect, known: KnownNames): void {
  if ('problem' in select) throw syntaxError(file, select, known);
  const { tableFunctions, nonDeterministic, statement } = select;
  const [tableFunction] = tableFunctions;
  if (tableFunction !== undefined) {
    throw modelError(
      file,
      `a model cannot call the table function ${tableFunction}`,
      'read bronze, silver or gold',
    );
  }
  const [name] = nonDeterministic;
  if (name !== undefined) {
    throw modelError(file, `\`${name}\` is non-deterministic`, 'use the date of the rows (`_ingest_date`)');
  }
  const unsafe = findUnsafe(select);
  if (unsafe !== null) throw modelError(file, unsafe, SAFE_SQL);
  // A table of such a name is unknown to the project, and is rejected when models are sorted.
  const odd = findOddName(statement, file.sql);
  if (odd?.kind === 'CTE') throw modelError(file, describeOddName(odd), 'rename it');
  const anyOrder = findUnstableOrder(statement);
  if (anyOrder !== null) throw modelError(file, anyOrder.problem, anyOrder.fix);
}

function syntaxError(file: SqlFile, { problem, at }: NotSelect, { tables, columns }: KnownNames) {
  const fix = findSyntaxFix(file.sql, at, tables, columns);
  return modelError(file, problem, fix ?? (at.line === undefined ? PIVOT_HELP : `correct ${file.file}`), at);
}

function readMaterialization(file: SqlFile): { materialization: Materialization; planner: Planner } {
  const text = file.head.get('materialize') ?? '';
  for (const materialization of MATERIALIZATIONS) {
    const planner = materialization.parse(text, file.head);
    if (planner === null) continue;
    const isForeign = file.head.has('deletes') && !materialization.keys.includes('deletes');
    if (isForeign)
      throw modelError(file, '`deletes` applies only to upsert and history', 'remove `-- deletes: …`', {
        line: lineOf(file, 'deletes'),
      });
    return { materialization, planner };
  }
  const known = MATERIALIZATIONS.map(({ usage }) => usage).join(' | ');
  if (readDeletes(file.head) === undefined)
    throw modelError(
      file,
      '`deletes` has an unknown value',
      'write `-- deletes: close` or `-- deletes: keep`',
      {
        line: lineOf(file, 'deletes'),
      },
    );
  const problem = text === '' ? 'the head has no materialize' : `\`materialize: ${text}\` is not supported`;
  throw modelError(file, problem, `write \`-- materialize: ${known}\``, {
    line: lineOf(file, 'materialize'),
  });
}

function readReasons(file: SqlFile): ReadonlyMap<string, string> {
  const exposes = readExposes(file.head.get('exposes'));
  const form = 'write one line `-- exposes: COLUMN because WHY` for each column';
  if (exposes === null)
    throw modelError(file, '`exposes` needs a column and a reason', form, { line: lineOf(file, 'exposes') });
  return exposes;
}

function readPublished(file: SqlFile): string | null {
  const text = file.head.get('publish');
  if (text === undefined) return null;
  const name = MAIN_VIEW.exec(text)?.[1];
  if (name === undefined)
    throw modelError(file, `cannot publish as \`${text}\``, 'write `-- publish: main.NAME`', {
      line: lineOf(file, 'publish'),
    });
  return name;
}

function modelError(file: SqlFile, problem: string, fix: string, at: SqlPlace = {}) {
  return failure('E_MODEL', { problem, fix }, { file: file.file, ...at, stage: 'transform' });
}
