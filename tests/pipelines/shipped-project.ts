import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { runCaptured } from '../commands/capture-output.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A row of a query, as `--json` writes it. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** One of the shipped pipelines, alone in a project of its own. */
export interface ShippedProject {
  readonly lake: string;
  /** Runs a verb and gives its document; an exit other than 0 is an error that shows what was printed. */
  readonly ask: (...argv: string[]) => Promise<unknown>;
  readonly query: (sql: string) => Promise<readonly Row[]>;
  readonly remove: () => void;
}

/** @param parts below the package's folder, such as `pipelines/store.yaml` */
export function makeShippedProject(parts: readonly string[]): ShippedProject {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'lakeveil-pipelines-')));
  for (const part of parts) cpSync(join(ROOT, part), join(dir, part), { recursive: true });
  process.env['XDG_CONFIG_HOME'] = join(dir, 'config');
  const ask = async (...argv: string[]): Promise<unknown> => {
    const { exit, stdout, stderr } = await runCaptured([...argv, '--project', dir, '--json', '--quiet']);
    if (exit !== 0) throw new Error(`exit ${String(exit)}: ${stdout}${stderr}`);
    return JSON.parse(stdout);
  };
  return {
    lake: join(dir, 'data_lake'),
    ask,
    query: async (sql) => ((await ask('query', sql)) as { readonly rows: readonly Row[] }).rows,
    remove: () => {
      Reflect.deleteProperty(process.env, 'XDG_CONFIG_HOME');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Every distinct cell of every Parquet file below a folder, as text. */
export async function readCells(folder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith('.parquet')).map((name) => join(folder, name));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const cells = new Set<string>();
  for (const file of files) {
    const reader = await connection.runAndReadAll(`select columns(*)::varchar from read_parquet('${file}')`);
    for (const cell of reader.getRowsJson().flat()) if (typeof cell === 'string') cells.add(cell);
  }
  connection.closeSync();
  return cells;
}
