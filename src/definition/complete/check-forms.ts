import { z } from 'zod';
import { isDate } from '../../base/dates/date-formats.js';
import { SEVERITIES } from '../../base/types/dataset-check.js';
import { AGE, PERCENT, RISE, WHOLE_DAYS } from '../read/units.js';

/** The schema of `checks:` of a dataset. */

const severity = z.enum(SEVERITIES).describe('error: do not publish the tables; warn: print a warning.');
const column = z.string().describe('Landing column.');
const share = z
  .union(
    [z.literal(0), z.string().regex(PERCENT, 'must be a share such as 5%')],
    'must be a share such as 5%, or 0',
  )
  .describe('Share of rows, such as 5%.');
const rows = z.int('must be a whole number').min(0, 'must be a whole number from 0');
const BOUND = 'must be a number, or a date as YYYY-MM-DD';
const bound = z.union(
  [
    z.number(),
    z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/)
      .refine(isDate, BOUND),
  ],
  BOUND,
);
const DAYS = /^(?:0|[1-9]\d{0,3})d$/;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const text = (form: RegExp, must: string) => z.string(must).regex(form, must);

const FORMS = [
  z.strictObject({
    check: z.literal('row_count'),
    severity,
    min: rows.optional().describe('Least number of rows.'),
    max: rows.optional().describe('Greatest number of rows.'),
  }),
  z.strictObject({ check: z.literal('missing'), severity, column, max: share.default(0) }),
  z.strictObject({
    check: z.literal('unique'),
    severity,
    columns: z
      .array(z.string(), 'must be a list of columns')
      .min(1, 'must be a list of columns')
      .describe('Landing columns whose values together are unique.'),
  }),
  z.strictObject({
    check: z.literal('accepted_values'),
    severity,
    column,
    values: z
      .array(z.union([z.string(), z.number(), z.boolean()]), 'must be a list')
      .min(1, 'must be a list')
      .describe('Every value that may occur.'),
  }),
  z.strictObject({
    check: z.literal('range'),
    severity,
    column,
    min: bound.optional().describe('Least number or date, inclusive.'),
    max: bound.optional().describe('Greatest number or date, inclusive.'),
  }),
  z.strictObject({
    check: z.literal('pattern'),
    severity,
    column,
    pattern: z.string().describe('RE2 expression; use ^ and $ to match the whole text.'),
  }),
  z.strictObject({
    check: z.literal('freshness'),
    severity,
    column: column.optional(),
    max_age: text(DAYS, 'must be a number of days, such as 2d').describe(
      'Maximum age of the newest value relative to the date of its rows; without a column, of the newest date relative to today.',
    ),
    expected_by: text(TIME, 'must be a time of day, such as "06:00"')
      .optional()
      .describe('Time of day before which the newest date is not due; only without a column.'),
  }),
  z.strictObject({
    check: z.literal('references'),
    severity,
    column,
    to: z
      .string()
      .regex(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/, 'must be DATASET.COLUMN')
      .describe('DATASET.COLUMN of this definition.'),
  }),
  z.strictObject({
    check: z.literal('volume'),
    severity,
    dates: z
      .int('must be a whole number')
      .min(1, 'must be a whole number from 1')
      .default(7)
      .describe('Number of earlier dates whose mean is compared.'),
    tolerance: share,
  }),
] as const;

export const CHECKS = z
  .array(z.discriminatedUnion('check', FORMS))
  .default([])
  .describe('Checks of the rows of a date; `pipeline check` runs only the checks.');

export type CheckForm = z.infer<typeof CHECKS>[number];

/** `freshness:` of a dataset. */
export const FRESHNESS = text(AGE, 'must be an age such as 26h, 90m or 2d')
  .optional()
  .describe('The newest date is late when nothing of it has landed for this time, such as 26h.');

/** `retention:` of a dataset. */
export const RETENTION = text(WHOLE_DAYS, 'must be a number of days such as 400d')
  .optional()
  .describe(
    'Each run first prunes dates that are older: raw and quarantine files, and exports. Default: dates are kept until `pipeline prune`.',
  );

/** `volume:` of a dataset. */
export const VOLUME = z
  .strictObject({
    min: rows.optional().describe('The fewest rows of a date.'),
    max: rows.optional().describe('The most rows of a date.'),
    drop: share
      .optional()
      .describe('Share by which a date may have fewer rows than the mean of the dates before it.'),
    rise: z
      .string()
      .regex(RISE, 'must be a share such as 50% or 300%')
      .optional()
      .describe('Share by which a date may have more rows than the mean of the dates before it.'),
    dates: z
      .int('must be a whole number')
      .min(1, 'must be a whole number from 1')
      .default(7)
      .describe('How many landed dates the mean is taken over.'),
    severity: severity.default('warn'),
  })
  .optional()
  .describe('Expected number of rows of a date, as checks.');

export type VolumeForm = NonNullable<z.infer<typeof VOLUME>>;
