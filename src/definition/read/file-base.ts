import type { RequestForm } from '../definition-shape.js';
import type { Path } from './document.js';
import type { Problems } from './problems.js';

const PREFIX = 'file:';

/** Whether a base URL is `file:` and a folder of the project: `file:.`, `file:data/rates`; nothing leads out of it. */
export function isFileBase(text: string): boolean {
  if (text === `${PREFIX}.`) return true;
  return text.startsWith(PREFIX) && !/[\s\\?#*{}]/.test(text) && isInside(text.slice(PREFIX.length));
}

function isInside(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Files are named by their path alone, and each is read whole. */
export function checkFiles(
  { method, path, query, pagination }: RequestForm,
  at: Path,
  problems: Problems,
): void {
  const parts = path.slice(1).split('/');
  if (!isInside(path.slice(1)) || parts.slice(0, -1).some((part) => part.includes('*'))) {
    const fix = 'write `/<file>` or `/<folder>/<file>`, with `*` in the last part at most';
    problems.add([...at, 'path'], 'the path does not name files of the folder', fix);
  }
  if (Object.keys(query).length > 0) problems.add([...at, 'query'], 'a file has no query', 'remove it');
  if (method !== 'GET') problems.add([...at, 'method'], 'a file is read, not posted to', 'remove it');
  if (pagination.type !== 'none') {
    problems.add([...at, 'pagination'], 'a file has no pages to ask for', 'remove it');
  }
}
