import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { assertPlain } from '../../base/config/config.js';
import { failure, LakeveilError, systemCode } from '../../base/errors.js';
import { findPackageDir } from '../../base/files/package-dir.js';

/** What `init` prints. */
interface InitDocument {
  /** Absolute. */
  readonly project: string;
  readonly pipeline: string;
  /** Relative to the project, sorted. */
  readonly files: readonly string[];
}

/** The pipeline that a new project begins with. */
const PIPELINE = 'people';
/** Packages are published without files of these names, and with those of others. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['env.example', '.env.example'],
  ['gitignore', '.gitignore'],
]);
const SCHEMA = 'schemas/pipeline.schema.json';

/**
 * Makes a project that runs at once, in a folder that is new or empty. It is written beside it and renamed, so it is
 * there whole or not at all. `dir` and `workingDir` are absolute.
 * @throws E_USAGE for a folder in which no other verb would work; E_TAKEN, E_DISK
 */
export async function initProject(dir: string, workingDir: string): Promise<InitDocument> {
  assertPlain(dir, 'the project', 'choose another folder');
  const [files] = await Promise.all([readTemplate(), assertFree(dir, workingDir)]);
  try {
    await mkdir(dirname(dir), { recursive: true });
    const made = await mkdtemp(join(dirname(dir), `.${basename(dir)}.`));
    try {
      await writeAll(made, files);
      await rename(made, dir);
    } finally {
      await rm(made, { recursive: true, force: true });
    }
  } catch (error) {
    throw toInitError(dir, error);
  }
  return { project: dir, pipeline: PIPELINE, files: [...files.keys()].sort() };
}

async function readTemplate(): Promise<ReadonlyMap<string, string>> {
  const root = findPackageDir();
  const from = join(root, 'templates', 'project');
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const files = new Map([[SCHEMA, await readFile(join(root, SCHEMA), 'utf8')]]);
  for (const entry of entries.filter((found) => found.isFile())) {
    const folder = entry.parentPath.slice(from.length + 1);
    const name = join(folder, RENAMED.get(entry.name) ?? entry.name);
    files.set(name, await readFile(join(entry.parentPath, entry.name), 'utf8'));
  }
  return files;
}

/** Replacing the shell's working folder would leave the shell in a deleted one. */
async function assertFree(dir: string, workingDir: string): Promise<void> {
  const path = dir;
  const found = await stat(dir).catch(() => null);
  if (found === null) return;
  if (!found.isDirectory()) throw takenError(path, 'is a file');
  const isHere = (await realpath(dir)) === (await realpath(workingDir));
  if (isHere) throw takenError(path, 'is the current folder');
  const names = await readdir(dir).catch((error: unknown) => {
    throw failure('E_DISK_READ', { path, kind: systemCode(error) });
  });
  if (names.length > 0) throw takenError(path, 'is not empty');
}

async function writeAll(dir: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, text] of files) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text, { flag: 'wx' });
  }
}

function toInitError(dir: string, error: unknown): unknown {
  if (error instanceof LakeveilError) return error;
  const kind = systemCode(error);
  // Another process created it first, or it is a link.
  const isTaken = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(kind);
  return isTaken ? takenError(dir, 'cannot be replaced') : failure('E_DISK', { path: dir, kind });
}

function takenError(path: string, what: string): LakeveilError {
  return failure('E_TAKEN', { path, what, fix: 'choose a new or empty folder' });
}

/** The created files and the next commands; `shown` is the folder as typed. */
export function formatInitialised({ files, pipeline }: InitDocument, shown: string): string {
  return [
    `Created the project ${shown} with ${String(files.length)} files; start with its README.md.`,
    '',
    `  pipeline run ${pipeline} --project ${shown}`,
    `  pipeline new NAME --from URL --project ${shown}`,
  ].join('\n');
}
