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
