import { fold, writeForms } from '../../src/actions/leakscan/canary-values.js';
import { NeedleIndex } from '../../src/actions/leakscan/find-needles.js';

export interface FoundForm {
  readonly needle: string;
  readonly form: string;
}

/**
 * Looks for needles by the index and the forms of `pipeline leakscan`, and for more than those: backwards, and with every
 * character escaped. Digits count wherever they are, also inside of longer numbers and of tokens.
 */
export class NeedleSearch {
  readonly #names: readonly string[];
  readonly #folded: NeedleIndex;
  readonly #exact: NeedleIndex;

  constructor(needles: ReadonlyMap<string, string>) {
    this.#names = [...needles.keys()];
    const forms = [...needles.values()].flatMap((value, at) =>
      spell(value).map((spelling) => writeForms(spelling, at)),
    );
    this.#folded = new NeedleIndex(forms.flatMap(({ folded }) => folded));
    this.#exact = new NeedleIndex(forms.flatMap(({ exact }) => exact));
  }

  /** Each needle and form once. */
  find(bytes: Buffer): readonly FoundForm[] {
    const hits = [...this.#folded.find(fold(bytes)), ...this.#exact.find(bytes)];
    const found = hits.map(({ needle: { line, form } }) => ({ needle: this.#names[line] ?? '', form }));
    return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
  }
}

function spell(value: string): string[] {
  const cases = [value, value.toUpperCase(), value.toLowerCase()];
  return [
    ...[value, Array.from(value).reverse().join('')],
    ...cases.flatMap((text) => [
      text.replace(/[^]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
      Buffer.from(text).toString('hex').replace(/../g, '\\x$&'),
    ]),
  ];
}
