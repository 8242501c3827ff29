import { completePagination } from '../../base/pagination/registry.js';
import { type CsvDefinition, PLAIN_CSV } from '../../base/types/csv-definition.js';
import type {
  RecordPlace,
  RequestDefinition,
  RequestText,
  SinceDefinition,
} from '../../base/types/definition.js';
import type { DatasetForm, RequestForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { checkFiles, isFileBase } from '../read/file-base.js';
import { keyOf } from '../read/interpolate.js';
import type { Problems } from '../read/problems.js';
import type { PlaceholderFacts } from '../read/placeholders.js';
import { addWanted, checkText, hide, type Origins, type TextContext } from '../read/request-texts.js';
import { parseDurationMs } from '../read/units.js';
import { checkPagination } from './check-pagination.js';
import { completeBody } from './complete-body.js';
import type { OwnedForm } from './shared-pages.js';

/** The context that a request shares with the others of its definition. */
export interface RequestContext {
  /** The source's headers contain the date. */
  readonly headersUseDate: boolean;
  /** The source's base URL. */
  readonly baseUrl: string;
  readonly origins: Origins;
}

/** A completed request, and the fields of the parent record that it contains. */
export interface CompletedRequest {
  readonly request: RequestDefinition;
  readonly fields: readonly string[];
}

/** The completed request of a dataset; errors go to `problems`. */
export function completeRequest(
  dataset: OwnedForm,
  at: Path,
  { headersUseDate, baseUrl, origins }: RequestContext,
  problems: Problems,
): CompletedRequest {
  const form = dataset.request;
  const parent = dataset.for_each === undefined ? null : (dataset.for_each.as ?? dataset.for_each.dataset);
  const context = { scope: { hasSlot: dataset.slot === 'hour', parent }, origins };
  const place = [...at, 'request'];
  const path = choosePath(dataset, at, problems);
  for (const from of [
    [...place, 'path'],
    [...at, 'for_each', 'path'],
  ])
    assertVariable(from, origins, problems);
  const query = completeQuery(form.query, [...place, 'query'], context, problems);
  const body = completeBody(form, place, context, problems);
  const facts = [checkText([...place, 'path'], path, context, problems), ...query.texts, ...body.texts];
  const usesDate = facts.some((text) => text.usesDate);
  // What has arrived is of the date of the run that takes it.
  checkTime(dataset, at, headersUseDate || usesDate || form.archive !== undefined, problems);
  checkPagination(form, place, problems);
  checkFormat(form, place, problems);
  checkPlace(form, place, problems);
  checkBase(form, place, { sourceUrl: baseUrl, isHourly: dataset.slot === 'hour' }, origins, problems);
  const request = {
    method: form.method,
    baseUrl: form.base_url ?? null,
    path,
    archive: form.archive ?? null,
    query: query.query,
    body: body.body,
    bodyFormat: body.bodyFormat,
    paramsIn: 'in' in form.pagination ? form.pagination.in : 'query',
    format: form.format,
    encoding: form.encoding ?? null,
    csv: completeCsv(form.csv),
    records: form.records ?? '',
    keyed: form.keyed,
    keyAs: form.key_as ?? null,
    columns: form.columns ?? null,
    singleAsList: form.single_as_list,
    pagination: completePagination(form.pagination),
    ignoreMore: form.ignore_more ?? null,
    errorPath: form.error_path ?? null,
    okPath: form.ok_path ?? null,
    onPageDrift: form.on_page_drift,
    since: completeSince(
      form,
      facts.some((text) => text.usesSince),
      place,
      problems,
    ),
  };
  return { request, fields: facts.flatMap((text) => text.fields) };
}

/** The path stands in the request, or in `for_each`. */
function choosePath({ request, for_each: forEach }: OwnedForm, at: Path, problems: Problems): string {
  if (request.path !== undefined && forEach?.path !== undefined) {
    problems.add([...at, 'for_each', 'path'], '`path` stands in `request` too', 'remove one of them');
  }
  const path = request.path ?? forEach?.path;
  if (path === undefined && !problems.isHidden([...at, 'request'])) {
    const fix = 'add `path: …`: a path that starts with one `/`';
    problems.add([...at, 'request', 'path'], '`path` is missing', fix);
  }
  return path ?? '/';
}

function completeQuery(
  form: RequestForm['query'],
  at: Path,
  context: TextContext,
  problems: Problems,
): { readonly query: RequestDefinition['query']; readonly texts: readonly PlaceholderFacts[] } {
  const texts: PlaceholderFacts[] = [];
  const complete = (path: Path, value: string | number | boolean): RequestText => {
    texts.push(checkText(path, String(value), context, problems));
    return hide(path, String(value), context.origins);
  };
  const query = Object.entries(form).map(([name, value]) => {
    const given = Array.isArray(value)
      ? value.map((each, index) => complete([...at, name, index], each))
      : complete([...at, name], value);
    return [name, given] as const;
  });
  return { query: new Map(query), texts };
}

function completeSince(
  { overlap, initial }: RequestForm,
  usesSince: boolean,
  at: Path,
  problems: Problems,
): SinceDefinition | null {
  for (const [key, value] of Object.entries({ overlap, initial })) {
    if (value === undefined || usesSince) continue;
    const fix = 'use {last_success} in `query` or in a body, or remove it';
    problems.add([...at, key], `\`${key}\` has no effect without {last_success}`, fix);
  }
  if (!usesSince) return null;
  const from = new Date(initial ?? '1970-01-01').toISOString();
  return { overlapMs: overlap === undefined ? 0 : parseDurationMs(overlap), initial: from };
}

function completeCsv(form: RequestForm['csv']): CsvDefinition {
  if (form === undefined) return PLAIN_CSV;
  const { delimiter, quote, skip_lines, null_values, decimal_comma } = form;
  return { delimiter, quote, skipLines: skip_lines, nullValues: null_values, decimalComma: decimal_comma };
}

/** Errors and manifests contain the path, and a variable may hold a secret. */
function assertVariable(path: Path, origins: Origins, problems: Problems): void {
  if (!origins.has(keyOf(path))) return;
  problems.add(
    path,
    '`path` cannot contain a variable, because errors show it',
    'move the variable to `query` or `headers`',
  );
}

/** A different API needs its own pipeline: the source's headers may hold a key and must not be sent to it. */
function checkBase(
  form: RequestForm,
  at: Path,
  { sourceUrl, isHourly }: { readonly sourceUrl: string; readonly isHourly: boolean },
  origins: Origins,
  problems: Problems,
): void {
  const place = [...at, 'base_url'];
  const wants = '`file:` with a project folder, such as `file:data/rates`';
  if (form.base_url !== undefined && !isFileBase(form.base_url)) addWanted(place, wants, origins, problems);
  else if (isFileBase(form.base_url ?? sourceUrl))
    checkFiles(form, at, (form.base_url ?? sourceUrl).slice('file:'.length), problems);
  if (form.archive !== undefined && isHourly)
    problems.add([...at, 'archive'], '`archive` is not possible with `slot`', 'remove one of them');
  else if (form.archive !== undefined && !isFileBase(form.base_url ?? sourceUrl))
    problems.add([...at, 'archive'], '`archive` is only allowed for files', 'remove it');
}

function checkTime({ time, request }: OwnedForm, at: Path, usesDate: boolean, problems: Problems): void {
  const place = [...at, 'time'];
  const isUnknown = problems.isHidden([...at, 'request']) || problems.isHidden(['source', 'headers']);
  if (time === 'by_date' && !usesDate && !isUnknown) {
    const fix =
      'use {date}, {next_date} or {date:yyyyMMdd} in `path`, `query`, `body` or `headers`; or write `time: snapshot`';
    problems.add(place, 'the request of a `by_date` dataset does not contain the date', fix);
  }
  if (time === 'seeded' && request.pagination.type !== 'seed' && !isUnknown) {
    problems.add(
      place,
      'a seeded dataset requires pagination by seed',
      'write `pagination: { type: seed, … }`',
    );
  }
}

const BODY_PATHS = ['total_path', 'pages_path', 'next_path', 'more_path', 'last_path'];

/** What says where records stand must fit together. */
function checkPlace(form: PlaceForm, at: Path, problems: Problems): void {
  const { keyed, key_as: keyAs, columns } = form;
  if (keyAs !== undefined && keyed !== true) {
    problems.add([...at, 'key_as'], '`key_as` requires `keyed`', 'add `keyed: true`, or remove `key_as`');
  }
  if (columns === undefined) return;
  if (keyed === true) {
    problems.add([...at, 'columns'], '`columns` cannot be used with `keyed`', 'remove one of them');
  }
  if (typeof columns !== 'string' && new Set(columns).size !== columns.length) {
    problems.add([...at, 'columns'], 'duplicate name', 'remove one of them');
  }
}

type PlaceForm = Pick<DatasetForm, 'keyed' | 'key_as' | 'columns'>;

/** Only JSON has paths to records and counts. */
function checkFormat(form: RequestForm, at: Path, problems: Problems): void {
  const { format, records, keyed, columns, pagination } = form;
  if (form.csv !== undefined && format !== 'csv')
    problems.add(
      [...at, 'csv'],
      `\`csv\` is not supported for ${format}`,
      'remove it, or write `format: csv`',
    );
  if (format === 'json') {
    if (records === undefined) {
      const fix = 'add `records: …`: a dotted path to the array of records, or "" for the body';
      problems.add([...at, 'records'], '`records` is missing', fix);
    }
    if (form.keyed && form.single_as_list) {
      const what = '`keyed` and `single_as_list` cannot be used together';
      problems.add([...at, 'single_as_list'], what, 'remove one of them');
    }
    return;
  }
  const what = `paths are not supported for ${format}`;
  if (records !== undefined) problems.add([...at, 'records'], what, 'remove `records`');
  if (columns !== undefined)
    problems.add([...at, 'columns'], `\`columns\` is not supported for ${format}`, 'remove `columns`');
  if (keyed) problems.add([...at, 'keyed'], `\`keyed\` is not supported for ${format}`, 'remove `keyed`');
  if (form.single_as_list) problems.add([...at, 'single_as_list'], what, 'remove `single_as_list`');
  for (const key of Object.keys(pagination).filter((known) => BODY_PATHS.includes(known))) {
    const fix = 'remove it; pagination then ends with a short page or follows the Link header';
    problems.add([...at, 'pagination', key], what, fix);
  }
}

const PLACE_KEYS = ['records', 'keyed', 'key_as', 'columns'] as const;

/** The list of records that a dataset has of its own in the responses of another; null for that of the request. */
export function completePlace(form: OwnedForm, at: Path, problems: Problems): RecordPlace | null {
  const { of, records, keyed = false, key_as: keyAs, columns, request } = form;
  const given = PLACE_KEYS.find((key) => form[key] !== undefined);
  if (given === undefined) return null;
  if (of === undefined) {
    problems.add([...at, given], `\`${given}\` is only allowed with \`of\``, 'move it to `request`');
  } else if (records === undefined) {
    problems.add(
      [...at, given],
      `\`${given}\` requires \`records\``,
      'add `records: …`: the path of the list',
    );
  } else if (request.format !== 'json') {
    problems.add([...at, given], `paths are not supported for ${request.format}`, 'remove `records`');
  }
  checkPlace(form, at, problems);
  return records === undefined
    ? null
    : { records, keyed, keyAs: keyAs ?? null, singleAsList: false, columns: columns ?? null };
}
