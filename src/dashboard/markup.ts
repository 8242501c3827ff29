import { html as escaping, raw } from 'hono/html';
import { scrub } from '../base/text/scrub.js';

/** Text that is HTML already: made by `html` or `trusted` alone, and put in as it is. */
export interface Markup {
  readonly isEscaped: true;
  toString(): string;
}

type Piece = string | number | Markup | null | false | undefined;

/** What may stand in a template: texts are scrubbed and escaped, lists are put one after another. */
export type Content = Piece | readonly Content[];

/**
 * The one way to HTML: a tagged template in which every text that is put in is text, never markup. Control characters
 * and what turns the direction of text around have become U+FFFD.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const filled: Markup = escaping(strings, ...values.map(prepare)) as Markup;
  return trusted(filled.toString());
}

/** Markup of our own making that no template gives: a compiled chart. */
export function trusted(text: string): Markup {
  return raw(text);
}

export const NOTHING: Markup = trusted('');

function prepare(value: Content): unknown {
  if (typeof value === 'string') return scrub(value);
  if (Array.isArray(value)) return value.map(prepare);
  return value ?? '';
}
