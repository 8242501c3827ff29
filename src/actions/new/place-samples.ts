import { realpath } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { failure, type LakeveilError } from '../../base/errors.js';
import { splitPath } from '../../base/json-values.js';
import { NAME } from '../../base/names.js';
import { toName } from '../../draft/names.js';

/** Where a sample is, and what a definition calls that place. */
export interface PlacedSample {
  /** Name of the dataset. */
  readonly name: string;
  /** As typed. */
  readonly from: string;
  /** Null for a file. */
  readonly url: URL | null;
  /** `base_url` of the place. */
  readonly baseUrl: string;
  readonly path: string;
  /** The dataset whose records the path names, as in `/teams/{teams.id}/members`, and the fields; null for none. */
  readonly parent: ParentFields | null;
  /** The file must be copied to this path of the project first; null if it is in place. */
  readonly copyTo: string | null;
}

/** Fields of the records of another dataset, for each of which there is a URL. */
export interface ParentFields {
  readonly dataset: string;
  readonly fields: readonly (readonly string[])[];
}

interface PlaceInput {
  readonly projectDir: string;
  /** `--from`, as typed. */
  readonly from: readonly string[];
  /** The name of the only dataset; null if each is named after its place. */
  readonly name: string | null;
  /** The base URL of an existing definition; null for a new one. */
  readonly baseUrl: string | null;
}

/** Finds the dataset, base URL and path of each sample. @throws E_USAGE if a definition cannot hold them all */
export async function placeSamples(input: PlaceInput): Promise<readonly PlacedSample[]> {
  const placed: PlacedSample[] = [];
  for (const from of input.from) {
    const url = /^https?:\/\//i.test(from) ? new URL(from) : null;
    const name = input.name ?? nameDataset(url === null ? basename(from, extname(from)) : url.pathname);
    if (placed.some((other) => other.name === name)) {
      throw usage(
        `two samples would be dataset ${name}`,
        'add one of them with `--into`, under another name',
      );
    }
    if (url === null) placed.push(await placeFile(input.projectDir, from, name));
    else placed.push({ name, from, url, ...placeUrl(url, input.baseUrl), copyTo: null });
  }
  for (const { parent } of placed) assertParent(parent, placed);
  const [first, ...others] = placed.filter(({ url }) => url !== null);
  if (others.some(({ baseUrl }) => baseUrl !== first?.baseUrl)) {
    const hint = 'draft a pipeline for each API: credentials of one must not be sent to another';
    throw usage('the samples come from several servers', hint);
  }
  return placed;
}

/** `/v1/employees.json` is `employees`. */
function nameDataset(path: string): string {
  const parts = path
    .replaceAll(/%7B.*?%7D/gi, '')
    .split('/')
    .map((part) => toName(part.replace(/\.\w{1,6}$/, '')));
  const name = parts.reverse().find((part) => part !== null && !/^(?:v\d+|api)$/.test(part)) ?? '';
  if (NAME.test(name)) return name;
  throw usage('a sample has no name that a dataset could have', 'add it alone: `pipeline new NAME --from …`');
}

const PLACEHOLDER = /\{([a-z][a-z0-9_]{0,62})\.([^{}]+)\}/g;

/** The parent of `/teams/{teams.id}/members`. */
function findParent(path: string): ParentFields | null {
  const found = [...path.matchAll(PLACEHOLDER)].map(([, dataset = '', field = '']) => ({ dataset, field }));
  const [first] = found;
  if (found.some(({ dataset }) => dataset !== first?.dataset)) {
    throw usage('a URL names fields of two datasets', 'name fields of one dataset only');
  }
  return first === undefined
    ? null
    : { dataset: first.dataset, fields: found.map(({ field }) => splitPath(field)) };
}

/** Its records are the parents, so that their sample must be there. */
function assertParent(parent: ParentFields | null, placed: readonly PlacedSample[]): void {
  const found = placed.find(({ name }) => name === parent?.dataset);
  if (parent === null || (found !== undefined && found.parent === null)) return;
  const names = placed.filter((other) => other.parent === null).map(({ name }) => name);
  throw usage(
    `a URL contains a field of ${parent.dataset}, which is no dataset of this draft`,
    `add its URL with \`--from\`; datasets of this draft: ${names.join(', ')}`,
  );
}

function placeUrl(url: URL, baseUrl: string | null): Pick<PlacedSample, 'baseUrl' | 'path' | 'parent'> {
  const { origin } = url;
  const pathname = url.pathname.replaceAll(
    /%7B(.*?)%7D/gi,
    (_, inner: string) => `{${decodeURIComponent(inner)}}`,
  );
  const parent = findParent(pathname);
  if (baseUrl === null) return { baseUrl: origin, path: pathname, parent };
  const base = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const prefix = base?.pathname.replace(/\/+$/, '') ?? '';
  if (base?.origin === origin && pathname.startsWith(`${prefix}/`)) {
    return { baseUrl, path: pathname.slice(prefix.length), parent };
  }
  const hint = 'draft a pipeline of its own: `pipeline new NAME --from …`';
  throw usage('the URL is not below `base_url` of the definition', hint);
}

const PART = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** A file inside the project is read in place; any other file must be copied into the project first. */
async function placeFile(projectDir: string, from: string, name: string): Promise<PlacedSample> {
  const placed = { name, from, url: null, parent: null };
  const [home, folder] = await Promise.all([realpath(projectDir), findFolder(from)]);
  const parts = folder === null ? [''] : relative(home, join(folder, basename(from))).split(sep);
  if (parts.every((part) => PART.test(part))) {
    const base = parts.slice(0, -1).join('/');
    const baseUrl = base === '' ? 'file:.' : `file:${base}`;
    return { ...placed, baseUrl, path: `/${basename(from)}`, copyTo: null };
  }
  const ending = /^\.(?:json|ndjson|jsonl|csv)$/.test(extname(from)) ? extname(from) : '';
  const path = `/${name}${ending}`;
  return { ...placed, baseUrl: 'file:data', path, copyTo: `data${path}` };
}

/** Null if it is not there; reading the file says so. */
async function findFolder(from: string): Promise<string | null> {
  return realpath(dirname(resolve(from))).catch(() => null);
}

function usage(what: string, hint: string): LakeveilError {
  return failure('E_USAGE', { what, hint });
}
