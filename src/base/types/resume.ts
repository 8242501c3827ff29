import { z } from 'zod';
import { paginationState } from '../pagination/pagination.js';

/**
 * What a failed pull leaves for the next try: counts, names of the contract and files of masked rows, no value of a
 * record. `_staging/resume/<identity>/state.json` holds it, with a keyed digest.
 */

const count = z.int().nonnegative();
const counts = z.array(z.tuple([z.string(), count]));
const file = z.strictObject({ name: z.string().regex(/^[a-z0-9_.-]+$/), sha256: z.string() });

const driftSchema = z.strictObject({
  missing: counts,
  changed: counts,
  newEnumValues: counts,
  seenTypes: z.array(z.string()),
  /** Paths of leaves that no record had a value of. */
  unsettled: z.array(z.string()),
  undeclared: z.array(z.strictObject({ path: z.string(), count, types: z.array(z.string()) })),
  withheld: count,
  objects: z.array(z.strictObject({ path: z.string(), objects: count, fields: counts })),
});

const checkSchema = z.strictObject({
  fetched: count,
  accepted: count,
  undeclaredRecords: count,
  rejects: counts,
  nulled: counts,
  drift: driftSchema,
});

const segmentSchema = z.strictObject({
  file,
  index: count,
  /** Pages that are in it; null for all of them. */
  pages: count.nullable(),
  custody: z
    .strictObject({
      rows: count,
      columns: z.array(z.tuple([z.string(), z.strictObject({ nulls: count, hashSum: z.string() })])),
    })
    .nullable(),
});

const datasetSchema = z.strictObject({
  name: z.string(),
  check: checkSchema,
  lists: z.strictObject({ holders: z.array(count), found: z.array(count), empty: count }).nullable(),
  own: z.strictObject({ found: count, missing: count }),
  /** Keyed digests of the records of each page, four bytes each, as base64. */
  digests: z.array(z.tuple([count, z.string()])).nullable(),
  segments: z.array(segmentSchema),
  quarantine: file.nullable(),
});

const pullSchema = z.strictObject({
  /** Indexes of the pages that were taken. */
  done: z.array(count),
  records: count,
  bytes: count,
  retries: count,
  pagination: paginationState,
  /** The last of them in order: the next try fetches it again, and compares. */
  last: z.strictObject({ index: count, length: count, digest: z.string() }),
});

export const resumeSchema = z.strictObject({
  format: z.literal(1),
  saved_at: z.iso.datetime(),
  pull: pullSchema,
  datasets: z.array(datasetSchema),
});

export type ResumeState = z.infer<typeof resumeSchema>;
export type PullState = ResumeState['pull'];
export type DatasetState = ResumeState['datasets'][number];
export type CheckState = DatasetState['check'];
export type DriftState = CheckState['drift'];
export type SegmentState = DatasetState['segments'][number];
export type KeptFile = z.infer<typeof file>;
