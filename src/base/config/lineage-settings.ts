import { isAbsolute, relative, resolve } from 'node:path';
import { failure } from '../errors.js';
import { isLoopback } from '../loopback.js';
import type { SecretText } from '../types/definition.js';
import { VARIABLES } from './variables.js';

/** Where events of OpenLineage go. At least one of `endpoint` and `file` is set. */
export interface LineageSettings {
  /** Of the jobs. */
  readonly namespace: string;
  /** To which events are posted; null for none. */
  readonly endpoint: URL | null;
  readonly apiKey: SecretText | null;
  /** Absolute path of a file of JSON lines; null for none. */
  readonly file: string | null;
}

interface Folders {
  readonly projectDir: string;
  /** Folders and files that hold nothing but what belongs there. */
  readonly closed: readonly string[];
}

/** What Marquez accepts as a namespace. */
const NAMESPACE = /^[a-zA-Z0-9:;=/_\-.@+]{1,1024}$/;
const ENDPOINT = /^\/?[\w\-.~]+(?:\/[\w\-.~]+)*$/;

/**
 * The settings of OpenLineage; null where neither OPENLINEAGE_URL nor LINEAGE_FILE is set, or OPENLINEAGE_DISABLED is.
 * @throws E_ENV_INVALID
 */
export function readLineageSettings(
  variables: ReadonlyMap<string, string>,
  folders: Folders,
): LineageSettings | null {
  const isDisabled = readSwitch(variables, 'OPENLINEAGE_DISABLED');
  const [url, file] = [variables.get('OPENLINEAGE_URL'), variables.get('LINEAGE_FILE')];
  if (isDisabled || (url === undefined && file === undefined)) return null;
  const namespace = variables.get('OPENLINEAGE_NAMESPACE') ?? VARIABLES.OPENLINEAGE_NAMESPACE.default;
  if (!NAMESPACE.test(namespace))
    throw invalid('OPENLINEAGE_NAMESPACE', 'a name of letters, digits and `:;=/_-.@+`');
  const key = variables.get('OPENLINEAGE_API_KEY');
  const endpoint =
    url === undefined
      ? null
      : readUrl(url, variables.get('OPENLINEAGE_ENDPOINT') ?? VARIABLES.OPENLINEAGE_ENDPOINT.default);
  if (
    key !== undefined &&
    endpoint !== null &&
    endpoint.protocol === 'http:' &&
    !isLoopback(endpoint.hostname)
  )
    throw invalid('OPENLINEAGE_URL', 'an https URL where OPENLINEAGE_API_KEY is set');
  return {
    namespace,
    endpoint,
    apiKey: key === undefined ? null : hide(key),
    file: file === undefined ? null : locateFile(file, folders),
  };
}

function readSwitch(variables: ReadonlyMap<string, string>, name: string): boolean {
  const value = (variables.get(name) ?? 'false').toLowerCase();
  if (!['true', 'false', '1', '0'].includes(value)) throw invalid(name, '`true` or `false`');
  return value === 'true' || value === '1';
}

function readUrl(text: string, path: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw invalid('OPENLINEAGE_URL', 'an http(s) URL, such as `http://127.0.0.1:5000`');
  if (url.username + url.password + url.search + url.hash !== '')
    throw invalid('OPENLINEAGE_URL', 'a URL without user name, password, query and fragment');
  if (!ENDPOINT.test(path))
    throw invalid('OPENLINEAGE_ENDPOINT', `a path, such as \`${VARIABLES.OPENLINEAGE_ENDPOINT.default}\``);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path.replace(/^\//, '')}`;
  return url;
}

function locateFile(text: string, folders: Folders): string {
  return assertOutside('LINEAGE_FILE', resolve(folders.projectDir, text), folders.closed);
}

/** A path that is not in the lake or among definitions, where other files belong. @throws E_ENV_INVALID */
export function assertOutside(name: string, path: string, closed: readonly string[]): string {
  if (!closed.some((folder) => isInside(path, folder))) return path;
  throw invalid(name, 'a place outside of the lake, `pipelines/` and `sql/`, and not the warehouse');
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way !== '..' && !/^\.\.[/\\]/.test(way);
}

/** Its text is in no property, so that nothing that prints the configuration prints it. */
function hide(key: string): SecretText {
  return { reveal: () => key, toString: () => '[secret OPENLINEAGE_API_KEY]' };
}

function invalid(name: string, wants: string) {
  return failure('E_ENV_INVALID', { name, wants });
}
