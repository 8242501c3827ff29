import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteText, readRows, toNumber } from '../../base/duckdb.js';
import { describedType } from '../../lake/inspect-file.js';
import type { LandedColumn } from '../../lake/landing-plan.js';
import { missedPredicate } from '../../lake/proof.js';
import type { FindingList, Hit, PlaceOfHit } from './leak-findings.js';
import { describeRelation, readCells, type Relation } from './read-cells.js';
import type { PatternRule, Searcher } from './search.js';

/** What a scan works with, and what it counts. */
export interface Scan {
  readonly searcher: Searcher;
  readonly findings: FindingList;
  readonly counts: { files: number; bytes: number; columns: number; shapes: number };
  /** Throws when the command is to stop. */
  readonly assertRunning: () => void;
}

/** A landed column, and whether its shape says that no personal text is in it. */
export interface ProvenColumn extends LandedColumn {
  readonly rule: PatternRule;
}

/** A name that is or holds a value is not shown. */
export function showName({ searcher }: Scan, name: string): string {
  return searcher.searchText(name) === null ? name : '(name withheld)';
}

/** Parquet as a relation whose rows have numbers. */
export async function openParquet(connection: DuckDBConnection, path: string): Promise<Relation> {
  const from = `read_parquet([${quoteText(path)}], hive_partitioning = false, file_row_number = true)`;
  const relation = await describeRelation(connection, from, 'file_row_number + 1');
  return { ...relation, columns: relation.columns.filter(({ name }) => name !== 'file_row_number') };
}

/** CSV as a relation: every cell is text. */
export async function openCsv(connection: DuckDBConnection, path: string): Promise<Relation> {
  const from = `(select *, row_number() over () as "file row number" from read_csv(${quoteText(path)}, header = true, all_varchar = true))`;
  const relation = await describeRelation(connection, from, '"file row number"');
  return { ...relation, columns: relation.columns.filter(({ name }) => name !== 'file row number') };
}

/** Searches the cells of some columns of a relation. @param table null for a file that is one table */
export async function scanCells(
  scan: Scan,
  connection: DuckDBConnection,
  relation: Relation,
  place: Pick<PlaceOfHit, 'path' | 'table'>,
  rules: ReadonlyMap<string, PatternRule>,
): Promise<void> {
  for (const [name, rule] of rules) {
    scan.assertRunning();
    scan.counts.columns += 1;
    const column = showName(scan, name);
    for await (const { cells, rows, counts } of readCells(connection, relation, name))
      for (const { index, hit } of scan.searcher.searchCells(cells, rule)) {
        const [row = null, count = 1] = [rows[index], counts[index]];
        scan.findings.addHit(hit, { ...place, place: 'cells', column, row, count });
      }
  }
}

/** Compares every cell of landed columns with the shape of its treatment. */
export async function scanShapes(
  scan: Scan,
  connection: DuckDBConnection,
  relation: Relation,
  path: string,
  landed: readonly ProvenColumn[],
): Promise<void> {
  const types = new Map(relation.columns.map(({ name, type }) => [name, type]));
  const place = { path, place: 'cells', table: null };
  const checked = landed.filter(({ name, type, treatment }) => {
    const isSame = types.get(name) === describedType(type);
    if (!isSame && types.has(name))
      scan.findings.addShape(treatment, { ...place, column: name, row: null, count: 1 });
    return isSame;
  });
  if (checked.length === 0) return;
  const counts = checked.map((column, i) => {
    const missed = missedPredicate(column);
    return `count(*) filter (${missed}) as n${i}, min(${relation.row ?? 'null'}) filter (${missed}) as r${i}`;
  });
  const [row] = await readRows(connection, `select ${counts.join(', ')} from ${relation.from}`);
  scan.counts.shapes += checked.length;
  for (const [i, { name, treatment }] of checked.entries()) {
    const count = toNumber(row?.[`n${i}`]);
    if (count > 0)
      scan.findings.addShape(treatment, { ...place, column: name, row: toNumber(row?.[`r${i}`]), count });
  }
}

/** Compares the least and greatest text of landed columns with their shapes: a footer may hold what no cell does. */
export async function scanStatistics(
  scan: Scan,
  connection: DuckDBConnection,
  file: string,
  path: string,
  landed: readonly ProvenColumn[],
): Promise<void> {
  for (const column of landed.filter(({ type }) => type === 'VARCHAR')) {
    const [row] = await readRows(
      connection,
      `select count(*) filter (${missedPredicate(column)}) as n from (
         select unnest([if(min_is_exact is not false, stats_min_value, null), if(max_is_exact is not false, stats_max_value, null)]) as ${quoteName(column.name)}
         from parquet_metadata(${quoteText(file)}) where path_in_schema in (${quoteText(column.name)}, ${quoteText(quoteName(column.name))}))`,
    );
    const place = { path, place: 'statistics', table: null, column: column.name, row: null };
    const count = toNumber(row?.['n']);
    if (count > 0) scan.findings.addShape(column.treatment, { ...place, count });
  }
}

/** What a footer holds beside the cells: statistics, key-value metadata, names. */
const FOOTER = [
  { place: 'statistics', from: 'parquet_metadata', column: 'path_in_schema', texts: ['stats_min', 'stats_max', 'stats_min_value', 'stats_max_value'] },
  { place: 'metadata', from: 'parquet_kv_metadata', column: null, texts: ['key::varchar', 'hex(key)', 'value::varchar', 'hex(value)'] },
  { place: 'schema', from: 'parquet_schema', column: null, texts: ['name'] },
  { place: 'metadata', from: 'parquet_file_metadata', column: null, texts: ['created_by'] },
] as const; // prettier-ignore

export async function scanFooter(
  scan: Scan,
  connection: DuckDBConnection,
  file: string,
  path: string,
): Promise<void> {
  for (const { place, from, column, texts } of FOOTER) {
    const rows = await readRows(
      connection,
      `select distinct unnest([${texts.join(', ')}]) as text, ${column ?? 'null'}::varchar as name from ${from}(${quoteText(file)})`,
    );
    scanTexts(scan, rows, { path, place, table: null });
  }
}

/** Texts with the column that each belongs to, in rows of `text` and `name`. */
export function scanTexts(
  scan: Scan,
  rows: Awaited<ReturnType<typeof readRows>>,
  place: Pick<PlaceOfHit, 'path' | 'place' | 'table'>,
): void {
  for (const { text, name } of rows) {
    if (text === null || text === undefined) continue;
    const hit: Hit | null = scan.searcher.searchText(String(text));
    if (hit === null) continue;
    const column = name === null || name === undefined ? null : showName(scan, String(name));
    scan.findings.addHit(hit, { ...place, column, row: null, count: 1 });
  }
}

/** What the catalogue of a DuckDB file holds beside the cells. */
const CATALOGUE = [
  ['duckdb_schemas', ['schema_name', 'comment']],
  ['duckdb_tables', ['schema_name', 'table_name', 'comment', 'sql']],
  ['duckdb_views', ['schema_name', 'view_name', 'comment', 'sql']],
  ['duckdb_columns', ['column_name', 'comment', 'column_default']],
  ['duckdb_indexes', ['index_name', 'comment', 'sql']],
] as const;

/** Every base table of a database, its statistics, and the texts of its catalogue. */
export async function scanDatabase(scan: Scan, connection: DuckDBConnection, path: string): Promise<void> {
  for (const [from, texts] of CATALOGUE)
    scanTexts(
      scan,
      await readRows(
        connection,
        `select distinct unnest([${texts.join(', ')}]) as text, null as name from ${from}() where not internal`,
      ).catch(() => []),
      { path, place: 'schema', table: null },
    );
  const tables = await readRows(
    connection,
    'select schema_name as s, table_name as t from duckdb_tables() where not internal order by 1, 2',
  );
  for (const { s, t } of tables) {
    const name = `${quoteName(String(s))}.${quoteName(String(t))}`;
    const table = showName(scan, `${String(s)}.${String(t)}`);
    const relation = await describeRelation(connection, name, 'rowid + 1');
    const rules = new Map(relation.columns.map((column) => [column.name, 'suspect'] as const));
    await scanCells(scan, connection, relation, { path, table }, rules);
    const statistics = await readRows(
      connection,
      `select distinct stats as text, column_name as name from pragma_storage_info(${quoteText(name)})`,
    );
    scanTexts(scan, statistics, { path, place: 'statistics', table });
  }
}
