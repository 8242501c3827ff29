import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, LakeveilError, systemCode } from '../base/errors.js';

/**
 * Absolute paths of the files that `path` names, in the order of their names; `*` in its last part stands for any
 * text, but not for a leading dot. No link is followed below the project. Throws E_DISK_READ, which names `template`.
 */
export async function listFiles(projectDir: string, path: string, template: string): Promise<string[]> {
  return tell(template, async () => {
    const parts = path.split('/');
    const pattern = parts.pop() ?? '';
    const folder = await descend(projectDir, parts, template);
    if (!pattern.includes('*')) return [join(folder, pattern)];
    const isMeant = compileNames(pattern);
    const names = (await readdir(folder)).filter((name) => isMeant.test(name)).sort();
    if (names.length === 0) throw failure('E_DISK_READ', { path: template, kind: 'no such file' });
    return names.map((name) => join(folder, name));
  });
}

/** How long a file must not have changed: one that is younger may still be written. */
const SETTLED_MS = 60_000;

/** A file that a run reads; null in place of `to` for one that is archived already. */
export interface FoundFile {
  readonly file: string;
  /** Both relative to the project. */
  readonly from: string;
  readonly to: string | null;
}

/** Where files arrive and where they go. */
export interface Arrivals {
  readonly projectDir: string;
  /** As of `listFiles`, with `*`. */
  readonly path: string;
  /** Of the date, relative to the project. */
  readonly archive: string;
  readonly template: string;
}

/**
 * The files of a date: those that are archived for it, and those that have arrived since, by name. A file that changed
 * within the last minute waits for the next run, and is counted; so does one that arrives after this. Throws E_DISK_READ;
 * E_USAGE for a name that is archived for the date already.
 */
export async function listArrivals(
  { projectDir, path, archive, template }: Arrivals,
  nowMs: number,
): Promise<{ files: FoundFile[]; waiting: number }> {
  return tell(template, async () => {
    const parts = path.split('/');
    const isMeant = compileNames(parts.pop() ?? '');
    const incoming = parts.join('/');
    const archived = await namesIn(projectDir, archive, isMeant, template).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    const found = new Map(
      archived.map((name): [string, FoundFile] => {
        const from = `${archive}/${name}`;
        return [name, { file: join(projectDir, from), from, to: null }];
      }),
    );
    let waiting = 0;
    for (const name of await namesIn(projectDir, incoming, isMeant, template)) {
      const from = `${incoming}/${name}`;
      if (name.includes('\ufffd'))
        throw failure('E_DISK_READ', { path: template, kind: 'a file name is not UTF-8' });
      const state = await lstat(join(projectDir, from));
      if (state.isDirectory()) continue;
      if (Math.abs(nowMs - state.mtimeMs) < SETTLED_MS) {
        waiting += 1;
        continue;
      }
      if (found.has(name)) {
        const what = `a file that matches ${template} has the name of one that is archived for this date`;
        throw failure('E_USAGE', { what, hint: 'rename the new file' });
      }
      found.set(name, { file: join(projectDir, from), from, to: `${archive}/${name}` });
    }
    const files = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
    return { files, waiting };
  });
}

async function namesIn(
  projectDir: string,
  folder: string,
  isMeant: RegExp,
  template: string,
): Promise<string[]> {
  const dir = await descend(projectDir, folder.split('/'), template);
  return (await readdir(dir)).filter((name) => isMeant.test(name));
}

/** What the file system says of a file, to tell later whether it is still the same. */
export async function lookAt(file: string, template: string) {
  return tell(template, async () => {
    const { ino, size, mtimeMs } = await lstat(file);
    return { inode: ino, bytes: size, modifiedMs: mtimeMs };
  });
}

/** A regular file, whole. Throws E_DISK_READ, and E_SOURCE_TOO_LARGE beyond `maxBytes`. */
export async function readWhole(file: string, maxBytes: number, template: string): Promise<Buffer> {
  return tell(template, async () => {
    // Without O_NONBLOCK, a pipe of that name would block the run forever.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(file, flags);
    try {
      if (!(await handle.stat()).isFile())
        throw failure('E_DISK_READ', { path: template, kind: 'not a file' });
      return await readUpTo(handle, maxBytes);
    } finally {
      await handle.close();
    }
  });
}

async function readUpTo(handle: FileHandle, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false, end: maxBytes })) {
    const buffer = Buffer.from(chunk as Buffer);
    bytes += buffer.length;
    chunks.push(buffer);
  }
  if (bytes > maxBytes) throw failure('E_SOURCE_TOO_LARGE', { limit_bytes: maxBytes });
  return Buffer.concat(chunks, bytes);
}

async function descend(from: string, parts: readonly string[], template: string): Promise<string> {
  let folder = from;
  for (const part of parts) {
    folder = join(folder, part);
    if ((await lstat(folder)).isSymbolicLink()) {
      throw failure('E_DISK_READ', { path: template, kind: 'the path contains a symbolic link' });
    }
  }
  return folder;
}

function compileNames(pattern: string): RegExp {
  const literals = pattern.split('*').map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^(?!\\.)${literals.join('.*')}$`, 'su');
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['ELOOP', 'the path contains a symbolic link'],
]);

async function tell<T>(template: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LakeveilError) throw error;
    const code = systemCode(error);
    throw failure('E_DISK_READ', { path: template, kind: KINDS.get(code) ?? code });
  }
}
