/** Control characters (C0, DEL, C1), line and paragraph separators, and what turns the direction of text around. */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * The one scrubber: text from the lake, the API or the command line, made fit for a terminal, a log line or HTML.
 * Every unsafe character becomes U+FFFD, line breaks and tabs included.
 */
export function scrub(text: string): string {
  return text.replace(UNSAFE, '\uFFFD');
}
