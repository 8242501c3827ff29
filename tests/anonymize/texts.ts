import fc from 'fast-check';

/** Graphemes that stay apart whatever stands beside them, so that a text's length in graphemes is known. */
const GRAPHEMES = [
  ...['a', 'B', 'ß', 'z', '7', ' ', '-', '_', '*', "'", '"', '\\', '\n', '%', '$', '|', '\u00a0'],
  ...['e\u0301', 'n\u0303\u0308', 'o\u0323\u0302', 'ﬁ', 'Å', 'İ', 'ſ'],
  ...['א', 'ש\u05c1', 'ب', 'م\u064e', '한', '字', '𠮷', 'Ж', 'नि', 'ก'],
  ...['👩‍👩‍👧‍👦', '🇩🇪', '👍🏽', '❤️', '1️⃣', '🏴‍☠️', '😀'],
];

export const graphemes = (maxLength: number): fc.Arbitrary<string[]> =>
  fc.array(fc.constantFrom(...GRAPHEMES), { maxLength, size: 'max' });

/** Anything that the contract lets pass for a text: well formed, without U+0000; joiners, bidi controls and all. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  graphemes(20).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('\u0000', '')),
  fc.string({ maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        '\u0301',
        '\u200d',
        '\u202e',
        '\u2067',
        '\ufeff',
        '\ufe0f',
        '*',
        '😀',
        '\u0600',
        '\r',
        'x',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
  fc.constantFrom(
    '',
    '*',
    '***',
    '*****',
    'null',
    'other',
    "'; drop table x; --",
    '\u0600\nabcdef',
    'a\n\u0301',
  ),
);
