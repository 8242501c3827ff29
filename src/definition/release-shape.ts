import { z } from 'zod';
import { wholeNumber } from '../base/pagination/settings.js';
import { ON_BREACH } from '../base/types/release.js';
import { PERCENT } from './read/units.js';
import { filled, textOf } from './request-shape.js';

/** The schema of `releases:`. */

const TABLE = /^(?:silver|gold)\.[a-z][a-z0-9_]{0,62}$/;
const RELEASE = /^gold\.[a-z][a-z0-9_]{0,62}$/;
const CSV = /^sql\/[a-z][a-z0-9_]{0,62}\/(?:[A-Za-z0-9_-]+\/)*[A-Za-z0-9_-]+\.csv$/;

const columns = z.array(filled);

const ladder = z.union([
  z.array(z.union([filled, z.int().positive()])).min(1, 'must be a list of steps'),
  z.strictObject({
    table: textOf(CSV, 'must be a CSV file such as sql/persons/hierarchies/country.csv').describe(
      'CSV file with a header: the first column has the values, each further one a coarser level; `*` is added.',
    ),
  }),
]);

const release = z.strictObject({
  from: textOf(TABLE, 'must be a table such as silver.users').describe(
    'The model to release. It stays as it is.',
  ),
  description: z.string().default(''),
  columns: columns.min(1, 'must be a list of columns').describe('Columns of the model that are released.'),
  person: filled
    .optional()
    .describe('Column of the model that names a person; default: its only token column.'),
  quasi: columns
    .optional()
    .describe(
      'Columns that someone may know of a person; default: all that derive from a direct or quasi field. Fewer need `reviewed`.',
    ),
  reviewed: filled.optional().describe('Why columns that derive from such fields are not in `quasi`.'),
  sensitive: columns.default([]).describe('Columns that no one may learn of a person, for l and t.'),
  require: z
    .strictObject({
      k: wholeNumber(2, 1_000_000).default(5).describe('Least number of people in each class.'),
      l: wholeNumber(2, 1_000_000)
        .optional()
        .describe('Least number of values of each sensitive column in each class.'),
      t: z
        .number()
        .min(0)
        .max(1)
        .optional()
        .describe('Largest distance of a class from the whole table, from 0 to 1.'),
    })
    .default({ k: 5 }),
  on_breach: z
    .enum(ON_BREACH)
    .default('generalize')
    .describe(
      'generalize: choose the levels of the ladders that lose least; suppress: leave out the rows of small classes; fail: keep the last release and exit with code 5.',
    ),
  max_suppressed: z
    .union([z.literal(0), textOf(PERCENT, 'must be a share such as 5%')])
    .default('5%')
    .describe('Share of people of whom a row may be left out.'),
  ladders: z
    .record(filled, ladder)
    .default({})
    .describe(
      'For each column the steps from fine to coarse, such as [10 years, 20 years, "*"], or a table of them.',
    ),
});

export const RELEASES = z
  .record(textOf(RELEASE, 'must be a name such as gold.users_release'), release)
  .default({})
  .describe('Generalized copies of tables, each published only if it meets its thresholds.');

export type ReleaseForm = z.infer<typeof release>;
