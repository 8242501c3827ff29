import type { RequestForm } from '../definition-shape.js';
import type { Path } from './document.js';
import type { Problems } from './problems.js';

const PREFIX = 'file:';

/** Whether a base URL is `file:` with a folder inside the project, such as `file:.` or `file:data/rates`. */
export function isFileBase(text: string): boolean {
  if (text === `${PREFIX}.`) return true;
  return text.startsWith(PREFIX) && !/[\s\\?#*{}]/.test(text) && isInside(text.slice(PREFIX.length));
}

function isInside(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** A file source has only a path, and each file is read completely. */
export function checkFiles(
  { method, path = '/', query, pagination, archive }: RequestForm,
  at: Path,
  folder: string,
  problems: Problems,
): void {
  const parts = path.slice(1).split('/');
  if (!isInside(path.slice(1)) || parts.slice(0, -1).some((part) => part.includes('*'))) {
    const fix = 'write `/<file>` or `/<folder>/<file>`, with `*` only in the last part';
    problems.add([...at, 'path'], 'the path does not match files in the folder', fix);
  }
  if (Object.keys(query).length > 0)
    problems.add([...at, 'query'], '`query` is not allowed for files', 'remove it');
  if (archive !== undefined) checkArchive(archive, { path, folder }, at, problems);
  if (method !== 'GET') problems.add([...at, 'method'], '`method` is not allowed for files', 'remove it');
  if (pagination.type !== 'none') {
    problems.add([...at, 'pagination'], '`pagination` is not allowed for files', 'remove it');
  }
}

/** Folders that other commands write, clean up or publish. */
const OWN_FOLDERS = ['data_lake', 'db', 'sql', 'pipelines', 'schemas', 'exports', 'site', 'node_modules'];

/** Files move out of the folder that is read, or they would land again. */
function checkArchive(
  archive: string,
  { path, folder }: { readonly path: string; readonly folder: string },
  at: Path,
  problems: Problems,
): void {
  const place = [...at, 'archive'];
  const incoming = `${folder === '.' ? '' : `${folder}/`}${path.slice(1)}`.split('/').slice(0, -1).join('/');
  if (!isFileBase(`${PREFIX}${archive}`) || archive === '.' || archive.startsWith('.')) {
    problems.add(place, '`archive` must be a folder of the project', 'write a folder such as `data/archive`');
  } else if (OWN_FOLDERS.includes(archive.split('/')[0] ?? '')) {
    const fix = 'write a folder of its own, such as `data/archive`';
    problems.add(
      place,
      'the archive would be in a folder of Lakeveil, among masked data or definitions',
      fix,
    );
  } else if (incoming === '' || archive === incoming || /[{}]/.test(incoming)) {
    const fix = 'read from a folder of its own, such as `file:data/incoming`, and archive to `data/archive`';
    problems.add(place, 'the archive requires a folder of its own for files that arrive', fix);
  } else if (!path.includes('*')) {
    problems.add([...at, 'path'], '`archive` requires `*` in the name of the files', 'write `/*.csv`');
  }
}

interface FileDataset {
  readonly name: string;
  readonly of: string | null;
  readonly request: {
    readonly baseUrl: string | null;
    readonly path: string;
    readonly archive: string | null;
  };
}

/** Files that one dataset has archived are gone for another that reads them. */
export function evaluateArchives(
  datasets: readonly FileDataset[],
  sourceUrl: string,
  problems: Problems,
): void {
  const own = datasets.filter(({ of, request }) => of === null && request.archive !== null);
  for (const [index, { name, request }] of own.entries()) {
    const { baseUrl, path } = request;
    const rival = own
      .slice(0, index)
      .find(
        (one) =>
          (one.request.baseUrl ?? sourceUrl) === (baseUrl ?? sourceUrl) && mayMeet(one.request.path, path),
      );
    if (rival === undefined) continue;
    const what = `the files may be those of dataset ${rival.name}, which archives them too`;
    const fix = `give the files other names or another folder; or make rows of the same files with \`of: ${rival.name}\``;
    problems.add(['datasets', name, 'request', 'archive'], what, fix);
  }
}

/** Whether a name may fit both patterns: unless what stands before or after their `*` tells them apart. */
function mayMeet(one: string, other: string): boolean {
  const [a, b] = [one.split('*'), other.split('*')];
  const [headA = '', headB = '', tailA = '', tailB = ''] = [a[0], b[0], a.at(-1), b.at(-1)];
  const heads = headA.startsWith(headB) || headB.startsWith(headA);
  return heads && (tailA.endsWith(tailB) || tailB.endsWith(tailA));
}
