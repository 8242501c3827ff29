import type { Terminal } from '../../base/config/config.js';
import { paint } from '../../base/terminal/paint.js';
import { formatTable } from '../../base/terminal/table.js';
import { formatJson } from '../../base/text/json.js';
import { scrub } from '../../base/text/scrub.js';
import type { Cell } from '../../base/types/result.js';
import type { Lineage, LineageSource, PublishedColumn, PublishedModel } from './describe-lineage.js';
import { idOf, type ModelFormat } from './describe-models.js';

const COLUMNS = ['column', 'class', 'source', 'source class', 'treatment'];

/** Each published column with its sources. */
export function formatLineage(lineage: Lineage, format: ModelFormat, terminal: Terminal): string {
  const { pipeline, models } = lineage;
  switch (format) {
    case 'json':
      return formatJson(models);
    case 'mermaid':
      return drawLineage(models);
    case 'table':
      return models.length === 0
        ? `${pipeline} has no models.`
        : models.map((model) => formatModel(model, terminal)).join('\n\n');
    default:
      return format satisfies never;
  }
}

function formatModel({ model, columns, indirect }: PublishedModel, terminal: Terminal): string {
  const rows = [
    ...columns.flatMap((column) => listRows(column.column, column.class, describeSources(column))),
    ...listRows('INDIRECT', '', indirect.map(describeSource)),
  ];
  const reasons = columns.flatMap(({ column, exposes }) =>
    exposes === null ? [] : [`${column} is published because ${scrub(exposes)}`],
  );
  return [paint(model, 'bold', terminal.color), formatTable(COLUMNS, rows, terminal), ...reasons].join('\n');
}

/** Only the first of several lines has the name and the class. */
function listRows(name: string, pii: string, sources: readonly (readonly Cell[])[]): Cell[][] {
  return sources.map((source, index) => (index === 0 ? [name, pii, ...source] : ['', '', ...source]));
}

function describeSources({ from, unknown }: PublishedColumn): (readonly Cell[])[] {
  const notes = [...unknown.map((name) => [`(any column: unknown operator ${name})`, '', ''])];
  const sources = [...notes, ...from.map(describeSource)];
  return sources.length === 0 ? [['(no column)', '', '']] : sources;
}

function describeSource({ landed, class: pii, treatment, raw_only }: LineageSource): readonly Cell[] {
  const treated = treatment ?? '(added by the lake)';
  return [landed, pii, raw_only ? `${treated}, raw only` : treated];
}

/** A Mermaid flowchart of columns grouped by table: solid arrows to derived columns, dotted arrows to models whose rows they decide. */
function drawLineage(models: readonly PublishedModel[]): string {
  const made = models.flatMap(({ model, columns }) =>
    columns.flatMap(({ column, reads }) => reads.map((read) => [read, `${model}.${column}`] as const)),
  );
  const chosen = models.flatMap(({ model, indirect }) =>
    indirect.map(({ landed }) => [`bronze.${landed}`, model] as const),
  );
  const own = models.flatMap(({ model, columns }) => columns.map(({ column }) => `${model}.${column}`));
  const nodes = new Set([...made.map(([read]) => read), ...chosen.map(([read]) => read), ...own]);
  const tables = new Set([...nodes].map(tableOf));
  return [
    'flowchart LR',
    ...[...tables].sort().flatMap((table) => drawTable(table, [...nodes])),
    ...made.map(([read, column]) => `  ${idOf(read)} --> ${idOf(column)}`),
    ...chosen.map(([read, model]) => `  ${idOf(read)} -.-> ${idOf(model)}`),
  ].join('\n');
}

function drawTable(table: string, nodes: readonly string[]): string[] {
  const columns = nodes.filter((node) => tableOf(node) === table).sort();
  const drawn = columns.map((node) => `    ${idOf(node)}["${quote(node.slice(table.length + 1))}"]`);
  return [`  subgraph ${idOf(table)}["${table}"]`, ...drawn, '  end'];
}

/** Escapes quotes for Mermaid. */
function quote(name: string): string {
  return scrub(name).replaceAll('"', '#quot;');
}

/** The table of `schema.table.column`; a column name may contain any character. */
function tableOf(node: string): string {
  return node.split('.', 2).join('.');
}
