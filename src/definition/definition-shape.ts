import { z } from 'zod';
import { isCron } from '../base/dates/cron.js';
import { isTimezone } from '../base/dates/date-formats.js';
import { bodyPath, wholeNumber } from '../base/pagination/settings.js';
import { CHECKS, FRESHNESS, RETENTION, VOLUME } from './complete/check-forms.js';
import { ownPlace } from './body-shape.js';
import { contractNode } from './contract-shape.js';
import { DURATION, PERCENT, RATE, SIZE } from './read/units.js';
import { RELEASES } from './release-shape.js';
import { filled, forEach, name, request, textOf } from './request-shape.js';

/** Names of pipelines, datasets, columns and scopes; they become file names and identifiers. */
export const VARIABLE = /^[A-Z_][A-Z0-9_]{0,99}$/;
const SHARE = 'must be a share such as 5%, or 0';
const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

const auth = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('basic'),
    username: filled,
    password: filled.describe('Must come from a variable; never shown.'),
  }),
  z.strictObject({
    type: z.literal('oauth2'),
    token_url: filled.describe(
      'Token endpoint for client credentials; must use https unless it is on this machine.',
    ),
    client_id: filled,
    client_secret: filled.describe('Must come from a variable; never shown.'),
    credentials: z
      .enum(['header', 'body'])
      .default('header')
      .describe('Where the client id and secret are sent: HTTP Basic, or the form of the token request.'),
    scope: filled.optional(),
    audience: filled.optional(),
    resource: filled.optional(),
    params: z.record(filled, filled).default({}).describe('Further parameters of the token request.'),
  }),
  z.strictObject({
    type: z.literal('api_key'),
    in: z.enum(['header', 'query']).default('header'),
    name: textOf(HEADER, 'must be the name of a header or a query parameter'),
    key: filled.describe('Must come from a variable; never shown.'),
  }),
]);

const source = z.strictObject({
  base_url: z
    .string()
    .describe(
      'Base URL: an http(s) URL, `embedded` for the bundled server, or `file:` with a project folder.',
    ),
  allow_http: z.boolean().default(false).describe('Allow plain HTTP to other machines.'),
  concurrency: wholeNumber(1, 256).default(8).describe('Maximum number of parallel page requests.'),
  retries: wholeNumber(0, 20).default(5).describe('Number of retries after a transient failure.'),
  timeout: textOf(DURATION, 'must be a duration such as 30s, 500ms or 2m')
    .default('30s')
    .describe('Time limit for a complete response, from headers to last byte.'),
  max_wait: textOf(DURATION, 'must be a duration such as 30s, 500ms or 2m')
    .default('5m')
    .describe(
      'Longest wait that the source may ask for (Retry-After, rate limits, 202); above it the run fails.',
    ),
  rate_limit: textOf(RATE, 'must be a rate such as 30/min, 5/s or 1000/h')
    .optional()
    .describe('Rate limit shared by all requests of a run.'),
  headers: z
    .record(textOf(HEADER, 'must be the name of a header'), z.string())
    .default({})
    .describe('Headers of every request; values from variables are never shown.'),
  auth: auth.optional().describe('Authentication, if it is not a plain header.'),
  max_response: textOf(SIZE, 'must be a size up to 500MB, such as 8MB, 500KB or 4096B')
    .default('8MB')
    .describe('Maximum size of a response body after decoding; 1 MB = 1,000,000 bytes.'),
  max_pages: wholeNumber(1, 10_000_000).default(10_000),
  max_records: wholeNumber(1, 10_000_000_000).default(50_000_000),
});

const contract = z.strictObject({
  on_unknown_field: z
    .enum(['discard_value', 'discard_row', 'freeze'])
    .default('discard_value')
    .describe(
      'Action for a field that the contract does not list: drop the value, reject the record, or fail the run.',
    ),
  max_rejected: z
    .union([z.literal(0), textOf(PERCENT, SHARE)], SHARE)
    .default('5%')
    .describe('Maximum share of rejected records; above it nothing lands.'),
  expected_fields: z
    .array(z.string())
    .default([])
    .describe(
      'Paths of fields that are not in the schema. They do not land, and drift names them in the ledger; other fields stay unnamed there.',
    ),
  schema: contractNode.describe('JSON Schema 2020-12 of one record, with `x-pii` on every leaf.'),
});

/** Fields of the records that decide on rows. */
const rowPaths = {
  explode: bodyPath
    .optional()
    .describe(
      'Path of an array in the record; each element becomes a row, with the leaves above the array. Each entry of an object with unknown keys becomes a row with `key` and `value`.',
    ),
  as: name.optional().describe('Name of the element, at the top of the row; default: the path of the array.'),
  deleted_path: bodyPath
    .optional()
    .describe(
      'Path of a flag or a date in the record that says that it was deleted; it lands as the column `_deleted`, by which `upsert` removes rows and `history` closes them.',
    ),
};

/** One leaf path or a list. */
export const PATHS = z.union(
  [z.string(), z.array(z.string()).min(1)],
  'must be the path of a leaf, or a list of paths',
);

export const PART = z
  .enum(['first_word', 'last_word'])
  .optional()
  .describe('Apply the treatment to one word of the text; `last_word` is null if the text has one word.');

export const RAW_ONLY = z
  .boolean()
  .default(false)
  .describe(
    'Only for raw and silver: gold models and reports that use the column must state why (`-- exposes:`).',
  );

export const EACH = z
  .string()
  .optional()
  .describe('Treatment of each element of a list, in place of `treat`; a list of the results lands.');

/** A landing column before its treatment is resolved; the other keys are parameters of the treatment. */
const anyColumn = z.looseObject({
  from: PATHS,
  part: PART,
  treat: z.string().optional(),
  each: EACH,
  raw_only: RAW_ONLY,
  reviewed: z.string().min(1, 'must be a reason').optional(),
});

const timezone = z
  .string()
  .refine(isTimezone, 'must be a time zone of the IANA database, such as Europe/Berlin')
  .default('UTC')
  .describe('Time zone of the source: dates, windows, the schedule and the default of --date follow it.');

/** When `pipeline schedule` runs the pipeline; the two others are of use only beside `schedule`. */
const scheduling = {
  schedule: z
    .string()
    .refine(isCron, 'must be a schedule in the five fields of crontab, such as 0 3 * * *')
    .optional()
    .describe(
      'When `pipeline schedule` runs the pipeline, in the time zone of the definition: minute, hour, day of the month, month, day of the week.',
    ),
  scheduled_date: z
    .enum(['current', 'previous'])
    .optional()
    .describe(
      'The date, or with slots the hour, that a scheduled run lands: the one in which it starts, or the one before, which is complete. Default: previous if there are datasets `by_date` and none is a snapshot.',
    ),
  on_missed: z
    .enum(['skip', 'latest', 'all'])
    .optional()
    .describe(
      'Scheduled dates that have not landed, since the scheduler was down or their runs failed: run none of them, the latest (default), or all since the first landed date.',
    ),
};

/** Of the reports of the pipeline. */
const reports = {
  min_cell: wholeNumber(1, 1_000_000)
    .optional()
    .describe(
      'Number of people below which a row of a report shows no numbers, in every output. Default: all rows show them.',
    ),
};

/** Of the proof that no landed text holds a direct value of its own record. */
const echo = {
  prove: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      'off: do not search the landed text of each record for its own direct values (names, addresses, numbers).',
    ),
  max_withheld: textOf(PERCENT, 'must be a share such as 1%')
    .default('1%')
    .describe(
      'Share of rows of which a kept cell may land null because it holds a direct value of the record.',
    ),
};

/** The schema of a definition; `column` is the schema of one entry of `landing`. */
export function shapePage<C extends z.ZodType>(column: C) {
  const dataset = z.strictObject({
    time: z
      .enum(['by_date', 'snapshot', 'seeded'])
      .optional()
      .describe(
        'by_date: the API returns the records of a date; snapshot: the current state; seeded: generated records. Required without `of`.',
      ),
    slot: z
      .enum(['hour'])
      .optional()
      .describe(
        'Land each hour separately, for sources with new rows in every response. A date is the union of its hours.',
      ),
    request: request.optional(),
    of: name
      .optional()
      .describe(
        'Another dataset of this definition whose responses this one reads: one fetch, two datasets.',
      ),
    for_each: forEach.optional(),
    ...ownPlace,
    ...rowPaths,
    contract,
    raw_zone: z.enum(['restricted', 'open']).default('restricted'),
    landing: z
      .record(name, column)
      .describe('The columns that land, in this order. No other field is written to disk.'),
    drop: z
      .array(z.string())
      .default([])
      .describe('Paths of leaves, and of objects with all leaves below, that do not land.'),
    primary_key: z.array(z.string()).default([]).describe('Landing columns that identify a record.'),
    on_duplicate: z.enum(['keep_last', 'keep_first', 'fail']).default('keep_last'),
    max_drop: textOf(PERCENT, 'must be a share such as 50%')
      .default('50%')
      .describe(
        'Share of the rows of a landed date by which a new run of it may have fewer, without --force.',
      ),
    ...echo,
    freshness: FRESHNESS,
    retention: RETENTION,
    volume: VOLUME,
    checks: CHECKS,
  });
  return z.strictObject({
    pipeline: name,
    description: z.string().default(''),
    timezone,
    ...scheduling,
    ...reports,
    env: z
      .array(textOf(VARIABLE, 'must be the name of a variable, such as API_TOKEN'))
      .default([])
      .describe('Variables that this definition may read.'),
    source,
    datasets: z.record(name, dataset),
    releases: RELEASES,
  });
}

export const PAGE = shapePage(anyColumn);

export type DefinitionForm = z.infer<typeof PAGE>;
export type SourceForm = DefinitionForm['source'];
export type DatasetForm = DefinitionForm['datasets'][string];
export type RequestForm = NonNullable<DatasetForm['request']>;
export type ColumnForm = z.infer<typeof anyColumn>;
