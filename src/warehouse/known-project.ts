import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../base/files/durable.js';
import { readSmallFile } from '../base/files/small-file.js';
import { parseJson } from '../base/json-values.js';
import type { CellRules } from '../base/types/warehouse-reader.js';
import { readSqlTexts } from '../base/text/sql-file.js';
import type { WarehousePipeline } from './landed-partition.js';
import type { Relation, RelationColumn } from './relation.js';
import type { Inspection } from './sql/inspect-sql.js';

/**
 * What an earlier command found out about the SQL of a project: that its files parse, bind and follow the rules, and the
 * lineage of its tables. Kept in `db/.cache` under a hash of everything that it depends on, so that a later command need
 * not ask DuckDB again. Never what masks: that is compiled by the process that masks.
 */
export interface KnownProject {
  /** By SQL. */
  readonly inspections: ReadonlyMap<string, Inspection>;
  readonly relations: ReadonlyMap<string, Relation>;
  /** By the digest of a report that may be shown: how it hides small cells. */
  readonly reports: ReadonlyMap<string, CellRules | null>;
}

/** What finding an entry needs. */
export interface KnownInput {
  /** `db/.cache`, beside the warehouse. */
  readonly cacheDir: string;
  readonly toolVersion: string;
}

/** Raised when the meaning of an entry changes while the version of the tool stays. */
const FORMAT = 2;

const restriction = z
  .strictObject({ path: z.array(z.string()), unknown: z.string().nullable(), hasReason: z.boolean() })
  .nullable();
const flags = { isToken: z.boolean(), isQuasi: z.boolean(), isExposed: z.boolean() };
const names = z.array(z.string());
const cells = z
  .strictObject({ minCell: z.number(), people: z.string(), counts: names, totals: names, labels: names })
  .nullable();
const knownSchema = z.strictObject({
  key: z.string(),
  reports: z.array(z.tuple([z.string(), cells])),
  relations: z.array(
    z.tuple([
      z.string(),
      z.strictObject({
        name: z.string(),
        columns: z.array(z.tuple([z.string(), z.strictObject({ ...flags, restriction })])),
        rows: restriction,
        isPersonal: z.boolean(),
      }),
    ]),
  ),
  inspections: z.array(
    z.tuple([
      z.string(),
      z.strictObject({
        tables: z.array(z.strictObject({ catalog: z.string(), schema: z.string(), table: z.string() })),
        tableFunctions: z.array(z.string()),
        functions: z.array(z.string()),
        hasRowid: z.boolean(),
        isShow: z.boolean(),
        hasStar: z.boolean(),
        nonDeterministic: z.array(z.string()),
        isOrdered: z.boolean(),
        statement: z.unknown(),
      }),
    ]),
  ),
});

/** The file of an entry, and what it must be of. */
export interface KnownPlace {
  readonly path: string;
  readonly key: string;
}

/** What is known of a project; null if nothing is, if its definitions or SQL have changed since, or if it is damaged. */
export async function readKnown({ path, key }: KnownPlace): Promise<KnownProject | null> {
  const file = await readSmallFile(path).catch(() => null);
  if (file?.kind !== 'text') return null;
  const { data } = knownSchema.safeParse(parseJson(file.text));
  if (data?.key !== key) return null;
  const relations = data.relations.map(
    ([name, { columns, ...relation }]) =>
      [name, { ...relation, columns: new Map<string, RelationColumn>(columns) }] as const,
  );
  return {
    inspections: new Map(data.inspections),
    relations: new Map(relations),
    reports: new Map(data.reports),
  };
}

/** Keeps what is known. What cannot be written is found out again by the next command. */
export async function writeKnown({ path, key }: KnownPlace, known: KnownProject): Promise<void> {
  const relations = [...known.relations].map(([name, { columns, ...relation }]) => [
    name,
    { ...relation, columns: [...columns] },
  ]);
  const { inspections, reports } = known;
  const text = JSON.stringify({ key, reports: [...reports], relations, inspections: [...inspections] });
  try {
    await writeDurably(path, text);
  } catch {
    // The command has what it needs.
  }
}

/**
 * The place of a project's entry: one file for each set of pipelines that commands load. Its key is the hash of what the
 * entry depends on: the tool, the datasets, and the SQL of models and checks with the names of reports.
 * @throws E_DISK_READ
 */
export async function locateKnown(
  { cacheDir, toolVersion }: KnownInput,
  pipelines: readonly WarehousePipeline[],
): Promise<KnownPlace> {
  const parts = await Promise.all(
    pipelines.map(async ({ pipeline, sqlDir, datasets, releases }) => {
      const read = (layer: string) =>
        readSqlTexts({ dir: `${sqlDir}/${layer}`, label: `sql/${pipeline}/${layer}` });
      const models = await Promise.all(['silver', 'gold', 'checks'].map(read));
      const reports = (await read('reports')).map(({ name }) => name);
      // Tables of ladders cannot change what a table reads.
      const released = releases.map(({ ladders, ...release }) => ({ ...release, ladders: [...ladders] }));
      return { pipeline, datasets, models, reports, released };
    }),
  );
  const names = pipelines.map(({ pipeline }) => pipeline);
  return {
    path: join(cacheDir, `${digest(names).slice(0, 16)}.json`),
    key: digest([FORMAT, toolVersion, parts]),
  };
}

export function digest(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
