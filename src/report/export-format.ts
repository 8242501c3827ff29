import type { Cell } from '../base/types/result.js';
import type { ResultColumn, Selection } from '../base/types/warehouse-reader.js';
import { writeCsvHead, writeCsvRow } from './csv.js';

export const EXPORT_FORMATS = ['csv', 'json', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The text of a result, batch by batch; calls `count` with the rows of each batch. */
export async function* writeText(
  format: 'csv' | 'json',
  { columns, batches }: Selection,
  count: (rows: number) => void,
): AsyncGenerator<string> {
  if (format === 'csv') yield writeCsvHead(columns);
  let between = '[\n';
  for await (const batch of batches) {
    count(batch.length);
    if (format === 'csv') yield batch.map((row) => writeCsvRow(columns, row)).join('');
    else yield between + batch.map((row) => writeJsonRow(columns, row)).join(',\n');
    between = ',\n';
  }
  if (format === 'json') yield between === '[\n' ? '[]\n' : '\n]\n';
}

function writeJsonRow(columns: readonly ResultColumn[], row: readonly Cell[]): string {
  return JSON.stringify(toJsonRow(columns, row));
}

/** A row by column name; lists and structs stay what they are. */
export function toJsonRow(
  columns: readonly ResultColumn[],
  row: readonly Cell[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    columns.map(({ name, kind }, index) => {
      const cell = row[index] ?? null;
      return [name, kind === 'nested' && typeof cell === 'string' ? (JSON.parse(cell) as unknown) : cell];
    }),
  );
}
