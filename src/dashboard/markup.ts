import { html as escaping, raw } from 'hono/html';
import { scrub } from '../base/text/scrub.js';

/** Escaped HTML; only `html` and `trusted` make it. It is inserted unchanged. */
export interface Markup {
  readonly isEscaped: true;
  toString(): string;
}

type Piece = string | number | Markup | null | false | undefined;

/** A value in a template: texts are scrubbed and escaped, lists are concatenated. */
export type Content = Piece | readonly Content[];

/**
 * The only way to write HTML: a tagged template that escapes every inserted text. Control characters and
 * bidirectional controls are replaced by U+FFFD.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const filled: Markup = escaping(strings, ...values.map(prepare)) as Markup;
  return trusted(filled.toString());
}

/** Marks generated markup, such as a compiled chart, as safe. */
export function trusted(text: string): Markup {
  return raw(text);
}

export const NOTHING: Markup = trusted('');

function prepare(value: Content): unknown {
  if (typeof value === 'string') return scrub(value);
  if (Array.isArray(value)) return value.map(prepare);
  return value ?? '';
}
