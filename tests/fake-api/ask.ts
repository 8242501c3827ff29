import { completeOptions, type EmbeddedOptions } from '../../fake-api/options.js';
import type { Answer } from '../../fake-api/server/route.js';
import { ROUTES } from '../../fake-api/server/routes.js';

const HEADERS = { 'x-api-key': 'any' };

/** What the bundled server says to a URL, without a socket in between. */
export async function ask(
  url: string,
  options: EmbeddedOptions = {},
  headers: Readonly<Record<string, string>> = HEADERS,
): Promise<Answer> {
  const [path = '', query = ''] = url.split('?', 2);
  const route = ROUTES.get(path);
  if (route === undefined) throw new RangeError('the server has no such path');
  return route({ path, params: new URLSearchParams(query), headers, settings: completeOptions(options) });
}

/** The records of an answer that is a JSON array. */
export async function askRecords<T>(url: string, options: EmbeddedOptions = {}): Promise<readonly T[]> {
  return JSON.parse((await ask(url, options)).body) as readonly T[];
}
