import { completePagination } from '../../base/pagination/registry.js';
import { type CsvDefinition, PLAIN_CSV, type RequestDefinition } from '../../base/types/definition.js';
import type { RequestForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { checkFiles, isFileBase } from '../read/file-base.js';
import { ownValue } from '../read/form-at.js';
import { keyOf } from '../read/interpolate.js';
import type { Problems } from '../read/problems.js';
import { addWanted, checkText, hide, type Origins } from '../read/request-texts.js';
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

/** The completed request of a dataset; errors go to `problems`. */
export function completeRequest(
  dataset: OwnedForm,
  at: Path,
  { headersUseDate, baseUrl, origins }: RequestContext,
  problems: Problems,
): RequestDefinition {
  const form = dataset.request;
  const hasSlot = dataset.slot === 'hour';
  const place = [...at, 'request'];
  const texts = Object.entries(form.query).map(
    ([name, value]) => [[...place, 'query', name], String(value)] as const,
  );
  assertVariable([...place, 'path'], origins, problems);
  const pathUsesDate = checkText([...place, 'path'], form.path, { hasSlot, origins }, problems);
  const queryUsesDate = texts
    .map(([path, text]) => checkText(path, text, { hasSlot, origins }, problems))
    .includes(true);
  const { body, usesDate } = completeBody(form, place, { hasSlot, origins, problems });
  checkTime(dataset, at, headersUseDate || pathUsesDate || queryUsesDate || usesDate, problems);
  checkParameters(form, place, problems);
  checkFormat(form, place, problems);
  checkBase(form, place, baseUrl, origins, problems);
  const query = texts.map(([path, text]) => [String(path.at(-1)), hide(path, text, origins)] as const);
  return {
    method: form.method,
    baseUrl: form.base_url ?? null,
    path: form.path,
    query: new Map(query),
    body,
    paramsIn: 'in' in form.pagination ? form.pagination.in : 'query',
    format: form.format,
    encoding: form.encoding ?? null,
    csv: completeCsv(form.csv),
    records: form.records ?? '',
    keyed: form.keyed,
    singleAsList: form.single_as_list,
    pagination: completePagination(form.pagination),
    ignoreMore: form.ignore_more ?? null,
    errorPath: form.error_path ?? null,
    okPath: form.ok_path ?? null,
    onPageDrift: form.on_page_drift,
  };
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
  sourceUrl: string,
  origins: Origins,
  problems: Problems,
): void {
  const place = [...at, 'base_url'];
  const wants = '`file:` with a project folder, such as `file:data/rates`';
  if (form.base_url !== undefined && !isFileBase(form.base_url)) addWanted(place, wants, origins, problems);
  else if (isFileBase(form.base_url ?? sourceUrl)) checkFiles(form, at, problems);
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

function checkParameters({ pagination, query, body }: RequestForm, at: Path, problems: Problems): void {
  const place = [...at, 'pagination'];
  const isInBody = 'in' in pagination && pagination.in === 'body';
  const taken = new Set(Object.keys(query).filter(() => !isInBody));
  for (const [key, value] of Object.entries(pagination)) {
    if (!key.endsWith('_param') || typeof value !== 'string') continue;
    if (taken.has(value) || (isInBody && isTaken(body, value.split('.')))) {
      problems.add(
        [...place, key],
        isInBody ? 'duplicate name in the body' : 'duplicate query parameter',
        `remove it from \`${isInBody ? 'body' : 'query'}\`, or use another name`,
      );
    }
    taken.add(value);
  }
  if (pagination.type === 'page' || pagination.type === 'offset' || pagination.type === 'cursor') {
    if ((pagination.size_param === undefined) !== (pagination.size === undefined)) {
      problems.add(place, '`size_param` and `size` must be used together', 'set both or neither');
    }
  }
  if (pagination.type !== 'page' && pagination.type !== 'offset') return;
  const counts = COUNTS.filter((key) => ownValue(pagination, key) !== undefined);
  const [first, second] = counts;
  if (first !== undefined && second !== undefined) {
    const what = `\`${first}\` and \`${second}\` cannot be used together`;
    problems.add([...place, second], what, 'set only one of them');
  }
}

const COUNTS = ['total_path', 'pages_path', 'total_header', 'pages_header'];

/** Whether a body already has a value at a parameter's path, or a non-object above it. */
function isTaken(body: unknown, [name = '', ...rest]: readonly string[]): boolean {
  const value = ownValue(body, name);
  if (value === undefined) return false;
  return rest.length === 0 || typeof value !== 'object' || isTaken(value, rest);
}

const BODY_PATHS = ['total_path', 'pages_path', 'next_path', 'more_path', 'last_path'];

/** Only JSON has paths to records and counts. */
function checkFormat(form: RequestForm, at: Path, problems: Problems): void {
  const { format, records, keyed, pagination } = form;
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
  if (keyed) problems.add([...at, 'keyed'], `\`keyed\` is not supported for ${format}`, 'remove `keyed`');
  if (form.single_as_list) problems.add([...at, 'single_as_list'], what, 'remove `single_as_list`');
  for (const key of Object.keys(pagination).filter((known) => BODY_PATHS.includes(known))) {
    const fix = 'remove it; pagination then ends with a short page or follows the Link header';
    problems.add([...at, 'pagination', key], what, fix);
  }
}
