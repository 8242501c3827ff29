import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quoteName } from '../base/duckdb.js';
import { failure } from '../base/errors.js';
import { writeBeside } from '../base/files/durable.js';
import type { Blanked } from '../base/types/result.js';
import type { Statement, WarehouseReader } from '../base/types/warehouse-reader.js';
import { type ExportFormat, writeText } from './export-format.js';
import { makeOutDir, type OutDirOptions } from './out-dir.js';
import type { ShownReport } from './report-file.js';
import { chooseReports, describeReport } from './run-reports.js';

export interface ExportInput extends OutDirOptions {
  /** Opens the warehouse with permission to write Parquet to the output folder. */
  readonly openReader: (writeDir: string) => Promise<WarehouseReader>;
  readonly reports: readonly ShownReport[];
  /** Reports, and tables as `schema.table`; empty means every report. */
  readonly names: readonly string[];
  readonly format: ExportFormat;
  readonly withTokens: boolean;
  /** Called with each file before it is written. */
  readonly onFile?: (name: string, path: string) => Promise<void>;
}

export interface ExportedFile {
  readonly name: string;
  readonly path: string;
  readonly rows: number;
  /** The small cells that are empty in it; null where none is hidden. */
  readonly blanked: Blanked | null;
}

interface Item {
  readonly name: string;
  readonly statement: Statement;
}

/**
 * Writes reports and tables as `<folder>/<name>.<format>`, each file atomically. Nothing is written until all of them are
 * known and allowed. Rows are streamed, so memory use stays flat.
 * @throws E_OUT_DIR, E_UNKNOWN, E_EXPORT_RAW, E_EXPORT_TOKENS, E_NO_WAREHOUSE, E_MODEL, E_SQL_RUN, E_DISK
 */
export async function exportResults(input: ExportInput): Promise<ExportedFile[]> {
  const dir = await makeOutDir(input);
  const reader = await input.openReader(dir);
  try {
    const items = await chooseItems(reader, input);
    if (!input.withTokens) for (const item of items) await assertNoTokens(reader, item);
    const files: ExportedFile[] = [];
    for (const item of items) {
      await input.onFile?.(item.name, join(dir, `${item.name}.${input.format}`));
      files.push(await exportItem(reader, item, dir, input.format));
    }
    return files;
  } finally {
    reader.close();
  }
}

async function chooseItems(reader: WarehouseReader, { reports, names, date }: ExportInput): Promise<Item[]> {
  const tables = names.some(isTableName) ? await listTables(reader) : [];
  if (names.length === 0) return reports.map((report) => describeItem(report, date));
  return names.flatMap((name) =>
    isTableName(name)
      ? describeTable(name, tables)
      : chooseReports(reports, [name]).map((report) => describeItem(report, date)),
  );
}

function describeItem(report: ShownReport, date: string): Item {
  return { name: report.name, statement: describeReport(report, date) };
}

/** Whether a name is that of a table, `schema.table`, and not of a report. */
export function isTableName(name: string): boolean {
  return name.includes('.');
}

async function listTables(reader: WarehouseReader): Promise<string[]> {
  const { batches } = await reader.select({
    sql: `select table_schema || '.' || table_name from information_schema.tables order by 1`,
    date: null,
    origin: { kind: 'table', table: 'information_schema.tables' },
  });
  const names: string[] = [];
  for await (const batch of batches) names.push(...batch.map(([name]) => String(name)));
  return names;
}

function describeTable(name: string, tables: readonly string[]): Item {
  if (!tables.includes(name)) throw failure('E_UNKNOWN', { kind: 'table', known: tables.join(', ') });
  const [schema, table] = name.split('.');
  const sql = `from ${quoteName(schema ?? '')}.${quoteName(table ?? '')}`;
  return { name, statement: { sql, date: null, origin: { kind: 'table', table: name } } };
}

/** @throws E_EXPORT_TOKENS if a column derives from a token, or the rows are sorted by one */
export async function assertNoTokens(
  reader: WarehouseReader,
  { name, statement }: Readonly<{ name: string; statement: Statement }>,
): Promise<void> {
  const { columns, isOrderedByToken } = await reader.describe(statement);
  const tokens = columns.filter(({ isToken }) => isToken).map((column) => column.name);
  const what = tokens.length > 0 ? tokens.join(', ') : 'in its `order by`';
  if (tokens.length > 0 || isOrderedByToken) throw failure('E_EXPORT_TOKENS', { table: name, columns: what });
}

async function exportItem(
  reader: WarehouseReader,
  { name, statement }: Item,
  dir: string,
  format: ExportFormat,
): Promise<ExportedFile> {
  const path = join(dir, `${name}.${format}`);
  const written = await writeBeside(path, (part) =>
    format === 'parquet'
      ? reader.writeParquet(statement, part)
      : writeTextFile(reader, statement, part, format),
  );
  return { name, path, ...written };
}

async function writeTextFile(
  reader: WarehouseReader,
  statement: Statement,
  path: string,
  format: 'csv' | 'json',
): Promise<Pick<ExportedFile, 'rows' | 'blanked'>> {
  let total = 0;
  const selection = await reader.select(statement);
  const file = await open(path, 'wx', 0o600);
  try {
    const text = writeText(format, selection, (rows) => {
      total += rows;
    });
    await writeFile(file, text);
    await file.sync();
  } finally {
    await file.close();
  }
  return { rows: total, blanked: selection.blanked };
}
