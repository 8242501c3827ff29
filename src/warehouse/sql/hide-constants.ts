/** Parts of a statement as PostgreSQL's lexer, which DuckDB's is made from, reads them. */
const PARTS = [
  String.raw`--[^\n]*`,
  // A quoted name is no constant.
  String.raw`"(?:[^"]|"")*"`,
  // A text that has no end hides the rest.
  String.raw`[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)`,
  String.raw`(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|$)`,
  // `$tag$ … $tag$`
  String.raw`\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[\s\S]*?(?:\$\k<tag>\$|$)`,
  // A name or a parameter, whose digits are no number.
  String.raw`\$\d+|[$@]?[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*`,
  String.raw`0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?`,
  String.raw`\/\*`,
] as const;
const PART = new RegExp(PARTS.join('|'), 'g');
const NAME = /^(?:"|\$\d|[$@]?[A-Za-z_\u0080-\uffff])/;
const TEXT = /^(?:(?:[a-zA-Z]|[uU]&)?'|\$[^$\s]*\$)/;

/**
 * A statement without comments, with each constant replaced by `?`: texts, numbers and the sizes of types. What remains is
 * names, keywords and signs, so that it shows which columns it uses and no value that it compares them with.
 */
export function hideConstants(sql: string): string {
  const shown: string[] = [];
  let end = 0;
  PART.lastIndex = 0;
  for (let found = PART.exec(sql); found !== null; found = PART.exec(sql)) {
    const [part] = found;
    shown.push(sql.slice(end, found.index), showPart(part));
    end = part === '/*' ? findCommentEnd(sql, found.index) : found.index + part.length;
    PART.lastIndex = end;
  }
  return [...shown, sql.slice(end)]
    .join('')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim();
}

function showPart(part: string): string {
  if (part.startsWith('--') || part === '/*') return '';
  return NAME.test(part) && !TEXT.test(part) ? part : '?';
}

/** Comments nest. One that has no end hides the rest. */
function findCommentEnd(sql: string, start: number): number {
  const sign = /\/\*|\*\//g;
  sign.lastIndex = start;
  let depth = 0;
  for (let found = sign.exec(sql); found !== null; found = sign.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return sign.lastIndex;
  }
  return sql.length;
}
