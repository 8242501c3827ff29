import { realpath } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { failure, type LakeveilError } from '../../base/errors.js';
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
  /** The file must be copied to this path of the project first; null if it is in place. */
  readonly copyTo: string | null;
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
  const [first, ...others] = placed.filter(({ url }) => url !== null);
  if (others.some(({ baseUrl }) => baseUrl !== first?.baseUrl)) {
    const hint = 'draft a pipeline for each API: credentials of one must not be sent to another';
    throw usage('the samples come from several servers', hint);
  }
  return placed;
}

/** `/v1/employees.json` is `employees`. */
function nameDataset(path: string): string {
  const parts = path.split('/').map((part) => toName(part.replace(/\.\w{1,6}$/, '')));
  const name = parts.reverse().find((part) => part !== null && !/^(?:v\d+|api)$/.test(part)) ?? '';
  if (NAME.test(name)) return name;
  throw usage('a sample has no name that a dataset could have', 'add it alone: `pipeline new NAME --from …`');
}

function placeUrl({ origin, pathname }: URL, baseUrl: string | null): { baseUrl: string; path: string } {
  if (baseUrl === null) return { baseUrl: origin, path: pathname };
  const base = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const prefix = base?.pathname.replace(/\/+$/, '') ?? '';
  if (base?.origin === origin && pathname.startsWith(`${prefix}/`)) {
    return { baseUrl, path: pathname.slice(prefix.length) };
  }
  const hint = 'draft a pipeline of its own: `pipeline new NAME --from …`';
  throw usage('the URL is not below `base_url` of the definition', hint);
}

const PART = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** A file inside the project is read in place; any other file must be copied into the project first. */
async function placeFile(projectDir: string, from: string, name: string): Promise<PlacedSample> {
  const placed = { name, from, url: null };
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
