import type { DuckDBConnection } from '@duckdb/node-api';
import { failure } from '../../base/errors.js';
import { NAME_PATTERN } from '../../base/names.js';
import { readSqlFiles, type SqlFile } from '../../base/text/sql-file.js';
import type { WarehousePipeline } from '../landed-partition.js';
import { MATERIALIZATIONS } from '../materializations/known.js';
import type { Materialization, Planner } from '../materializations/materialization.js';
import { type Inspection, inspectSelect } from '../sql/inspect-sql.js';
import { describeOddName, findOddName } from '../sql/plain-names.js';
import { findUnstableOrder } from '../sql/unstable-order.js';
import { readExposes } from './read-exposes.js';

/** A view that readers find without a schema. */
const MAIN_VIEW = new RegExp(`^main\\.(${NAME_PATTERN})$`);

const LAYERS = ['silver', 'gold'] as const;
const KEYS = ['description', 'materialize', 'publish', 'deletes', 'exposes'] as const;

const PIVOT_HELP =
  'write one SELECT; a PIVOT lists its values, as in `select a, x, y from t pivot (sum(n) for b in (x, y) group by a)`';
/** One SELECT of `sql/<pipeline>/{silver,gold}`, read and checked, not yet run. */
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
  /** What `-- materialize:` says. */
  readonly materialize: string;
  readonly materialization: Materialization;
  readonly planner: Planner;
  /** The syntax tree of its SELECT. */
  readonly statement: unknown;
  /** Why columns may be shown that are made of what is raw only, or decided by it. */
  readonly exposes: ReadonlyMap<string, string>;
  /** Whether its outermost query states an order. */
  readonly isOrdered: boolean;
  /** Name of the view in `main` that shows it, or null. */
  readonly publishedAs: string | null;
}

/** Those that a model may be read by: what `publish` shows of it needs no schema. */
export function namesOf({ name, publishedAs }: Model): readonly string[] {
  return publishedAs === null ? [name] : [name, `main.${publishedAs}`, `.${publishedAs}`];
}

/**
 * The models of a pipeline in the order of their files.
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
    throw refuse(file, inspection.problem, PIVOT_HELP);
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

/** Same lake, same tables: nothing in a model may depend on the day, on chance, on the order of rows or on files beside the lake. */
function assertSteady(
  file: SqlFile,
  { hasStar, tableFunctions, nonDeterministic, statement }: Inspection,
): void {
  if (!file.head.get('description')) {
    throw refuse(file, 'the head has no description', 'add `-- description: …` in one line');
  }
  if (hasStar) throw refuse(file, 'a model may not use `*`', 'name the columns');
  const [tableFunction] = tableFunctions;
  if (tableFunction !== undefined) {
    throw refuse(
      file,
      `a model may not call the table function ${tableFunction}`,
      'read bronze, silver or gold',
    );
  }
  const [name] = nonDeterministic;
  if (name !== undefined) {
    throw refuse(
      file,
      `\`${name}\` gives another answer at each run`,
      'use the date of the rows (`_ingest_date`)',
    );
  }
  // A table of such a name is none of the project's, and is refused where models are put in order.
  const odd = findOddName(statement, file.sql);
  if (odd?.kind === 'CTE') throw refuse(file, describeOddName(odd), 'give it a plain name');
  const anyOrder = findUnstableOrder(statement);
  if (anyOrder !== null) throw refuse(file, anyOrder.problem, anyOrder.fix);
}

function readMaterialization(file: SqlFile): { materialization: Materialization; planner: Planner } {
  const text = file.head.get('materialize') ?? '';
  for (const materialization of MATERIALIZATIONS) {
    const planner = materialization.parse(text, file.head);
    if (planner === null) continue;
    const isForeign = file.head.has('deletes') && !materialization.keys.includes('deletes');
    if (isForeign) throw refuse(file, '`deletes` is for history only', 'take `-- deletes: …` out');
    return { materialization, planner };
  }
  const known = MATERIALIZATIONS.map(({ usage }) => usage).join(' | ');
  const deletes = file.head.get('deletes') ?? 'close';
  if (deletes !== 'close') throw refuse(file, '`deletes` is not known', 'write `-- deletes: close`');
  throw refuse(file, `\`materialize: ${text}\` is not known`, `write \`-- materialize: ${known}\``);
}

function readReasons(file: SqlFile): ReadonlyMap<string, string> {
  const exposes = readExposes(file.head.get('exposes'));
  const form = 'write `-- exposes: COLUMN because WHY`, a line for each column';
  if (exposes === null) throw refuse(file, '`exposes` names no column, or no reason', form);
  return exposes;
}

function readPublished(file: SqlFile): string | null {
  const text = file.head.get('publish');
  if (text === undefined) return null;
  const name = MAIN_VIEW.exec(text)?.[1];
  if (name === undefined)
    throw refuse(file, `cannot publish as \`${text}\``, 'write `-- publish: main.NAME`');
  return name;
}

function refuse(file: SqlFile, problem: string, fix: string) {
  return failure('E_MODEL', { problem, fix }, { file: file.file, stage: 'transform' });
}
