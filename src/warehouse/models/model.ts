import type { DuckDBConnection } from '@duckdb/node-api';
import { failure } from '../../base/errors.js';
import { NAME_PATTERN } from '../../base/names.js';
import { readSqlFiles, type SqlFile } from '../../base/text/sql-file.js';
import type { WarehousePipeline } from '../landed-partition.js';
import { MATERIALIZATIONS } from '../materializations/known.js';
import type { Materialization, Planner } from '../materializations/materialization.js';
import { type Inspection, inspectSelect } from '../sql/inspect-sql.js';
import { findUnsafe } from '../sql/functions.js';
import { describeOddName, findOddName } from '../sql/plain-names.js';
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
  readonly sql: string;
  /** Qualified names of the bronze views and models that it reads. */
  readonly reads: readonly string[];
  /** The materialization named by `-- materialize:`. */
  readonly materialize: string;
  readonly materialization: Materialization;
  readonly planner: Planner;
  /** The syntax tree of its SELECT. */
  readonly statement: unknown;
  /** The `exposes` reasons by column. */
  readonly exposes: ReadonlyMap<string, string>;
  /** Whether the outermost query has an `order by`. */
  readonly isOrdered: boolean;
  /** Name of its view in `main`, or null. */
  readonly publishedAs: string | null;
}

/** The names of a model: its published view needs no schema. */
export function namesOf({ name, publishedAs }: Model): readonly string[] {
  return publishedAs === null ? [name] : [name, `main.${publishedAs}`, `.${publishedAs}`];
}

/**
 * The models of a pipeline in file order.
 * @throws E_MODEL with file and remedy
 */
export async function loadModels(
  connection: DuckDBConnection,
  { pipeline, sqlDir }: WarehousePipeline,
): Promise<Model[]> {
  const models: Model[] = [];
  for (const layer of LAYERS) {
    const folder = { dir: `${sqlDir}/${layer}`, label: `sql/${pipeline}/${layer}`, keys: KEYS };
    for (const file of await readSqlFiles(folder)) {
      models.push({ pipeline, ...(await readModel(connection, layer, file)) });
    }
  }
  return models;
}

async function readModel(
  connection: DuckDBConnection,
  schema: Model['schema'],
  file: SqlFile,
): Promise<Omit<Model, 'pipeline'>> {
  const inspection = await inspectSelect(connection, file.sql);
  if ('problem' in inspection) {
    throw modelError(file, inspection.problem, PIVOT_HELP);
  }
  assertSteady(file, inspection);
  return {
    name: `${schema}.${file.name}`,
    schema,
    table: file.name,
    file: file.file,
    sql: file.sql,
    reads: inspection.tables.map(({ catalog, schema: of, table }) =>
      catalog === '' ? `${of}.${table}` : `${catalog}.${of}.${table}`,
    ),
    materialize: file.head.get('materialize') ?? '',
    ...readMaterialization(file),
    statement: inspection.statement,
    exposes: readReasons(file),
    isOrdered: inspection.isOrdered,
    publishedAs: readPublished(file),
  };
}

/** The same lake must give the same tables, so a model must not depend on the current date, random numbers, the order of rows or other files. */
function assertSteady(file: SqlFile, inspection: Inspection): void {
  const { hasStar, tableFunctions, nonDeterministic, statement } = inspection;
  if (!file.head.get('description')) {
    throw modelError(file, 'the head has no description', 'add a line `-- description: …`');
  }
  if (hasStar) throw modelError(file, 'a model cannot use `*`', 'name the columns');
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
  const unsafe = findUnsafe(inspection);
  if (unsafe !== null)
    throw modelError(file, unsafe, 'write it with a function of that list, or with columns');
  // A table of such a name is unknown to the project, and is rejected when models are sorted.
  const odd = findOddName(statement, file.sql);
  if (odd?.kind === 'CTE') throw modelError(file, describeOddName(odd), 'rename it');
  const anyOrder = findUnstableOrder(statement);
  if (anyOrder !== null) throw modelError(file, anyOrder.problem, anyOrder.fix);
}

function readMaterialization(file: SqlFile): { materialization: Materialization; planner: Planner } {
  const text = file.head.get('materialize') ?? '';
  for (const materialization of MATERIALIZATIONS) {
    const planner = materialization.parse(text, file.head);
    if (planner === null) continue;
    const isForeign = file.head.has('deletes') && !materialization.keys.includes('deletes');
    if (isForeign) throw modelError(file, '`deletes` applies only to history', 'remove `-- deletes: …`');
    return { materialization, planner };
  }
  const known = MATERIALIZATIONS.map(({ usage }) => usage).join(' | ');
  const deletes = file.head.get('deletes') ?? 'close';
  if (deletes !== 'close')
    throw modelError(file, '`deletes` has an unknown value', 'write `-- deletes: close`');
  throw modelError(file, `\`materialize: ${text}\` is not supported`, `write \`-- materialize: ${known}\``);
}

function readReasons(file: SqlFile): ReadonlyMap<string, string> {
  const exposes = readExposes(file.head.get('exposes'));
  const form = 'write one line `-- exposes: COLUMN because WHY` for each column';
  if (exposes === null) throw modelError(file, '`exposes` needs a column and a reason', form);
  return exposes;
}

function readPublished(file: SqlFile): string | null {
  const text = file.head.get('publish');
  if (text === undefined) return null;
  const name = MAIN_VIEW.exec(text)?.[1];
  if (name === undefined)
    throw modelError(file, `cannot publish as \`${text}\``, 'write `-- publish: main.NAME`');
  return name;
}

function modelError(file: SqlFile, problem: string, fix: string) {
  return failure('E_MODEL', { problem, fix }, { file: file.file, stage: 'transform' });
}
