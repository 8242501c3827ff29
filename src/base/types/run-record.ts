import { z } from 'zod';
import { CATALOGUE } from '../catalogue.js';
import type { ErrorCode, Where } from '../errors.js';
import { SEVERITIES } from './dataset-check.js';
import { releaseSchema } from './release-result.js';
import type { Stored } from './stored.js';

/** The ledger's name for work on all pipelines; none can have it. */
export const ALL_PIPELINES = '*';

const count = z.int().nonnegative();
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const instant = z.iso.datetime();

/** Promise 4: fetched = landed + rejected + duplicates + forgotten. */
export const countsSchema = z.object({
  fetched: count,
  landed: count,
  rejected: count,
  duplicates: count,
  forgotten: count,
});

/** One landed file. `path` is relative to the lake's root, with forward slashes. */
const partitionSchema = z.object({ path: z.string(), rows: count, bytes: count, sha256: z.string() });

/** One way in which records differ from the contract; `path` may be `<name withheld>`. */
const driftSchema = z.object({
  kind: z.enum(['new_field', 'missing_field', 'changed_type', 'new_enum_value']),
  path: z.string(),
  count,
});

const pathCountSchema = z.object({ path: z.string(), count });
const rejectCountSchema = pathCountSchema.extend({ code: z.string() });

const datasetSchema = countsSchema.extend({
  dataset: z.string(),
  /** Exploded lists that were empty, null or absent: they make no row, and are in no other count. */
  empty: count.default(0),
  /** The first of `partitions`; null when every record was a duplicate, rejected or absent. */
  partition: partitionSchema.nullable(),
  partitions: z.array(partitionSchema),
  rejects: z.array(rejectCountSchema),
  nulled: z.array(pathCountSchema),
  /** Records that came on two pages, counted from 1, of which the first two are named; null if none did. */
  page_drift: z
    .object({ count, pages: z.tuple([count, count]) })
    .nullable()
    .default(null),
  drift: z.array(driftSchema),
  /** Kept cells that landed null since they held a direct value of their record; null where that was not looked for. */
  withheld: count.nullable().default(null),
  /** Share of people, 0 to 1, whom the kept quasi columns of the raw zone single out; null without such columns. */
  singled_out: z.number().nullable(),
  /** True when the same bytes were landed already, so that nothing was moved. */
  unchanged: z.boolean(),
});

const modelSchema = z.object({
  /** Qualified name, such as `silver.persons_anonymized`. */
  model: z.string(),
  pipeline: z.string(),
  rows: count,
  /** `skipped`: its inputs and its SQL are those of its last build. Early versions built everything and say nothing. */
  built: z.enum(['skipped', 'incremental', 'full']).default('full'),
  /** Landed dates that were read for it. */
  dates: count.default(0),
  /**
   * Of the rows about people that were built, the share that is unique on the quasi-identifiers that the table shows, from
   * 0 to 1; null for a table without tokens, and where nothing was built.
   */
  singled_out: z.number().nullable().default(null),
});

/** What one check found; counts and tokens, never a value. */
const checkSchema = z.object({
  check: z.string(),
  /** Whose check it is; null in entries from before that was kept. */
  pipeline: z.string().nullable().default(null),
  /** Null for a check that is an SQL file. */
  dataset: z.string().nullable(),
  /** The landed date that was looked at; null for a check of whole tables. */
  date: date.nullable(),
  severity: z.enum(SEVERITIES),
  passed: z.boolean(),
  /** Rows that are wrong; of `row_count` and `volume` the rows that are there, of `freshness` days. */
  found: count,
  /** Tokens of a few of those rows, where the dataset's key is one. */
  tokens: z.array(z.string()),
});

/** What was pruned of one zone and dataset; counts and dates, nothing of what was in it. */
const prunedSchema = z.object({
  zone: z.enum(['raw', 'ledger', 'quarantine']),
  /** Null for the ledger. */
  dataset: z.string().nullable(),
  /** Partitions, or entries of the ledger. */
  partitions: count,
  files: count,
  rows: count,
  bytes: count,
  /** The first and the last date that was pruned. */
  from: date,
  to: date,
});

export const ALERT_KINDS = ['failure', 'leak', 'gate', 'drift', 'check', 'freshness', 'volume'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** What makes two alerts the same. */
const alertKeySchema = z.object({
  pipeline: z.string(),
  date: date.nullable(),
  /** An error code, or `drift`, `check`, `volume`, `late`. */
  code: z.string(),
  /** The dataset or check; null for a run. */
  subject: z.string().nullable(),
  /** The hour of a run that has one, such as `09`; absent of others. */
  slot: z.string().exactOptional(),
});

/** An alert that was sent, and to which channels. */
const alertSchema = alertKeySchema.extend({
  state: z.enum(['opened', 'resolved']),
  kind: z.enum(ALERT_KINDS),
  /** The command that failed; absent of conditions, and of entries of earlier versions. */
  command: z.string().exactOptional(),
  channels: z.array(z.enum(['webhook', 'email'])),
});

/** What one stage took in and gave out. */
const stageSchema = z.object({
  stage: z.enum(['fetch', 'check', 'mask', 'land', 'transform', 'report']),
  dataset: z.string().nullable(),
  rows_in: count,
  rows_out: count,
  /** Time in which the stage had work, summed over what ran side by side. */
  busy_ms: count,
});

const text = z.string().exactOptional();
const number = z.number().exactOptional();

/** The place of an error: every part that `Where` has, none of which is a value of a record. */
const WHERE = {
  pipeline: text,
  date: text,
  dataset: text,
  stage: text,
  file: text,
  line: number,
  column: number,
  field: text,
  model: text,
  origin: text,
  path: text,
  page: number,
  position: number,
  tries: number,
  kept_pages: number,
} satisfies Record<keyof Where, z.ZodType>;

/**
 * One run in the ledger: `data_lake/_runs/YYYY/MM/DD/<run id>.json`, replaced by rename as the run goes on. Fields that
 * a later version adds are ignored.
 */
export const runRecordSchema = z.object({
  format: z.literal(1),
  /** UUIDv7; its folder is the UTC day of the start. */
  run_id: z.string(),
  /** `run`, `ingest`, `transform`, `adopt`, … */
  command: z.string(),
  pipeline: z.string(),
  /** Logical date, `YYYY-MM-DD`; null for work on all dates. */
  date: date.nullable(),
  slot: z.string().nullable(),
  status: z.enum(['running', 'succeeded', 'unchanged', 'failed', 'interrupted']),
  started_at: instant,
  finished_at: instant.nullable(),
  tool_version: z.string(),
  stages: z.array(stageSchema),
  datasets: z.array(datasetSchema),
  models: z.array(modelSchema),
  checks: z.array(checkSchema).default([]),
  releases: z.array(releaseSchema).default([]),
  /** `facts` fill the texts of the code; entries of earlier versions have none. */
  error: z
    .object({
      code: z.custom<ErrorCode>(isErrorCode).meta({ type: 'string' }),
      where: z.object(WHERE),
      facts: z.record(z.string(), z.union([z.string(), z.number()])).exactOptional(),
    })
    .nullable(),
  /** Runs whose commit this one found half done and rolled forward. */
  healed: z.array(z.string()),
  /** What a prune removed from the lake; absent of other runs. */
  pruned: z.array(prunedSchema).exactOptional(),
  /** The alerts that were sent; absent of other runs. */
  alerts: z.array(alertSchema).exactOptional(),
  /** Of the process; null for a run that shares its process with others, such as one of a dashboard. */
  cpu_ms: count.nullable(),
  peak_memory_bytes: count.nullable(),
});

function isErrorCode(value: unknown): boolean {
  return typeof value === 'string' && Object.hasOwn(CATALOGUE, value);
}

export type RunRecord = Stored<typeof runRecordSchema>;
export type RunStatus = RunRecord['status'];
export type Counts = Stored<typeof countsSchema>;
export type Partition = Stored<typeof partitionSchema>;
export type Drift = Stored<typeof driftSchema>;
export type DriftKind = Drift['kind'];
export type PathCount = Stored<typeof pathCountSchema>;
export type RejectCount = Stored<typeof rejectCountSchema>;
export type DatasetResult = Stored<typeof datasetSchema>;
export type ModelResult = Stored<typeof modelSchema>;
export type CheckResult = Stored<typeof checkSchema>;
export type PrunedZone = Stored<typeof prunedSchema>;
export type AlertKey = Stored<typeof alertKeySchema>;
export type SentAlert = Stored<typeof alertSchema>;
export type StageMetrics = Stored<typeof stageSchema>;
