/**
 * The closed vocabulary of expressions in a definition. Every function here is deterministic, reads nothing but
 * its arguments and gives about as much text as it gets. Digests without a key and encodings are left out on purpose:
 * what they give can be turned back.
 */
export const FUNCTIONS: ReadonlySet<string> = split(`
  abs ceil ceiling coalesce contains date_part date_trunc day dayofweek dayofyear ends_with floor greatest hour isfinite
  least left left_grapheme length length_grapheme lower ltrim month nfc_normalize nullif quarter regexp_extract
  regexp_full_match regexp_matches regexp_replace replace right right_grapheme round rtrim sign split_part starts_with
  strip_accents strlen strpos substr substring translate trim trunc upper week year`);

export const KEYWORDS: ReadonlySet<string> = split(
  'and as between case cast else end false ilike in is like not null or then true try_cast when',
);

/** Types that an expression may cast to, as written and as DuckDB calls them. */
export const TYPES: ReadonlySet<string> = split(
  'bigint boolean date double int integer smallint timestamptz varchar',
);
export const TYPE_IDS: ReadonlySet<string> = split(
  'bigint boolean date double integer smallint timestamp_with_time_zone varchar',
);

/** Operators as they stand in a text, longest first. */
export const SIGNS: readonly string[] = [...split(':: || <> != <= >= //'), ...split('( ) + - * / % < > = ,')];

/** Operators that DuckDB turns into functions. */
export const OPERATOR_FUNCTIONS: ReadonlySet<string> = split('|| + - * / // % ~~ !~~ ~~* !~~*');

function split(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
