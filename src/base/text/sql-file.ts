import { basename, extname, join } from 'node:path';
import { failure, tryEach } from '../errors.js';
import { listFolder } from '../files/durable.js';
import { readText } from '../files/small-file.js';
import { NAME } from '../names.js';

/** SQL files of a project: a head of `-- key: value` comments, then one SELECT. */
export interface SqlFile {
  /** Base name without `.sql`. */
  readonly name: string;
  /** Path relative to the project, for errors. */
  readonly file: string;
  readonly head: ReadonlyMap<string, string>;
  /** Lines of the keys of the head, from 1. */
  readonly lines: ReadonlyMap<string, number>;
  /** The text without a closing semicolon, so that it can stand in parentheses. Its lines are those of the file. */
  readonly sql: string;
}

export interface SqlFolder {
  readonly dir: string;
  /** The folder relative to the project, with forward slashes. */
  readonly label: string;
  /** Keys that a head may have here. */
  readonly keys: readonly string[];
  /** Words that may stand alone on a line of the head; they are in it with an empty value. */
  readonly words?: readonly string[];
}

const HEAD_LINE = /^--\s*([a-z_]+):\s*(.*?)\s*$/;
const HEAD_WORD = /^--\s*([a-z_]+)\s*$/;
/** Keys that a head may have more than once: their values are lines. */
const REPEATED = ['exposes'];
const CLOSING = /;(?:\s|--[^\n]*(?:\n|$))*$/;

/**
 * Names and files of a folder's SQL, unread, in the order of their names; none if the folder is not there.
 * @throws E_DISK_READ
 */
export async function listSqlFiles(
  folder: Pick<SqlFolder, 'dir' | 'label'>,
): Promise<{ name: string; file: string }[]> {
  const names = await listNames(folder);
  return names.map((name) => ({ name: basename(name, '.sql'), file: `${folder.label}/${name}` }));
}

/**
 * The SQL files of a folder by name; none if the folder is not there.
 * @throws E_NAME, E_MODEL for head keys that mean nothing here, E_DISK_READ; the problems of all files
 */
export async function readSqlFiles(folder: SqlFolder): Promise<SqlFile[]> {
  return tryEach(await listNames(folder), (name) => readSqlFile(folder, name));
}

/** Names and texts of the SQL files of a folder; none if the folder is not there. @throws E_DISK_READ */
export async function readSqlTexts(
  folder: Pick<SqlFolder, 'dir' | 'label'>,
): Promise<{ name: string; text: string }[]> {
  const files = await listSqlFiles(folder);
  return Promise.all(
    files.map(async ({ name, file }) => ({
      name,
      text: await readText(join(folder.dir, `${name}.sql`), file),
    })),
  );
}

async function listNames({ dir, label }: Pick<SqlFolder, 'dir' | 'label'>): Promise<string[]> {
  return (await listFolder(dir, label)).filter((name) => extname(name) === '.sql');
}

async function readSqlFile(folder: SqlFolder, fileName: string): Promise<SqlFile> {
  const file = `${folder.label}/${fileName}`;
  const name = basename(fileName, '.sql');
  if (!NAME.test(name)) throw failure('E_NAME', { kind: 'SQL file' }, { file });
  const text = (await readText(join(folder.dir, fileName), file)).replace(/^\ufeff/, '');
  return { name, file, ...(await parseHead(text, file, folder)), sql: text.replace(CLOSING, '').trimEnd() };
}

async function parseHead(text: string, file: string, { keys, words = [] }: SqlFolder) {
  const head = new Map<string, string>();
  const lines = new Map<string, number>();
  await tryEach(listHeadLines(text), ([line, number]) => {
    const [, word] = HEAD_WORD.exec(line) ?? [];
    if (word !== undefined && words.includes(word)) head.set(word, '');
    const [, key, value] = HEAD_LINE.exec(line) ?? [];
    if (key === undefined || value === undefined) return;
    const isTwice = head.has(key) && !REPEATED.includes(key);
    if (!keys.includes(key) || isTwice) throw headFailure(key, keys, file, number);
    head.set(key, head.has(key) ? `${head.get(key) ?? ''}\n${value}` : value);
    lines.set(key, number);
  });
  return { head, lines };
}

/** The comments and empty lines at the top, with their numbers. */
function listHeadLines(text: string): [string, number][] {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('--'));
  return lines.slice(0, end < 0 ? lines.length : end).map((line, index) => [line, index + 1]);
}

function headFailure(key: string, keys: readonly string[], file: string, line: number) {
  const problem = keys.includes(key)
    ? `the head says \`${key}\` twice`
    : `the head key \`${key}\` means nothing here`;
  return failure('E_MODEL', { problem, fix: `known keys: ${keys.join(', ')}` }, { file, line });
}
