import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { failure, systemCode } from '../../src/base/errors.js';
import { readSmallFile, textOf } from '../../src/base/files/small-file.js';

/** Values of people come from a file, stdin or a prompt, never from the command line, which other users can see. */

const MAX_BYTES = 64 * 1024 * 1024;

interface LookupValue {
  readonly text: string;
  /** From 1 on. */
  readonly line: number;
}

/**
 * One value from each line of a file, of stdin, or of an answer that is not shown.
 * @param path null for stdin
 * @throws E_DISK_READ; E_USAGE if there is none
 */
export async function readValues(path: string | null, what: string): Promise<readonly LookupValue[]> {
  const values = parseValues(await readText(path, what));
  if (values.length > 0) return values;
  throw failure('E_USAGE', {
    what: 'no value was given',
    hint: 'write one value on each line of the file of `--values`, or of stdin',
  });
}

function parseValues(text: string): readonly LookupValue[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ text: line.trim(), line: index + 1 }))
    .filter((value) => value.text !== '');
}

async function readText(path: string | null, what: string): Promise<string> {
  if (path === null) return process.stdin.isTTY ? ask(`${what}: `, true) : readStdin();
  const found = await readSmallFile(path, { maxBytes: MAX_BYTES, followLinks: true }).catch(
    (error: unknown) => {
      throw failure('E_DISK_READ', { path, kind: systemCode(error) });
    },
  );
  return textOf(found, path);
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stream: AsyncIterable<Buffer> = process.stdin;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > MAX_BYTES)
      throw failure('E_USAGE', { what: 'stdin has more than 64 MB', hint: 'erase people in several parts' });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Whether someone can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks on the terminal. @param isHidden the answer is not shown, and stays out of the scrollback */
export async function ask(question: string, isHidden: boolean): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => { done(); } }); // prettier-ignore
  process.stderr.write(question);
  const lines = createInterface({
    input: process.stdin,
    output: isHidden ? silent : process.stderr,
    terminal: true,
  });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    if (isHidden) process.stderr.write('\n');
  }
}
