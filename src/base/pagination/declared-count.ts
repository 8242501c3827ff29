import { failure } from '../errors.js';
import { readBodyPath } from '../json-values.js';

/**
 * The count that a body declares at a dotted path, as a number or its digits, but never below `known`: records may come
 * in during a pull. The first answer must have it (E_SOURCE_SHAPE); later ones may leave it out.
 */
export function readCount(
  body: unknown,
  path: string,
  isFirst: boolean,
  known: number | null,
): number | null {
  const found = readBodyPath(body, path);
  const count = typeof found === 'string' && /^\d{1,15}$/.test(found) ? Number(found) : found;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) {
    return Math.max(count, known ?? 0);
  }
  if (isFirst) throw failure('E_SOURCE_SHAPE', { expected: `a count at \`${path}\`` });
  return known;
}

/** Throws E_SHORT_PULL where fewer records came than were declared, E_SOURCE_SHAPE where more did. */
export function assertCount(declared: number, got: number): void {
  if (got < declared) throw failure('E_SHORT_PULL', { asked: declared, got });
  if (got > declared) {
    throw failure('E_SOURCE_SHAPE', {
      expected: `a count of all records: ${got} came, ${declared} declared`,
    });
  }
}
