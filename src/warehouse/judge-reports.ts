import type { DuckDBConnection } from '@duckdb/node-api';
import { withInstance } from '../base/duckdb.js';
import { LakeveilError } from '../base/errors.js';
import { assertUnexposed } from './lineage/assert-unexposed.js';
import { readExposes } from './lineage/read-exposes.js';
import { namesOf, type Traceable, traceLineage } from './lineage/trace-lineage.js';
import { AS_SELECTED, planNothing } from './materializations/materialization.js';
import type { Project } from './project.js';
import { assertReadable, refuse } from './sql/assert-readable.js';
import type { TableName } from './sql/inspect-sql.js';

/** A report as far as it can be judged without running it. */
export interface ReportSelect {
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  /** Its lines `-- exposes: COLUMN because WHY`; null where it has none. */
  readonly exposes: string | null;
}

/** Schemas that are filled from manifests, the ledger and the catalogue. */
const OWN_SCHEMAS = ['ops', 'information_schema'];
const PLANNER = { ...AS_SELECTED, needs: [], closesDeletes: false, plan: planNothing };

/**
 * Why reports may not be shown, by name: what they read is no table or a restricted raw zone, or a column is made of what
 * is raw only and nothing says why (E_MODEL, E_EXPORT_RAW, E_LINEAGE, each with the file). Runs none of them, and needs
 * neither lake nor warehouse.
 */
export async function judgeReports(
  project: Project,
  reports: readonly ReportSelect[],
  openZones: readonly string[],
): Promise<ReadonlyMap<string, LakeveilError>> {
  const refused = new Map<string, LakeveilError>();
  if (reports.length === 0) return refused;
  await withInstance({}, async (connection) => {
    for (const report of reports) {
      const error = await judge(connection, project, report, openZones);
      if (error !== null) refused.set(report.name, error);
    }
  });
  return refused;
}

async function judge(
  connection: DuckDBConnection,
  project: Project,
  report: ReportSelect,
  openZones: readonly string[],
): Promise<LakeveilError | null> {
  try {
    await assertShowable(connection, project, report, openZones);
    return null;
  } catch (error) {
    if (error instanceof LakeveilError) return error;
    throw error;
  }
}

async function assertShowable(
  connection: DuckDBConnection,
  { models, datasets }: Project,
  { name, file, sql, exposes: lines }: ReportSelect,
  openZones: readonly string[],
): Promise<void> {
  const origin = { kind: 'report', report: name, file } as const;
  const { statement, tables } = await assertReadable(connection, { sql, origin }, openZones);
  const known = [...datasets.map((dataset) => `bronze.${dataset.name}`), ...models.flatMap(namesOf)];
  const stranger = tables.find((table) => !isOwn(table) && !known.includes(nameTable(table)));
  if (stranger !== undefined) {
    throw refuse(origin, `there is no table ${nameTable(stranger).replace(/^\./, '')}`);
  }
  const exposes = readExposes(lines ?? undefined);
  if (exposes === null) throw refuse(origin, '`exposes` names no column, or no reason');
  const report: Traceable = {
    ...{ name: `report.${name}`, pipeline: '', statement, exposes, planner: PLANNER, publishedAs: null },
    reads: tables.map(nameTable),
  };
  const lineage = traceLineage([...models, report], datasets, tables.filter(isOwn).map(nameTable));
  assertUnexposed([{ name: report.name, file, exposes, schema: 'report' }], lineage);
}

function isOwn({ catalog, schema }: TableName): boolean {
  return catalog === '' && OWN_SCHEMAS.includes(schema);
}

function nameTable({ catalog, schema, table }: TableName): string {
  return catalog === '' ? `${schema}.${table}` : `${catalog}.${schema}.${table}`;
}
