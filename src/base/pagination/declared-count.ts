import { failure } from '../errors.js';
import { readBodyPath } from '../json-values.js';
import type { PageAnswer } from './pagination.js';
import type { CountPlace } from './settings.js';

/**
 * The count that an answer declares, as a number or its digits, but never below `known`: records may come in during a
 * pull. The first answer must have it (E_SOURCE_SHAPE) unless it has no records; later ones may leave it out.
 */
export function readCount(answer: PageAnswer, place: CountPlace | null, known: number | null): number | null {
  if (place === null) return null;
  const found =
    place.in === 'body' ? readBodyPath(answer.body, place.name) : answer.headers[place.name]?.trim();
  const count = typeof found === 'string' && /^\d{1,15}$/.test(found) ? Number(found) : found;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) {
    return Math.max(count, known ?? 0);
  }
  if (answer.index > 0 || (answer.records.length === 0 && (count === undefined || count === null)))
    return known;
  const at = place.in === 'body' ? `at \`${place.name}\`` : `in the header \`${place.name}\``;
  throw failure('E_SOURCE_SHAPE', { expected: `a count ${at}` });
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
