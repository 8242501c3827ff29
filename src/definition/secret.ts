import { inspect } from 'node:util';
import type { SecretText } from './definition.js';

/**
 * Text that came from the environment into a header or a query. Only `reveal` gives it; printing, JSON and
 * inspection give `[secret NAME]`, and the text is no property that a spread or a clone could carry off.
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
