import { FUNCTIONS, KEYWORDS, SIGNS, TYPES } from './expression-words.js';

/** A piece of an expression; blanks are dropped. */
interface Token {
  readonly kind: 'text' | 'number' | 'word' | 'sign';
  readonly text: string;
}

export const MOST_CHARACTERS = 500;

const PIECES = [
  ['text', /^'(?:[^']|'')*'/u],
  ['number', /^[0-9]{1,15}(?:\.[0-9]{1,15})?(?![\w.])/u],
  ['word', /^[A-Za-z_][A-Za-z0-9_]*/u],
] as const;

/**
 * Why a text is no expression that a page may hold; null if every word of it is known. The vocabulary is closed: names
 * other than `value`, quoted names, parameters, comments and brackets are not in it, so that no query, clock, file or
 * setting can be reached, whoever wrote the text. What the words say together, `examineExpression` judges.
 */
export function checkWords(expression: string): string | null {
  const tokens = split(expression);
  if (typeof tokens === 'string') return tokens;
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind !== 'word') continue;
    const word = text.toLowerCase();
    const isCall = tokens[index + 1]?.text === '(' && !KEYWORDS.has(word);
    if (isCall && !FUNCTIONS.has(word)) return `\`${text}\` is not a supported function`;
    if (!isCall && !isKnown(word)) return `\`${text}\` is not known; the only name is \`value\``;
  }
  if (!isBalanced(tokens)) return 'its parentheses do not match';
  return tokens.some(isValue) ? null : 'it does not use `value`';
}

/** An expression that closes what it did not open would mean another thing in each statement that it is put into. */
function isBalanced(tokens: readonly Token[]): boolean {
  let open = 0;
  for (const { kind, text } of tokens) {
    if (kind === 'sign') open += Number(text === '(') - Number(text === ')');
    if (open < 0) return false;
  }
  return open === 0;
}

/** The expression with another one in place of `value`. @throws RangeError for a text that `checkWords` refuses */
export function putValue(expression: string, value: string): string {
  const tokens = split(expression);
  if (typeof tokens === 'string' || checkWords(expression) !== null)
    throw new RangeError('an invalid expression was compiled');
  return tokens.map((token) => (isValue(token) ? value : token.text)).join(' ');
}

function isKnown(word: string): boolean {
  return word === 'value' || KEYWORDS.has(word) || TYPES.has(word);
}

function isValue({ kind, text }: Token): boolean {
  return kind === 'word' && text.toLowerCase() === 'value';
}

/** The pieces of a text, or what in it is none. */
function split(expression: string): readonly Token[] | string {
  const tokens: Token[] = [];
  let rest = expression.trimStart();
  while (rest !== '') {
    const token = readToken(rest);
    if (token === null) return `what begins with \`${/^./u.exec(rest)?.[0] ?? ''}\` is not known in it`;
    tokens.push(token);
    rest = rest.slice(token.text.length).trimStart();
  }
  return tokens;
}

function readToken(rest: string): Token | null {
  if (rest.startsWith('--') || rest.startsWith('/*')) return null;
  for (const [kind, form] of PIECES) {
    const text = form.exec(rest)?.[0];
    if (text !== undefined) return { kind, text };
  }
  const sign = SIGNS.find((known) => rest.startsWith(known));
  return sign === undefined ? null : { kind: 'sign', text: sign };
}
