import { LakeveilError } from '../base/errors.js';
import type { StatementOrigin } from '../base/types/warehouse-reader.js';
import { assertUnexposed } from './lineage/assert-unexposed.js';
import type { OpenLineage } from './lineage/bind-project.js';
import { keepAll } from './lineage/kept-columns.js';
import { LineageRoom } from './lineage/lineage-room.js';
import type { BoundSelect } from './lineage/model-lineage.js';
import { namesOf } from './models/model.js';
import { readExposes } from './models/read-exposes.js';
import type { WarehouseProject } from './project.js';
import { assertReadable, failRun, refuse } from './sql/assert-readable.js';
import type { TableName } from './sql/inspect-sql.js';
import { quoteSqlProblem } from './sql/run-sql.js';

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

/**
 * Why reports may not be shown, by name: what they read is no table or a restricted raw zone, or a column follows from
 * what is raw only and nothing says why (E_MODEL, E_EXPORT_RAW, E_LINEAGE, each with the file). Runs none of them, and
 * needs neither lake nor warehouse.
 */
export async function evaluateReports(
  project: WarehouseProject,
  lineage: OpenLineage,
  reports: readonly ReportSelect[],
  openZones: readonly string[],
): Promise<ReadonlyMap<string, LakeveilError>> {
  const refused = new Map<string, LakeveilError>();
  for (const report of reports) {
    try {
      await assertShowable(project, lineage, report, openZones);
    } catch (error) {
      if (!(error instanceof LakeveilError)) throw error;
      refused.set(report.name, error);
    }
  }
  return refused;
}

async function assertShowable(
  { models, datasets }: WarehouseProject,
  { connection, room, restrictions }: OpenLineage,
  { name, file, sql, exposes: lines }: ReportSelect,
  openZones: readonly string[],
): Promise<void> {
  const origin = { kind: 'report', report: name, file } as const;
  const { tables } = await assertReadable(connection, { sql, origin }, openZones);
  const known = [...datasets.map((dataset) => `bronze.${dataset.name}`), ...models.flatMap(namesOf)];
  const stranger = tables.find((table) => !isOwn(table) && !known.includes(nameTable(table)));
  if (stranger !== undefined) {
    throw refuse(origin, `there is no table ${nameTable(stranger).replace(/^\./, '')}`);
  }
  const exposes = readExposes(lines ?? undefined);
  if (exposes === null) throw refuse(origin, '`exposes` names no column, or no reason');
  const select = await bind(room, sql, origin);
  const shown = { name: `report.${name}`, file, exposes, schema: 'report' } as const;
  await assertUnexposed(room, shown, select, keepAll(select), restrictions);
}

async function bind(room: LineageRoom, sql: string, origin: StatementOrigin): Promise<BoundSelect> {
  try {
    return await room.bind(sql);
  } catch (error) {
    const problem = quoteSqlProblem(error);
    throw problem === null ? failRun(origin, error) : refuse(origin, problem);
  }
}

function isOwn({ catalog, schema }: TableName): boolean {
  return catalog === '' && OWN_SCHEMAS.includes(schema);
}

function nameTable({ catalog, schema, table }: TableName): string {
  return catalog === '' ? `${schema}.${table}` : `${catalog}.${schema}.${table}`;
}
