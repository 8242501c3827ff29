/** What JSON leaves as it is and a terminal would obey. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * One JSON document on one line, for a program. Unsafe characters are escaped, so that no text can steer a terminal
 * and yet every value is read back as it was. Integers beyond 2^53 become strings.
 */
export function formatJson(document: unknown): string {
  const text = JSON.stringify(document, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return text.replace(UNSAFE_IN_JSON, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
