import { z } from 'zod';
import { NAME } from '../names.js';
import type { Stored } from './stored.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const partitionSchema = z.strictObject({
  pipeline: z.string().regex(NAME),
  dataset: z.string().regex(NAME),
  /** `YYYY-MM-DD`. */
  date: z.iso.date(),
  slot: z
    .string()
    .regex(/^\d{2}$/)
    .nullable(),
  /** The run that landed it last. */
  run_id: z.string(),
  /** ISO 8601, UTC. */
  landed_at: z.iso.datetime(),
  rows: z.int().min(0),
  /** Of the bytes of its manifest; null if it was lost before they were recorded. */
  manifest_sha256: sha256.nullable(),
  /** The transform that accepted its loss; null for a partition that should be there. */
  lost: z.strictObject({ run_id: z.string(), accepted_at: z.iso.datetime() }).nullable(),
});

/**
 * What last landed of each dataset, date and slot of a month: `data_lake/_landed/YYYY-MM.json`. A manifest that is gone
 * does not show that it is gone; this does. Pruned partitions are not in it.
 */
export const landedMonthSchema = z
  .strictObject({
    format: z.literal(1),
    month: z.string().regex(/^\d{4}-\d{2}$/),
    partitions: z.array(partitionSchema),
  })
  .refine(({ month, partitions }) => partitions.every(({ date }) => date.startsWith(`${month}-`)));

export type LandedMonth = Stored<typeof landedMonthSchema>;
/** What last landed of a dataset for a date and slot. */
export type Landing = Stored<typeof partitionSchema>;
