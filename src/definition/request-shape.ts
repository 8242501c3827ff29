import { z } from 'zod';
import { isDate, isDateTime } from '../base/dates/date-formats.js';
import { NAME } from '../base/names.js';
import { PAGINATION_FORM } from '../base/pagination/registry.js';
import { bodyPath, recordsPath, wholeNumber } from '../base/pagination/settings.js';
import { isKnownCharset } from '../base/text/charset.js';
import { csv, place } from './body-shape.js';
import { DURATION } from './read/units.js';

const REQUEST_PATH = /^\/(?!\/)[^?#\\\s]*$/;

/** Text of one format; `must` is the error message for any other value. */
export function textOf(form: RegExp, must: string): z.ZodString {
  return z.string(must).regex(form, must);
}

export const name = z.string().regex(NAME);

export const filled = z.string().min(1, 'must be text');

const PLACEHOLDERS = '{date}, {next_date}, {last_success}, {date:PATTERN} and {slot}';

const requestPath = textOf(
  REQUEST_PATH,
  'must be a path that starts with one `/`, without query or fragment',
).describe(`Path template with ${PLACEHOLDERS}; the last part of a file path may contain *.`);

const scalar = z.union([z.string(), z.number(), z.boolean()], 'must be text, a number or a boolean');
const parameters = z.union(
  [scalar, z.array(scalar).min(1)],
  'must be text, a number or a boolean, or a list',
);

/** `for_each` of a dataset. */
export const forEach = z
  .strictObject({
    dataset: name.describe('Dataset of this definition whose records each make requests of their own.'),
    as: name
      .optional()
      .describe(
        'Name of the parent in placeholders such as {team.id} and in the records; default: the dataset.',
      ),
    path: requestPath.optional().describe('The path of the requests, in place of `path` of `request`.'),
    empty_status: z
      .array(wholeNumber(400, 499))
      .default([])
      .describe('Statuses that mean that a parent has no such records, such as 404.'),
  })
  .describe('One chain of requests for each record of another dataset.');

/** `request` of a dataset. */
export const request = z.strictObject({
  method: z
    .enum(['GET', 'POST'])
    .default('GET')
    .describe('HTTP method. A POST must only read data, since it may be retried.'),
  base_url: z
    .string()
    .optional()
    .describe('`file:` with a project folder, for a dataset that is read from files instead of the API.'),
  path: requestPath.optional(),
  archive: filled
    .optional()
    .describe(
      'Project folder to which the files of a file source move when they land, below their date, such as data/archive. They keep what they hold: the archive is not masked.',
    ),
  query: z
    .record(z.string().min(1), parameters)
    .default({})
    .describe(
      `Query parameters; a list repeats one. Texts may contain ${PLACEHOLDERS}; values from variables are never shown.`,
    ),
  body: z
    .record(z.string().min(1), z.unknown())
    .optional()
    .describe(`JSON body of a POST. Texts may contain ${PLACEHOLDERS}, and a text may be {cursor}.`),
  form: z
    .record(z.string().min(1), parameters)
    .optional()
    .describe(`Form-encoded body of a POST. Texts may contain ${PLACEHOLDERS}.`),
  overlap: textOf(DURATION, 'must be a duration such as 30s, 10m or 1h')
    .optional()
    .describe('How long before the last successful run {last_success} begins.'),
  initial: z
    .string()
    .refine((text) => isDate(text) || isDateTime(text), 'must be a date or an instant, such as 2020-01-01')
    .optional()
    .describe('What {last_success} is before the first successful run; default: 1970-01-01.'),
  records: recordsPath
    .optional()
    .describe(
      'Dotted path to the array of records; "" if the body is the array. Required for JSON, not allowed otherwise.',
    ),
  ...place,
  single_as_list: z
    .boolean()
    .default(false)
    .describe(
      'One object at `records`, in place of a list, is one record, and so is one value at `explode`. JSON only.',
    ),
  format: z
    .enum(['json', 'ndjson', 'csv'])
    .default('json')
    .describe('Format of the body: JSON, JSON lines, or CSV with a header line.'),
  encoding: filled
    .refine(isKnownCharset, 'must be a charset such as windows-1252 or utf-16le')
    .optional()
    .describe('Charset of the body, if neither the body nor its Content-Type says it.'),
  csv: csv.optional(),
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
  on_page_drift: z
    .enum(['fail', 'warn', 'refetch'])
    .default('fail')
    .describe(
      'Action if a record comes on two pages, which means that another may be missing: fail the run, print a warning, or pull again, up to three times.',
    ),
});
