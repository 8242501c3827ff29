import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NeedleSearch } from './canary-forms.js';
import { NEEDLES } from './canary-people.js';
import { HiddenText, type Passage } from './canary-readers.js';

/** A needle that was found where nothing personal may be, or a file that could not be looked into. */
export interface Finding {
  /** The leaf whose needle it is; `(unreadable)` for a file that its own reader refuses. */
  readonly needle: string;
  /** Path, and the place within the file. */
  readonly where: string;
  readonly form: string;
}

const SEARCH = new NeedleSearch(NEEDLES);

/**
 * Looks for every needle in everything below `dirs` (names, bytes, and for Parquet and DuckDB files what their
 * readers find) and in `outputs`, by name. Folders that are not there hold nothing.
 */
export async function scanForCanaries(
  dirs: readonly string[],
  outputs: Readonly<Record<string, string | number | null>> = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [name, text] of Object.entries(outputs)) {
    findings.push(...search(name, Buffer.from(String(text))));
  }
  const hidden = await HiddenText.open();
  try {
    for (const dir of dirs) findings.push(...(await scanTree(dir, hidden)));
  } finally {
    hidden.close();
  }
  return findings;
}

async function scanTree(path: string, hidden: HiddenText): Promise<Finding[]> {
  const stats = await lstat(path).catch(() => undefined);
  const findings = search(`name of ${path}`, Buffer.from(path));
  if (stats?.isDirectory() === true) {
    for (const name of await readdir(path)) findings.push(...(await scanTree(join(path, name), hidden)));
  }
  if (stats?.isFile() === true) findings.push(...(await scanFile(path, hidden)));
  return findings;
}

async function scanFile(path: string, hidden: HiddenText): Promise<Finding[]> {
  const bytes = await readFile(path);
  const findings = search(path, bytes);
  try {
    for (const { place, text } of await readHidden(path, bytes, hidden)) {
      findings.push(...search(`${path}: ${place}`, Buffer.from(text)));
    }
  } catch {
    findings.push({ needle: '(unreadable)', where: path, form: 'none' });
  }
  return findings;
}

/** By what the file is, whatever it is called. */
async function readHidden(path: string, bytes: Buffer, hidden: HiddenText): Promise<Passage[]> {
  if (bytes.subarray(0, 4).toString('latin1') === 'PAR1') return await hidden.readParquet(path);
  if (bytes.subarray(8, 12).toString('latin1') === 'DUCK') return await hidden.readDatabase(path);
  return [];
}

function search(where: string, bytes: Buffer): Finding[] {
  return SEARCH.find(bytes).map((found) => ({ ...found, where }));
}
