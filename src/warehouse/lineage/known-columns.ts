import { z } from 'zod';
import { writeDurably } from '../../base/files/durable.js';
import { readSmallFile } from '../../base/files/small-file.js';
import { parseJson } from '../../base/json-values.js';
import type { Stored } from '../../base/types/stored.js';
import { type KnownInput, type KnownPlace, locateKnown } from '../known-project.js';
import type { WarehousePipeline } from '../landed-partition.js';
import { withProject } from '../project.js';
import { tableLineageSchema, traceColumns } from './trace-columns.js';

const lineageSchema = z.strictObject({
  key: z.string(),
  tables: z.array(tableLineageSchema),
  /** What each check of an SQL file reads. */
  checks: z.array(z.strictObject({ name: z.string(), pipeline: z.string(), reads: z.array(z.string()) })),
});

/** The column lineage of a project's tables, and the tables of its checks. */
export type ProjectLineage = Omit<Stored<typeof lineageSchema>, 'key'>;

/**
 * The column lineage of some pipelines: as an earlier command found it, where nothing has changed since, else by DuckDB.
 * @throws as `withProject`
 */
export async function loadLineage(
  pipelines: readonly WarehousePipeline[],
  input: KnownInput,
): Promise<ProjectLineage> {
  const known = await locateKnown(input, pipelines);
  const place = { ...known, path: known.path.replace(/\.json$/, '.columns.json') };
  return (await readLineage(place)) ?? (await traceLineage(pipelines, place));
}

async function readLineage({ path, key }: KnownPlace): Promise<ProjectLineage | null> {
  const file = await readSmallFile(path).catch(() => null);
  if (file?.kind !== 'text') return null;
  const { data } = lineageSchema.safeParse(parseJson(file.text));
  return data?.key === key ? data : null;
}

async function traceLineage(
  pipelines: readonly WarehousePipeline[],
  { path, key }: KnownPlace,
): Promise<ProjectLineage> {
  const lineage = await withProject(pipelines, async ({ datasets, checks }, open, inspections) => ({
    tables: await traceColumns(open, datasets),
    checks: checks.map(({ name, pipeline, sql }) => ({
      name,
      pipeline,
      reads: (inspections.get(sql)?.tables ?? []).map(({ schema, table }) => {
        const read = `${schema}.${table}`;
        return open.relations.get(read)?.name ?? read;
      }),
    })),
  }));
  // What cannot be kept is found out again by the next command.
  await writeDurably(path, JSON.stringify({ key, ...lineage })).catch(() => undefined);
  return lineage;
}
