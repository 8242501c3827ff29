import { z } from 'zod';
import { MODEL, NAME } from '../names.js';
import type { Stored } from './stored.js';

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A key of the partitions that went into a checkpoint, so that another key under the same id is still refused. */
const keyMarkSchema = z.strictObject({ key_id: z.string(), key_check: z.string() });

const columnSchema = z.strictObject({ name: z.string(), type: z.string() });

/**
 * The table of a model as it was built from the dates whose raw files are pruned. A rebuild starts from it and goes on
 * with the dates that are still landed. Unknown keys are refused, so that nothing else travels in one.
 */
export const checkpointSchema = z.strictObject({
  format: z.literal(1),
  /** Qualified name, such as `silver.users`. */
  model: z.string().regex(MODEL),
  pipeline: z.string().regex(NAME),
  /** The one dataset that the model's rows are made of. */
  dataset: z.string().regex(NAME),
  /** `YYYY-MM-DD`, the first date that is not in it. Raw rows before it are not read for the model any more. */
  before: z.iso.date(),
  /** The last landed date that is in it. */
  last_date: z.iso.date(),
  /** Of the SQL of the model, and of the models between it and its dataset. */
  sql_sha256: sha256,
  columns: z.array(columnSchema),
  file: z.strictObject({
    name: z.string().regex(/^\d{4}-\d{2}-\d{2}\.parquet$/),
    rows: count,
    bytes: count,
    sha256,
  }),
  keys: z.array(keyMarkSchema),
  run_id: z.string(),
  /** ISO 8601, UTC. */
  made_at: z.iso.datetime(),
  tool_version: z.string(),
  duckdb_version: z.string(),
});

/** Up to where a dataset is pruned: dates before it are gone on purpose, not missing. */
export const retentionMarkSchema = z.strictObject({
  format: z.literal(1),
  dataset: z.string().regex(NAME),
  /** `YYYY-MM-DD`, the first date whose raw files were kept; null where none were pruned. */
  before: z.iso.date().nullable(),
  /** The same for quarantine files that went without their raw files. */
  quarantine_before: z.iso.date().nullable(),
  run_id: z.string(),
  /** ISO 8601, UTC. */
  pruned_at: z.iso.datetime(),
});

export type Checkpoint = Stored<typeof checkpointSchema>;
export type CheckpointColumn = Stored<typeof columnSchema>;
export type KeyMark = Stored<typeof keyMarkSchema>;
export type RetentionMark = Stored<typeof retentionMarkSchema>;
