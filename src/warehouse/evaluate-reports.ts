import { failure, LakeveilError } from '../base/errors.js';
import type { CellRules, StatementOrigin } from '../base/types/warehouse-reader.js';
import { findPeopleProblem, type People, type ReportProblem } from './lineage/assert-people.js';
import { assertUnexposed } from './lineage/assert-unexposed.js';
import type { OpenLineage } from './lineage/bind-project.js';
import { keepAll } from './lineage/kept-columns.js';
import { type LineageInstance } from './lineage/lineage-room.js';
import type { BoundSelect } from './lineage/model-lineage.js';
import { findCellRules } from './lineage/report-cells.js';
import { listAggregates } from './lineage/trace-columns.js';
import { namesOf } from './models/model.js';
import { readExposes } from './models/read-exposes.js';
import { digest, type KnownInput, locateKnown, readKnown, writeKnown } from './known-project.js';
import type { WarehousePipeline } from './landed-partition.js';
import { type WarehouseProject, withProject } from './project.js';
import { assertReadable, runError, statementError } from './sql/assert-readable.js';
import type { TableName } from './sql/inspect-sql.js';
import { quoteSqlProblem } from './sql/run-sql.js';

/** The parts of a report that can be evaluated without running it. */
export interface ReportSelect {
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  /** The lines `-- exposes: COLUMN because WHY`; null if there are none. */
  readonly exposes: string | null;
  /** Null for an internal report that names none. */
  readonly people: People | null;
  /** Columns with a number of people of which those of a row are a part. */
  readonly totals: readonly string[];
  /** People below which a row shows no numbers; null to show all. */
  readonly minCell: number | null;
}

/** What became of the reports, by name. */
export interface EvaluatedReports {
  readonly rejected: ReadonlyMap<string, LakeveilError>;
  /** How those that are shown hide small cells; null where they need not. */
  readonly cells: ReadonlyMap<string, CellRules | null>;
}

/** Schemas filled from manifests, the ledger and the catalogue. */
const OWN_SCHEMAS = ['ops', 'information_schema'];

/**
 * The reports that are rejected, with the error: they read something that is not a table or a restricted raw
 * zone, a column derives from a raw-only column without a reason, or small cells would show (E_MODEL, E_EXPORT_RAW, E_LINEAGE, each with the
 * file). Runs no report, and needs neither lake nor warehouse.
 */
export async function evaluateReports(
  project: WarehouseProject,
  lineage: OpenLineage,
  reports: readonly ReportSelect[],
  openZones: readonly string[],
): Promise<EvaluatedReports> {
  const rejected = new Map<string, LakeveilError>();
  const cells = new Map<string, CellRules | null>();
  for (const report of reports) {
    try {
      cells.set(report.name, await assertShowable(project, lineage, report, openZones));
    } catch (error) {
      if (!(error instanceof LakeveilError)) throw error;
      rejected.set(report.name, error);
    }
  }
  return { rejected, cells };
}

/**
 * The same for some pipelines. Reports that an earlier command found showable are not evaluated again.
 * @throws as `withProject`
 */
export async function findRejected(
  pipelines: readonly WarehousePipeline[],
  input: KnownInput,
  reports: readonly ReportSelect[],
  openZones: readonly string[],
): Promise<EvaluatedReports> {
  const place = await locateKnown(input, pipelines);
  const known = await readKnown(place);
  const digests = new Map(reports.map((report) => [report, digestReport(report, openZones)]));
  const unknown = reports.filter((report) => known?.reports.has(digests.get(report) ?? '') !== true);
  const recall = (report: ReportSelect) => known?.reports.get(digests.get(report) ?? '') ?? null;
  const cells = new Map(reports.map((report) => [report.name, recall(report)]));
  if (known !== null && unknown.length === 0) return { rejected: new Map(), cells };
  return withProject(pipelines, async (project, lineage, inspections) => {
    const found = await evaluateReports(project, lineage, unknown, openZones);
    const shown = unknown.filter(({ name }) => found.cells.has(name));
    const accepted = new Map([
      ...(known?.reports ?? []),
      ...shown.map((report) => [digests.get(report) ?? '', found.cells.get(report.name) ?? null] as const),
    ]);
    await writeKnown(place, { inspections, relations: project.relations, reports: accepted });
    for (const { name } of unknown) cells.delete(name);
    return { rejected: found.rejected, cells: new Map([...cells, ...found.cells]) };
  });
}

function digestReport(
  { name, file, sql, exposes, people, totals, minCell }: ReportSelect,
  openZones: readonly string[],
): string {
  return digest([name, file, sql, exposes, people, totals, minCell, openZones]);
}

async function assertShowable(
  { models, datasets }: WarehouseProject,
  { connection, instance, restrictions }: OpenLineage,
  { name, file, sql, exposes: lines, people, totals, minCell }: ReportSelect,
  openZones: readonly string[],
): Promise<CellRules | null> {
  const origin = { kind: 'report', report: name, file, exposes: lines, cells: null } as const;
  const { tables, statement } = await assertReadable(connection, { sql, origin }, openZones);
  const known = [...datasets.map((dataset) => `bronze.${dataset.name}`), ...models.flatMap(namesOf)];
  const stranger = tables.find((table) => !isOwn(table) && !known.includes(nameTable(table)));
  if (stranger !== undefined) {
    throw statementError(origin, `there is no table ${nameTable(stranger).replace(/^\./, '')}`);
  }
  const query = { statement, reads: tables.map(nameTable) };
  const found =
    people === null ? null : findPeopleProblem(people, query, { models, datasets }, minCell === null);
  if (found !== null) throw reportFailure(origin, found);
  const exposes = readExposes(lines ?? undefined);
  if (exposes === null) throw statementError(origin, '`exposes` needs a column and a reason');
  const select = await bind(instance, sql, origin);
  const shown = { name: `report.${name}`, file, exposes, schema: 'report' } as const;
  await assertUnexposed(instance, shown, select, keepAll(select), restrictions);
  if (minCell === null || people?.kind !== 'column') return null;
  const columns = select.columns.map((column) => column.name);
  const aggregates = await listAggregates({ connection });
  const input = { query, columns, minCell, people: people.column, totals, aggregates };
  const rules = findCellRules(input, { models, datasets });
  if ('problem' in rules) throw reportFailure(origin, rules);
  return rules;
}

function reportFailure({ report, file }: { report: string; file: string }, { problem, fix }: ReportProblem) {
  return failure('E_MODEL', { problem: `${report}: ${problem}`, fix }, { file, stage: 'report' });
}

async function bind(instance: LineageInstance, sql: string, origin: StatementOrigin): Promise<BoundSelect> {
  try {
    return await instance.bind(sql);
  } catch (error) {
    const problem = quoteSqlProblem(error);
    throw problem === null ? runError(origin, error) : statementError(origin, problem);
  }
}

function isOwn({ catalog, schema }: TableName): boolean {
  return catalog === '' && OWN_SCHEMAS.includes(schema);
}

function nameTable({ catalog, schema, table }: TableName): string {
  return catalog === '' ? `${schema}.${table}` : `${catalog}.${schema}.${table}`;
}
