import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makeFolder, writeDurably } from './durable.js';
import { readSmallFileSync } from './small-file.js';

/**
 * What small files of the lake held when they were last parsed, so that a command parses only those that are new or
 * changed. The lake is never judged by it: a file counts as known only if it is still the same inode, of the same size and
 * with the same times, of which no program can set the last (`ctime`). A damaged, torn or older cache is parsed again,
 * line by line: each line has a checksum of its own.
 */

/** Another form of the lines, or of what they hold, has another number. */
const FORMAT = 1;
const CHECKSUM_LENGTH = 32;
const MAX_BYTES = 256 * 1024 * 1024;
/** A file can change twice within one tick of the file system's clock, so that a younger one is not kept. */
const SETTLED_NS = 2_000_000_000n;

/** Path, identity and value. What the value is was decided by its schema before it was written. */
function lineSchema<T>() {
  return z.tuple([z.string(), z.string(), z.custom<T>()]);
}

interface Known<T> {
  readonly identity: string;
  readonly value: T;
}

export class DocumentCache<T> {
  readonly #nowMs: () => number;
  readonly #path: string;
  readonly #salt: string;
  readonly #known: Map<string, Known<T>>;
  readonly #added = new Map<string, Known<T>>();
  /** Lines on disk, with those that no longer count. */
  #lines: number;

  private constructor(path: string, salt: string, lines: readonly string[] | null, nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#path = path;
    this.#salt = salt;
    this.#lines = lines?.length ?? Number.POSITIVE_INFINITY;
    const schema = lineSchema<T>();
    this.#known = new Map((lines ?? []).flatMap((line) => parseLine<T>(salt, line, schema)));
  }

  /**
   * Reads a cache; one that is not there or cannot be read is empty.
   * @param version of what wrote it: another one's lines do not count
   */
  static open<T>(path: string, version: string, nowMs = Date.now): DocumentCache<T> {
    const salt = `${FORMAT} ${version}`;
    return new DocumentCache<T>(path, salt, readLines(path), nowMs);
  }

  /** What a file held, if it is unchanged since. @param path absolute; `name` is how the cache names it */
  find(name: string, path: string): T | undefined {
    const known = this.#known.get(name);
    if (known === undefined) return undefined;
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stats?.isFile() === true && identify(stats) === known.identity ? known.value : undefined;
  }

  /**
   * The state of a file before it is read. What is read then belongs to this state, or to a later one, which is not
   * taken for it.
   */
  look(path: string): BigIntStats | undefined {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  }

  /** Keeps what a file held. @param stats its state before it was read */
  add(name: string, stats: BigIntStats | undefined, value: T): void {
    if (stats === undefined || BigInt(this.#nowMs()) * 1_000_000n - stats.ctimeNs < SETTLED_NS) return;
    const known = { identity: identify(stats), value };
    this.#known.set(name, known);
    this.#added.set(name, known);
  }

  /**
   * Writes what was added. Where a fifth of the lines are of files that have changed since or are gone, all are written
   * again. A cache that cannot be written is none: no command fails for it.
   * @param names of all files that are there
   */
  async save(names: Iterable<string>): Promise<void> {
    const live = new Set(names);
    const hasDeadLines = this.#lines + this.#added.size > 1.25 * live.size + 16;
    if (this.#added.size === 0 && !hasDeadLines) return;
    const kept = hasDeadLines ? [...this.#known].filter(([name]) => live.has(name)) : [...this.#added];
    const text = kept.map(([name, known]) => formatLine(this.#salt, name, known)).join('');
    try {
      await makeFolder(dirname(this.#path));
      await (hasDeadLines
        ? writeDurably(this.#path, text)
        : // Begins on a line of its own, since the last one may be torn.
          appendFile(this.#path, `\n${text}`, { mode: 0o600 }));
      this.#lines = hasDeadLines ? kept.length : this.#lines + kept.length;
      this.#added.clear();
    } catch {
      // The next command parses the files again.
    }
  }
}

/** Null if there is something else than lines. */
function readLines(path: string): readonly string[] | null {
  try {
    const found = readSmallFileSync(path, MAX_BYTES);
    if (found.kind !== 'text') return found.kind === 'missing' ? [] : null;
    return found.text.split('\n').filter((line) => line !== '');
  } catch {
    return null;
  }
}

function identify({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

function formatLine<T>(salt: string, name: string, { identity, value }: Known<T>): string {
  const body = JSON.stringify([name, identity, value]);
  return `${checksum(salt, body)} ${body}\n`;
}

function parseLine<T>(
  salt: string,
  line: string,
  schema: ReturnType<typeof lineSchema<T>>,
): [string, Known<T>][] {
  const body = line.slice(CHECKSUM_LENGTH + 1);
  if (line.slice(0, CHECKSUM_LENGTH) !== checksum(salt, body)) return [];
  const found = schema.safeParse(JSON.parse(body));
  return found.success ? [[found.data[0], { identity: found.data[1], value: found.data[2] }]] : [];
}

function checksum(salt: string, body: string): string {
  return createHash('sha256').update(`${salt}\n${body}`).digest('hex').slice(0, CHECKSUM_LENGTH);
}
