import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const CHUNK_BYTES = 1 << 20;
/** A line that is longer is given in pieces that overlap. */
const MAX_LINE_BYTES = 4 << 20;
const LINE_BREAK = 10;

export interface Chunk {
  readonly bytes: Buffer;
  /** Number of the line that it begins with, from 1. */
  readonly line: number;
}

/**
 * The bytes of a regular file as whole lines, about a megabyte at a time; nothing of a link, a folder or a named pipe.
 * @param overlap bytes that a piece of a very long line has in common with the one before
 * @throws what the file system refuses
 */
export async function* readChunks(path: string, overlap: number): AsyncGenerator<Chunk, void, undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    if (!(await file.stat()).isFile()) return;
    let rest = Buffer.alloc(0);
    let line = 1;
    for (;;) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES));
      if (bytesRead === 0) break;
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf(LINE_BREAK) + 1;
      const cut = end > 0 ? end : bytes.length < MAX_LINE_BYTES ? 0 : bytes.length;
      if (cut > 0) yield { bytes: bytes.subarray(0, cut), line };
      line += countLineBreaks(bytes.subarray(0, cut));
      rest = bytes.subarray(end > 0 || cut === 0 ? cut : cut - overlap);
    }
    if (rest.length > 0) yield { bytes: rest, line };
  } finally {
    await file.close();
  }
}

/** How many lines end in these bytes. */
export function countLineBreaks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_BREAK); at >= 0; at = bytes.indexOf(LINE_BREAK, at + 1)) count += 1;
  return count;
}
