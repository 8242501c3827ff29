import { z } from 'zod';
import { COLUMN, MODEL, NAME, RUN_ID } from '../names.js';
import type { Stored } from './stored.js';

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const runId = z.string().regex(RUN_ID);
const keyId = z.string().regex(/^[a-z0-9]{1,16}$/);
const keyCheck = z.string().regex(/^[0-9a-f]{8}$/);

/** Why people are erased: a closed list, so that no text about a person is stored. */
export const ERASURE_REASONS = ['request', 'consent_withdrawn', 'objection', 'retention', 'other'] as const;

/** Marks of the tokens of one column, made under one key. */
const markGroupSchema = z.strictObject({
  key_id: keyId,
  key_check: keyCheck,
  column: z.string().regex(COLUMN),
  /** Of what the column's tokens are made of: with another recipe, equal values have other tokens. */
  recipe_sha256: sha256,
  /** HMAC of a token under a key that is used for nothing else, so that a mark joins with nothing. */
  marks: z.array(z.string().regex(/^[0-9a-f]{32}$/)),
});

/**
 * The people of one erasure: a mark for each lookup value and one for each person token. A record with one of them does
 * not land again.
 */
export const tombstoneSchema = z.strictObject({
  format: z.literal(1),
  /** The run that erased them. */
  erasure: runId,
  pipeline: z.string().regex(NAME),
  dataset: z.string().regex(NAME),
  /** The lookup column. */
  by: z.string().regex(COLUMN),
  reason: z.enum(ERASURE_REASONS),
  made_at: z.iso.datetime(),
  /** The first date on which it is ignored; null if it is kept for ever. */
  expires_on: z.iso.date().nullable(),
  groups: z.array(markGroupSchema),
});

const erasedFileSchema = z.strictObject({ name: z.string(), sha256_before: sha256, sha256_after: sha256 });

const partitionSchema = z.strictObject({
  dataset: z.string().regex(NAME),
  date: z.iso.date(),
  slot: z.string().regex(/^\d{2}$/).nullable(), // prettier-ignore
  rows_before: count,
  rows_after: count,
  /** Files that were written again; empty for a partition that was removed whole. */
  files: z.array(erasedFileSchema),
});

const checkpointSchema = z.strictObject({
  model: z.string().regex(MODEL),
  rows_before: count,
  rows_after: count,
  /** Null for a checkpoint that was removed whole. */
  file: erasedFileSchema.nullable(),
});

/** What an erasure changes in the lake. No token and no value is in it. */
const erasedSchema = z.strictObject({
  erasure: runId,
  pipeline: z.string().regex(NAME),
  dataset: z.string().regex(NAME),
  by: z.string().regex(COLUMN),
  reason: z.enum(ERASURE_REASONS),
  requested_at: z.iso.datetime(),
  /** Lookup values that were given. */
  values: count,
  people: count,
  rows: count,
  partitions: z.array(partitionSchema),
  checkpoints: z.array(checkpointSchema),
  /** What could not be searched, such as partitions whose key is gone, and other places that Lakeveil does not reach. */
  not_covered: z.array(z.string()),
});

/** An erasure that is committed in the lake and not finished outside of it: a killed one goes on from here. */
export const unfinishedSchema = z.strictObject({ format: z.literal(1), ...erasedSchema.shape });

/** The proof of an erasure, signed and chained to the one before. */
export const receiptSchema = z.strictObject({
  format: z.literal(1),
  /** From 1 on, without gaps. */
  number: z.int().min(1),
  /** Of the bytes of the receipt before; null for the first. */
  previous_sha256: sha256.nullable(),
  ...erasedSchema.shape,
  finished_at: z.iso.datetime(),
  models: z.array(z.strictObject({ model: z.string(), rows: count })),
  /** Exports and published files that were removed, relative to the project where they are inside. */
  removed_copies: z.array(z.string()),
  /** Targets of `load` whose rows were brought up to date. */
  targets: z.array(z.string()),
  tool_version: z.string(),
  key_id: keyId,
  /** Ed25519 (RFC 8032), base64: of the key that the receipt is signed with, and of all that stands above. */
  public_key: z.string(),
  signature: z.string(),
});

export type MarkGroup = Stored<typeof markGroupSchema>;
export type Tombstone = Stored<typeof tombstoneSchema>;
export type ErasedPartition = Stored<typeof partitionSchema>;
export type ErasedCheckpoint = Stored<typeof checkpointSchema>;
export type Erased = Stored<typeof erasedSchema>;
export type Unfinished = Stored<typeof unfinishedSchema>;
export type Receipt = Stored<typeof receiptSchema>;
export type ErasureReason = Tombstone['reason'];
