import { inspect } from 'node:util';
import { failure } from '../../base/errors.js';
import type { RequestText, SecretText } from '../../base/types/definition.js';
import type { Path } from './document.js';
import { keyOf, type Origin } from './interpolate.js';
import { type PlaceholderFacts, type PlaceholderScope, scanPlaceholders } from './placeholders.js';
import type { Problems } from './problems.js';

/** The origins of interpolated scalars, by `keyOf(path)`. */
export type Origins = ReadonlyMap<string, Origin>;

/** Text from a variable is never shown. */
export function hide(path: Path, text: string, origins: Origins): RequestText {
  const origin = origins.get(keyOf(path));
  return origin === undefined ? text : new Secret(origin.names, text);
}

/** The context of a request text. */
export interface TextContext {
  readonly scope: PlaceholderScope;
  readonly origins: Origins;
}

/** Validates the placeholders of a text, and says what it contains. */
export function checkText(
  path: Path,
  text: string,
  { scope, origins }: TextContext,
  problems: Problems,
  scan = scanPlaceholders,
): PlaceholderFacts {
  const facts = scan(text, scope);
  const { flaw } = facts;
  const name = origins.get(keyOf(path))?.given ?? null;
  if (flaw === null) return facts;
  if (name === null) problems.add(path, flaw.what, flaw.fix);
  else {
    problems.addFailure(path, (where) =>
      failure('E_ENV_INVALID', { name, wants: 'text without braces' }, where),
    );
  }
  return facts;
}

/** Reports an invalid value; for a value from a variable, the error names the variable. */
export function addWanted(path: Path, wants: string, origins: Origins, problems: Problems): void {
  const name = origins.get(keyOf(path))?.given ?? null;
  if (name === null) problems.add(path, `\`${String(path.at(-1))}\` must be ${wants}`, `write ${wants}`);
  else problems.addFailure(path, (where) => failure('E_ENV_INVALID', { name, wants }, where));
}

/**
 * Text from the environment in a header or query. Only `reveal` returns it; printing, JSON and inspection return
 * `[secret NAME]`, and the text is a private field that a spread or clone does not copy.
 */
export class Secret implements SecretText {
  readonly #text: string;
  readonly #label: string;

  /** `names`: the variables that the text was made from. */
  constructor(names: readonly string[], text: string) {
    this.#text = text;
    this.#label = `[secret ${names.join(', ')}]`;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return this.#label;
  }

  toJSON(): string {
    return this.#label;
  }

  [inspect.custom](): string {
    return this.#label;
  }
}
