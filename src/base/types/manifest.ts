import { z } from 'zod';
import { COLUMN, NAME } from '../names.js';
import { PII_CLASSES, PLAIN_TYPES, TEXT_PARTS } from './definition.js';
import { countsSchema } from './run-record.js';
import type { Stored } from './stored.js';

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const fileSchema = z.strictObject({
  /** Base name in the partition's folder. */
  name: z.string().regex(/^[a-zA-Z0-9_.]+\.parquet$/),
  rows: count,
  bytes: count,
  sha256,
});

const plainType = z.union([
  z.enum(PLAIN_TYPES),
  z.templateLiteral(['DECIMAL(18,', z.int().min(0).max(18), ')']),
]);

const columnSchema = z.strictObject({
  name: z.string().regex(COLUMN),
  /** A list where each element was treated. */
  type: z.union([plainType, z.templateLiteral([plainType, '[]'])]),
  class: z.enum(PII_CLASSES),
  /** What of its leaf was treated; absent for all of it. */
  part: z.enum(TEXT_PARTS).exactOptional(),
  treatment: z.string(),
  /** The treatment's parameters, and for a kept column the contract's bound. */
  params: z.record(z.string(), z.unknown()),
  reviewed: z.string().nullable(),
});

/** Origin and path template only, never what was sent. */
const sourceSchema = z.strictObject({
  /** `embedded` for the bundled server, `file` for files of the project. */
  kind: z.enum(['embedded', 'http', 'file', 'adopted']),
  origin: z.string().nullable(),
  path: z.string().nullable(),
  allow_http: z.boolean(),
});

/**
 * Beside every landed dataset and date (and slot): what landed, under which policy, with which bytes. Unknown keys are
 * refused, so that nothing else travels in one.
 */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  pipeline: z.string().regex(NAME),
  dataset: z.string().regex(NAME),
  /** `YYYY-MM-DD`. */
  date: z.iso.date(),
  slot: z
    .string()
    .regex(/^\d{2}$/)
    .nullable(),
  run_id: z.string(),
  /** How often it was written, where rows of erased people were taken out of it; absent for 1. */
  revision: z.int().min(2).exactOptional(),
  files: z.array(fileSchema),
  counts: z.strictObject(countsSchema.shape),
  /** Kept cells that landed null since they held a direct value of their record; null or absent where that was not looked for. */
  withheld: z.int().nonnegative().nullable().exactOptional(),
  columns: z.array(columnSchema),
  policy_sha256: sha256,
  contract_sha256: sha256,
  /** SHA-256 of the paths and JSON types that the records had. */
  observed_sha256: sha256.nullable(),
  key_id: z.string().nullable(),
  key_check: z.string().nullable(),
  /** ISO 8601, UTC. */
  landed_at: z.iso.datetime(),
  source: sourceSchema,
  /** Kept when a snapshot was taken on another day than its date. */
  as_of: z.string().nullable(),
  /** From when on changes were asked for; a re-run of the date asks for the same. */
  since: z.iso.datetime().exactOptional(),
  adopted: z.boolean(),
  raw_zone: z.enum(['restricted', 'open']),
  tool_version: z.string(),
  duckdb_version: z.string(),
});

export type Manifest = Stored<typeof manifestSchema>;
export type ManifestSource = Stored<typeof sourceSchema>;
export type ManifestFile = Stored<typeof fileSchema>;
export type ManifestColumn = Stored<typeof columnSchema>;
