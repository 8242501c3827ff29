import { failure } from '../errors.js';
import type { PaginationDefinition, RequestDefinition, RequestText } from './definition.js';
import type { Path } from './document.js';
import { checkFiles, isFileBase } from './file-base.js';
import type { Origin } from './interpolate.js';
import { keyOf } from './interpolate.js';
import type { RequestForm } from './page-shape.js';
import { RECORDS } from './page-shape.js';
import { scanPlaceholders } from './placeholders.js';
import type { Problems } from './problems.js';
import { Secret } from './secret.js';
import type { OwnedForm } from './shared-pages.js';

/** What interpolation knows of the page, by `keyOf(path)`. */
export type Origins = ReadonlyMap<string, Origin>;

/** What a request shares with the others of its page. */
export interface RequestContext {
  /** The source's headers name the date. */
  readonly headersUseDate: boolean;
  /** The source's base URL. */
  readonly baseUrl: string;
  readonly origins: Origins;
}

/** How a dataset is asked for; what is wrong goes to `problems`. */
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
  refuseVariable([...place, 'path'], origins, problems);
  const pathUsesDate = checkText([...place, 'path'], form.path, { hasSlot, origins }, problems);
  const queryUsesDate = texts
    .map(([path, text]) => checkText(path, text, { hasSlot, origins }, problems))
    .includes(true);
  checkTime(dataset, at, headersUseDate || pathUsesDate || queryUsesDate, problems);
  checkParameters(form, place, problems);
  checkFormat(form, place, problems);
  checkBase(form, place, baseUrl, origins, problems);
  const query = texts.map(([path, text]) => [String(path.at(-1)), hide(path, text, origins)] as const);
  return {
    method: form.method,
    baseUrl: form.base_url ?? null,
    path: form.path,
    query: new Map(query),
    format: form.format,
    records: form.records ?? '',
    keyed: form.keyed,
    pagination: completePagination(form.pagination),
  };
}

/** The path is told in errors and manifests, and a variable may hold a secret. */
function refuseVariable(path: Path, origins: Origins, problems: Problems): void {
  if (!origins.has(keyOf(path))) return;
  problems.add(
    path,
    '`path` takes no variable, for it is shown',
    'move the variable to `query` or `headers`',
  );
}

/** Text that came from a variable is never shown. */
export function hide(path: Path, text: string, origins: Origins): RequestText {
  const origin = origins.get(keyOf(path));
  return origin === undefined ? text : new Secret(origin.names, text);
}

/** What a text of a request may name. */
export interface TextContext {
  /** All datasets that send it land by the hour. */
  readonly hasSlot: boolean;
  readonly origins: Origins;
}

/** Judges the placeholders of a text; true if it names the date. */
export function checkText(
  path: Path,
  text: string,
  { hasSlot, origins }: TextContext,
  problems: Problems,
): boolean {
  const { usesDate, flaw } = scanPlaceholders(text, hasSlot);
  const name = origins.get(keyOf(path))?.given ?? null;
  if (flaw === null) return usesDate;
  if (name === null) problems.add(path, flaw.what, flaw.fix);
  else {
    problems.addFailure(path, (where) =>
      failure('E_ENV_INVALID', { name, wants: 'text without braces' }, where),
    );
  }
  return usesDate;
}

/** Another API is a pipeline of its own: the source's headers, which may hold a key, must not reach it. */
function checkBase(
  form: RequestForm,
  at: Path,
  sourceUrl: string,
  origins: Origins,
  problems: Problems,
): void {
  const place = [...at, 'base_url'];
  const wants = '`file:` and a folder of the project, such as `file:data/rates`';
  if (form.base_url !== undefined && !isFileBase(form.base_url)) addWanted(place, wants, origins, problems);
  else if (isFileBase(form.base_url ?? sourceUrl)) checkFiles(form, at, problems);
}

/** Says what a value must be; of one that came from a variable, to whoever set that. */
export function addWanted(path: Path, wants: string, origins: Origins, problems: Problems): void {
  const name = origins.get(keyOf(path))?.given ?? null;
  if (name === null) problems.add(path, `\`${String(path.at(-1))}\` must be ${wants}`, `write ${wants}`);
  else problems.addFailure(path, (where) => failure('E_ENV_INVALID', { name, wants }, where));
}

function checkTime({ time, request }: OwnedForm, at: Path, usesDate: boolean, problems: Problems): void {
  const place = [...at, 'time'];
  if (time === 'by_date' && !usesDate) {
    const fix =
      'use {date}, {next_date} or {date:yyyyMMdd} in `path`, `query` or `headers`; or write `time: snapshot`';
    problems.add(place, 'a dataset by date must ask for the date', fix);
  }
  if (time === 'seeded' && request.pagination.type !== 'seed') {
    problems.add(place, 'a seeded dataset must send a seed', 'write `pagination: { type: seed, … }`');
  }
}

function checkParameters({ pagination, query }: RequestForm, at: Path, problems: Problems): void {
  const place = [...at, 'pagination'];
  const taken = new Set(Object.keys(query));
  for (const [key, value] of Object.entries(pagination)) {
    if (!key.endsWith('_param') || typeof value !== 'string') continue;
    if (taken.has(value)) {
      problems.add(
        [...place, key],
        'a query parameter is met twice',
        'take it out of `query`, or name another one',
      );
    }
    taken.add(value);
  }
  if (pagination.type === 'page' || pagination.type === 'offset' || pagination.type === 'cursor') {
    if ((pagination.size_param === undefined) !== (pagination.size === undefined)) {
      problems.add(place, '`size_param` and `size` go together', 'give both, or neither');
    }
  }
  if (
    pagination.type === 'page' &&
    pagination.total_path !== undefined &&
    pagination.pages_path !== undefined
  ) {
    problems.add(
      [...place, 'pages_path'],
      '`total_path` and `pages_path` say the same',
      'give one of the two',
    );
  }
}

const BODY_PATHS = ['total_path', 'pages_path', 'next_path'];

/** Only JSON has an envelope, in which the records and all else must be found. */
function checkFormat(form: RequestForm, at: Path, problems: Problems): void {
  const { format, records, keyed, pagination } = form;
  if (format === 'json') {
    const wants = RECORDS.replace('must be ', '');
    if (records === undefined)
      problems.add([...at, 'records'], '`records` is missing', `add \`records: …\`: ${wants}`);
    return;
  }
  const what = `a body of ${format} has no paths`;
  if (records !== undefined) problems.add([...at, 'records'], what, 'remove `records`');
  if (keyed) problems.add([...at, 'keyed'], `a body of ${format} has no keys`, 'remove `keyed`');
  for (const key of Object.keys(pagination).filter((known) => BODY_PATHS.includes(known))) {
    const fix = 'remove it; pages then end with a short one, or go by the Link header';
    problems.add([...at, 'pagination', key], what, fix);
  }
}

function completePagination(form: RequestForm['pagination']): PaginationDefinition {
  switch (form.type) {
    case 'none':
      return { type: 'none' };
    case 'page':
      return {
        type: 'page',
        pageParam: form.page_param,
        start: form.start,
        sizeParam: form.size_param ?? null,
        size: form.size ?? null,
        totalPath: form.total_path ?? null,
        pagesPath: form.pages_path ?? null,
      };
    case 'offset':
      return {
        type: 'offset',
        offsetParam: form.offset_param,
        sizeParam: form.size_param ?? null,
        size: form.size ?? null,
        totalPath: form.total_path ?? null,
      };
    case 'link':
      return { type: 'link', nextPath: form.next_path ?? null };
    case 'cursor':
      return {
        type: 'cursor',
        cursorParam: form.cursor_param,
        nextPath: form.next_path,
        sizeParam: form.size_param ?? null,
        size: form.size ?? null,
      };
    case 'seed':
      return {
        type: 'seed',
        sizeParam: form.size_param,
        size: form.size,
        seedParam: form.seed_param,
        total: form.total,
      };
  }
}
