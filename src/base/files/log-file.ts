import { appendFileSync, constants, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../errors.js';

export const LOG_NAME = 'pipeline.log';
/** A file is put aside once it has this many bytes. */
const MAX_BYTES = 10_000_000;
/** Files that are kept, the current one among them. */
const KEPT = 10;
/** `pipeline.2026-11-26T15-17-38.123Z-00000012345678901234.log`, which sorts by time; the number is that of a clock in nanoseconds. */
const OLD_NAME = /^pipeline\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-\d{20}\.log$/;

/**
 * Appends lines to `pipeline.log` in a folder, and puts the file aside when it is full. Several processes may write: a line is
 * one write at the end of the file, and a file that another process puts aside in the meantime still gets its lines. Nothing
 * is opened before the first line. A log that cannot be written never stops the work: it is reported once.
 */
export class LogFile {
  readonly #dir: string;
  readonly #maxBytes: number;
  readonly #onFailure: (path: string, kind: string) => void;
  #hasFailed = false;

  constructor(dir: string, onFailure: (path: string, kind: string) => void, maxBytes = MAX_BYTES) {
    this.#dir = dir;
    this.#onFailure = onFailure;
    this.#maxBytes = maxBytes;
  }

  write(line: string): void {
    const path = join(this.#dir, LOG_NAME);
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) makeDir(this.#dir);
      // A named pipe would wait for its reader.
      else if (!stats.isFile()) throw Object.assign(new Error(), { code: 'not a regular file' });
      else if (stats.size > 0 && stats.size + Buffer.byteLength(line) > this.#maxBytes) this.#putAside(path);
      appendFileSync(path, line, { mode: 0o600 });
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      this.#onFailure(path, systemCode(error));
    }
  }

  /** Another process may do the same at once: then one of the files is small, and no line is lost. */
  #putAside(path: string): void {
    const time = new Date().toISOString().replaceAll(':', '-');
    const nanoseconds = String(process.hrtime.bigint()).padStart(20, '0');
    try {
      renameSync(path, join(this.#dir, `pipeline.${time}-${nanoseconds}.log`));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
    const old = listOld(this.#dir);
    for (const name of old.slice(0, Math.max(0, old.length - (KEPT - 1))))
      rmSync(join(this.#dir, name), { force: true });
  }
}

/** Not with the folders above: below a folder of the kernel, such as /proc, that never ends. */
function makeDir(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** The files of a log that are there, oldest first. @throws what the file system refuses */
export function listLogFiles(dir: string): string[] {
  const current = statSync(join(dir, LOG_NAME), { throwIfNoEntry: false });
  const names = [...listOld(dir), ...(current === undefined ? [] : [LOG_NAME])];
  return names.map((name) => join(dir, name));
}

function listOld(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => OLD_NAME.test(name))
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** What is written to the log from now on, also to files that follow the current one. */
export class LogTail {
  readonly #path: string;
  #file: FileHandle | null = null;
  #position = 0;
  #rest = Buffer.alloc(0);

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws what the file system refuses */
  static async open(dir: string): Promise<LogTail> {
    const tail = new LogTail(join(dir, LOG_NAME));
    await tail.#openCurrent();
    tail.#position = (await tail.#file?.stat())?.size ?? 0;
    return tail;
  }

  /** The whole lines that were written since the last call. */
  async read(): Promise<string[]> {
    const lines = await this.#readRest();
    if (!(await this.#isPutAside())) return lines;
    // What was written before another process put the file aside.
    lines.push(...(await this.#readRest()));
    await this.close();
    await this.#openCurrent();
    return [...lines, ...(await this.#readRest())];
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    this.#position = 0;
    this.#rest = Buffer.alloc(0);
  }

  async #openCurrent(): Promise<void> {
    // Non-blocking, so that a named pipe cannot block the program.
    this.#file = await open(this.#path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    });
  }

  async #isPutAside(): Promise<boolean> {
    const current = statSync(this.#path, { throwIfNoEntry: false });
    if (this.#file === null) return current !== undefined;
    const own = await this.#file.stat();
    return current !== undefined && (current.ino !== own.ino || current.dev !== own.dev);
  }

  async #readRest(): Promise<string[]> {
    if (this.#file === null) return [];
    const chunks = [this.#rest];
    for (;;) {
      const { buffer, bytesRead } = await this.#file.read(
        Buffer.alloc(64 * 1024),
        0,
        64 * 1024,
        this.#position,
      );
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      this.#position += bytesRead;
    }
    const bytes = Buffer.concat(chunks);
    const end = bytes.lastIndexOf(10) + 1;
    this.#rest = bytes.subarray(end);
    return bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  }
}
