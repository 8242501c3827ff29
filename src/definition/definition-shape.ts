import { z } from 'zod';
import { NAME } from '../base/names.js';
import { PAGINATION_FORM } from '../base/pagination/registry.js';
import { bodyPath, wholeNumber } from '../base/pagination/settings.js';
import { CHECKS } from './complete/checks.js';
import { contractNode } from './contract-shape.js';
import { DURATION, PERCENT, RATE, SIZE } from './read/units.js';

/** Names of pipelines, datasets, columns, scopes: they become file names and identifiers. */
export const VARIABLE = /^[A-Z_][A-Z0-9_]{0,99}$/;
const REQUEST_PATH = /^\/(?!\/)[^?#\\\s]*$/;
const SHARE = 'must be a share such as 5%, or 0';
export const RECORDS = 'must be a dotted path to the array of records, or "" for the body';
const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** Text of one form; `must` is what an error says of it, whatever stands there instead. */
function textOf(form: RegExp, must: string): z.ZodString {
  return z.string(must).regex(form, must);
}

const name = z.string().regex(NAME);

const filled = z.string().min(1, 'must be text');

const auth = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('basic'),
    username: filled,
    password: filled.describe('From a variable; never shown.'),
  }),
  z.strictObject({
    type: z.literal('oauth2'),
    token_url: filled.describe(
      'Where a token is asked for by client credentials; https beyond this machine.',
    ),
    client_id: filled,
    client_secret: filled.describe('From a variable; never shown.'),
    scope: filled.optional(),
  }),
]);

const source = z.strictObject({
  base_url: z
    .string()
    .describe(
      'Where the API lives: an http(s) URL, `embedded` for the bundled server on a loopback port, or `file:` and a folder of the project.',
    ),
  allow_http: z.boolean().default(false).describe('Let plain http go beyond this machine.'),
  concurrency: wholeNumber(1, 256).default(8).describe('Pages in flight at once.'),
  retries: wholeNumber(0, 20).default(5).describe('Tries after the first, for what may pass.'),
  timeout: textOf(DURATION, 'must be a duration such as 30s, 500ms or 2m')
    .default('30s')
    .describe('For a whole page, headers to last byte.'),
  rate_limit: textOf(RATE, 'must be a rate such as 30/min, 5/s or 1000/h')
    .optional()
    .describe('Whole-run limit, shared by all requests.'),
  headers: z
    .record(textOf(HEADER, 'must be the name of a header'), z.string())
    .default({})
    .describe('Sent with every request; what comes from a variable is never shown.'),
  auth: auth.optional().describe('How the source is told who asks, where a header does not say it.'),
  max_response: textOf(SIZE, 'must be a size up to 500MB, such as 8MB, 500KB or 4096B')
    .default('8MB')
    .describe('Largest body accepted, counted after decoding; 1 MB = 1,000,000 bytes.'),
  max_pages: wholeNumber(1, 10_000_000).default(10_000),
  max_records: wholeNumber(1, 10_000_000_000).default(50_000_000),
});

const request = z.strictObject({
  method: z
    .enum(['GET', 'POST'])
    .default('GET')
    .describe('A POST that asks for records; it is sent again where that may help.'),
  base_url: z
    .string()
    .optional()
    .describe('`file:` and a folder of the project, for a flat file beside the API of the other datasets.'),
  path: textOf(REQUEST_PATH, 'must be a path that begins with one `/`, without query or fragment').describe(
    'May use {date}, {next_date}, {date:yyyyMMdd}, {slot}; the last part of a path of files may use *.',
  ),
  query: z
    .record(
      z.string().min(1),
      z.union([z.string(), z.number(), z.boolean()], 'must be text, a number or a boolean'),
    )
    .default({})
    .describe(
      'May use {date}, {next_date}, {date:yyyyMMdd}, {slot}; what comes from a variable is never shown.',
    ),
  body: z
    .record(z.string().min(1), z.unknown())
    .optional()
    .describe('Sent as JSON with POST. Texts may use {date}, {next_date}, {date:yyyyMMdd}, {slot}.'),
  records: textOf(/^$|^[^.\s]+(?:\.[^.\s]+)*$/, RECORDS)
    .optional()
    .describe(
      'Dotted path to the array of records; "" when the body is the array. For JSON only, which needs it.',
    ),
  keyed: z
    .boolean()
    .default(false)
    .describe(
      'What stands at `records` is an object whose values are the records, by id; its keys are passed over. For JSON only.',
    ),
  format: z
    .enum(['json', 'ndjson', 'csv'])
    .default('json')
    .describe('Of the body: JSON, one JSON record a line, or CSV with a header line.'),
  pagination: PAGINATION_FORM.default({ type: 'none' }),
  ignore_more: z
    .string()
    .min(1, 'must be a reason')
    .optional()
    .describe('Why a last page that says that there is more is the end all the same.'),
  error_path: bodyPath
    .optional()
    .describe('Where an answer with status 200 holds an error; default: `errors` or `error`.'),
  ok_path: bodyPath
    .optional()
    .describe('Where an answer says whether it succeeded; default: `ok` or `success`.'),
});

const contract = z.strictObject({
  on_unknown_field: z
    .enum(['discard_value', 'discard_row', 'freeze'])
    .default('discard_value')
    .describe('What a field that the contract does not name costs: nothing, its record, or the run.'),
  max_rejected: z
    .union([z.literal(0), textOf(PERCENT, SHARE)], SHARE)
    .default('5%')
    .describe('Share of refused records above which nothing lands.'),
  schema: contractNode.describe('JSON Schema 2020-12 of one record, with x-pii on every leaf.'),
});

/** Paths of leaves: one, or a list. */
export const PATHS = z.union(
  [z.string(), z.array(z.string()).min(1)],
  'must be the path of a leaf, or a list of paths',
);

export const PART = z
  .enum(['first_word', 'last_word'])
  .optional()
  .describe('Treat this word of a text in its place; `last_word` is null for a text of one word.');

export const RAW_ONLY = z
  .boolean()
  .default(false)
  .describe(
    'For raw and silver: a gold model or a report that shows a column made of it must say why (`-- exposes:`).',
  );

/** A landing column before its treatment is looked up: the other keys are the treatment's parameters. */
const anyColumn = z.looseObject({
  from: PATHS,
  part: PART,
  treat: z.string(),
  raw_only: RAW_ONLY,
  reviewed: z.string().min(1, 'must be a reason').optional(),
});

/** The form of a page; `column` is the form of one entry of `landing`. */
export function shapePage<C extends z.ZodType>(column: C) {
  const dataset = z.strictObject({
    time: z
      .enum(['by_date', 'snapshot', 'seeded'])
      .optional()
      .describe(
        'by_date: the API is asked for a date; snapshot: it gives today; seeded: it makes records. Needed without `of`.',
      ),
    slot: z
      .enum(['hour'])
      .optional()
      .describe(
        'Land by the hour: for sources with new rows at every call. A date is the union of its hours.',
      ),
    request: request.optional(),
    of: name
      .optional()
      .describe('Another dataset of the page, whose pages this one is made of: one fetch, two datasets.'),
    explode: bodyPath
      .optional()
      .describe(
        'Path of an array in the record: each of its elements becomes a row, beside the leaves above it.',
      ),
    contract,
    raw_zone: z.enum(['restricted', 'open']).default('restricted'),
    landing: z.record(name, column).describe('The only columns that can reach a disk, in this order.'),
    drop: z.array(z.string()).default([]).describe('Leaves that do not land.'),
    primary_key: z.array(z.string()).default([]).describe('Landing columns that name a record.'),
    on_duplicate: z.enum(['keep_last', 'keep_first', 'fail']).default('keep_last'),
    max_drop: textOf(PERCENT, 'must be a share such as 50%')
      .default('50%')
      .describe(
        'Share of the rows of a landed date by which a new run of it may have fewer, without --force.',
      ),
    checks: CHECKS,
  });
  return z.strictObject({
    pipeline: name,
    description: z.string().default(''),
    env: z
      .array(textOf(VARIABLE, 'must be the name of a variable, such as API_TOKEN'))
      .default([])
      .describe('The only variables that this page may read.'),
    source,
    datasets: z.record(name, dataset),
  });
}

export const PAGE = shapePage(anyColumn);

export type DefinitionForm = z.infer<typeof PAGE>;
export type SourceForm = DefinitionForm['source'];
export type DatasetForm = DefinitionForm['datasets'][string];
export type RequestForm = NonNullable<DatasetForm['request']>;
export type ColumnForm = z.infer<typeof anyColumn>;
