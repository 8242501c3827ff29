import { z } from 'zod';
import { ON_BREACH } from './release.js';
import type { Stored } from './stored.js';

const count = z.int().nonnegative();
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

/** How identifying a table is: classes of people with the same quasi-identifiers. */
const factsSchema = z.object({
  classes: count,
  /** People of the smallest class; null without classes. */
  k: count.nullable(),
  /** People who are alone in a class. */
  unique_people: count,
  /** People in classes of 1, 2 to 4, 5 to 9, 10 to 19, 20 to 49, 50 to 99, 100 and more. */
  sizes: z.array(count),
  /** Of each sensitive column the distinct values of the poorest class, and the largest distance of a class. */
  sensitive: z.array(z.object({ column: z.string(), l: count.nullable(), t: z.number().nullable() })),
});

const dateSchema = z.object({
  /** Null where classes are counted over all rows. */
  date: date.nullable(),
  people: count,
  /** People of whom a row is left out. */
  suppressed: count,
  before: factsSchema,
  after: factsSchema,
  /**
   * Classes of which 1 to k − 1 people are in this version or in the one before it alone; null where there is none to compare
   * with.
   */
  changed_classes: count.nullable(),
});

/** What the gate measured of a release, and what it published. Counts and names, never a value. */
export const releaseSchema = z.object({
  release: z.string(),
  pipeline: z.string(),
  from: z.string(),
  /** The column of the landing date, within which classes are counted; null where they are counted over all rows. */
  date_column: z.string().nullable(),
  /** Rows that are published; of a failed one 0. */
  rows: count,
  /** What a class is made of: `rows` where no column names people. */
  counts: z.enum(['people', 'rows']),
  require: z.object({ k: count, l: count.nullable(), t: z.number().nullable() }),
  on_breach: z.enum(ON_BREACH),
  /** `skipped`: nothing that it is made of has changed; it is as it was measured. */
  built: z.enum(['skipped', 'incremental', 'full']),
  /** `failed`: the last release was kept. */
  outcome: z.enum(['met', 'generalized', 'suppressed', 'failed']),
  quasi: z.array(z.string()),
  sensitive: z.array(z.string()),
  /** Combinations of levels that were measured. */
  tried: count,
  /** The level of each quasi-identifier that has a ladder, of `height` at most. */
  levels: z.array(
    z.object({
      column: z.string(),
      level: count,
      height: count,
      label: z.string(),
      /** As the table has it: level 0 of most ladders. */
      as_is: z.boolean(),
    }),
  ),
  /** Mean of level / height plus the share of suppressed people. */
  loss: z.number(),
  /** Over all dates; who is there on two dates counts twice. */
  people: count,
  suppressed: count,
  /** The dates that were built, in order; of a skipped one the last. */
  dates: z.array(dateSchema),
});

export type ReleaseResult = Stored<typeof releaseSchema>;
export type ReleaseDate = Stored<typeof dateSchema>;
export type ReleaseFacts = Stored<typeof factsSchema>;

/** Models that are no release. */
export function withoutReleases<T extends { readonly model: string }>(
  models: readonly T[],
  releases: readonly Pick<ReleaseResult, 'release'>[],
): T[] {
  const names = new Set(releases.map(({ release }) => release));
  return models.filter(({ model }) => !names.has(model));
}

/** The worst of some measures; null where none is defined. */
export function worstOf<T>(
  all: readonly T[],
  read: (one: T) => number | null,
  pick: (...numbers: number[]) => number,
): number | null {
  const numbers = all.map(read).filter((one) => one !== null);
  return numbers.length === 0 ? null : pick(...numbers);
}
