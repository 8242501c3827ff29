/** Facts about a regular expression from one pass over its text. */
export interface PatternFacts {
  /** Starts with `^` and ends with `$`, both for the whole pattern. */
  readonly isAnchored: boolean;
  /** No repeat without an upper bound. */
  readonly isFinite: boolean;
  /** No look-around, back-reference or repeat above 1,000, which RE2 does not support. */
  readonly isPortable: boolean;
}

const LONGEST_REPEAT = 1_000;

/** Reads a pattern that JavaScript compiles with the flag `u`; errs on the side of `false`. */
export function scanPattern(pattern: string): PatternFacts {
  let [depth, endsWithDollar, hasTopLevelChoice, isFinite, isPortable] = [0, false, false, true, true];
  for (let i = 0; i < pattern.length; i++) {
    const rest = pattern.slice(i);
    if (rest.startsWith('\\')) {
      if (/^\\[1-9k]/.test(rest)) isPortable = false;
      i++;
    } else if (rest.startsWith('[')) {
      i += measureClass(rest) - 1;
    } else if (rest.startsWith('(')) {
      depth++;
      if (/^\(\?<?[=!]/.test(rest)) isPortable = false;
    } else if (rest.startsWith(')')) {
      depth--;
    } else if (rest.startsWith('|')) {
      if (depth === 0) hasTopLevelChoice = true;
    } else if (/^[*+]/.test(rest)) {
      isFinite = false;
    } else if (rest.startsWith('{')) {
      const most = readRepeat(rest);
      if (most === Infinity) isFinite = false;
      else if (most > LONGEST_REPEAT) isPortable = false;
    } else if (rest === '$') {
      endsWithDollar = true;
    }
  }
  return {
    isAnchored: pattern.startsWith('^') && endsWithDollar && !hasTopLevelChoice,
    isFinite,
    isPortable,
  };
}

/** Length of the character class at the start of `text`, including brackets. */
function measureClass(text: string): number {
  return /^\[(?:\\.|[^\]\\])*\]/su.exec(text)?.[0].length ?? text.length;
}

/** Upper bound of the repeat at the start of `text`: `{2}` 2, `{2,5}` 5, `{2,}` infinity. */
function readRepeat(text: string): number {
  const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(text) ?? [];
  if (comma === ',') return most === '' ? Infinity : Number(most);
  return Number(least);
}
