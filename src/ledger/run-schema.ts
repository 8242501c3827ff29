import { z } from 'zod';
import { CATALOGUE } from '../base/catalogue.js';
import type { ErrorCode } from '../base/errors.js';
import { SEVERITIES } from '../base/types/dataset-check.js';
import type { RunRecord } from '../base/types/run-record.js';

/** A ledger file as it must be to be believed; fields that a later version adds are passed over. */

const count = z.int().nonnegative();
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const instant = z.iso.datetime();

const where = z.object({
  dataset: z.string().exactOptional(),
  stage: z.string().exactOptional(),
  file: z.string().exactOptional(),
  line: z.number().exactOptional(),
  column: z.number().exactOptional(),
  field: z.string().exactOptional(),
  model: z.string().exactOptional(),
  origin: z.string().exactOptional(),
  path: z.string().exactOptional(),
  page: z.number().exactOptional(),
  position: z.number().exactOptional(),
  tries: z.number().exactOptional(),
});

const partition = z.object({ path: z.string(), rows: count, bytes: count, sha256: z.string() });

const dataset = z.object({
  dataset: z.string(),
  fetched: count,
  landed: count,
  rejected: count,
  duplicates: count,
  forgotten: count,
  empty: count.default(0),
  partition: partition.nullable(),
  partitions: z.array(partition),
  rejects: z.array(z.object({ code: z.string(), path: z.string(), count })),
  nulled: z.array(z.object({ path: z.string(), count })),
  drift: z.array(
    z.object({
      kind: z.enum(['new_field', 'missing_field', 'changed_type', 'new_enum_value']),
      path: z.string(),
      count,
    }),
  ),
  singled_out: z.number().nullable(),
  unchanged: z.boolean(),
});

/** Runs of a time before builds were told apart made everything anew. */
const model = z.object({
  model: z.string(),
  pipeline: z.string(),
  rows: count,
  built: z.enum(['skipped', 'incremental', 'full']).default('full'),
  dates: count.default(0),
});

const check = z.object({
  check: z.string(),
  pipeline: z.string().nullable().default(null),
  dataset: z.string().nullable(),
  date: date.nullable(),
  severity: z.enum(SEVERITIES),
  passed: z.boolean(),
  found: count,
  tokens: z.array(z.string()),
});

const pruned = z.object({
  zone: z.enum(['raw', 'ledger', 'quarantine']),
  dataset: z.string().nullable(),
  partitions: count,
  files: count,
  rows: count,
  bytes: count,
  from: date,
  to: date,
});

const stage = z.object({
  stage: z.enum(['fetch', 'check', 'mask', 'land', 'transform', 'report']),
  dataset: z.string().nullable(),
  rows_in: count,
  rows_out: count,
  busy_ms: count,
});

export const RUN_RECORD: z.ZodType<RunRecord> = z.object({
  format: z.literal(1),
  run_id: z.string(),
  command: z.string(),
  pipeline: z.string(),
  date: date.nullable(),
  slot: z.string().nullable(),
  status: z.enum(['running', 'succeeded', 'unchanged', 'failed', 'interrupted']),
  started_at: instant,
  finished_at: instant.nullable(),
  tool_version: z.string(),
  stages: z.array(stage),
  datasets: z.array(dataset),
  models: z.array(model),
  checks: z.array(check).default([]),
  error: z.object({ code: z.custom<ErrorCode>(isErrorCode), where }).nullable(),
  healed: z.array(z.string()),
  pruned: z.array(pruned).exactOptional(),
  cpu_ms: count,
  peak_memory_bytes: count,
});

function isErrorCode(value: unknown): boolean {
  return typeof value === 'string' && Object.hasOwn(CATALOGUE, value);
}
