import type { TextPart } from '../definition/definition.js';
import type { Dialect } from './dialect.js';
import { SPACES } from './loose-pattern.js';

const WORD = `[^${SPACES}]+`;
const FIRST = `^[${SPACES}]*(${WORD})`;
/** After another one, so that a text of one word does not land twice. */
const LAST = `[^${SPACES}][${SPACES}]+(${WORD})[${SPACES}]*$`;

/** The part of a text that is treated, as an SQL expression; null where the text has no such word. */
export function takePart(dialect: Dialect, text: string, part: TextPart | null): string {
  switch (part) {
    case null:
      return text;
    case 'first_word':
      return `nullif(${dialect.capture(text, FIRST)}, '')`;
    case 'last_word':
      return `nullif(${dialect.capture(text, LAST)}, '')`;
  }
}
