import { z } from 'zod';
import { failure } from '../../base/errors.js';
import { isObject } from '../../base/json-values.js';
import { PAGE } from '../definition-shape.js';
import type { Path } from './document.js';
import { findForm } from './form-at.js';
import type { Problems } from './problems.js';

/** Names of the variables that a scalar was made from; `given` if the environment had a value for the first. */
export interface Origin {
  readonly names: readonly string[];
  readonly given: string | null;
}

export interface Interpolated {
  readonly data: unknown;
  /** By `keyOf(path)`: the scalars that held `${…}`. */
  readonly origins: ReadonlyMap<string, Origin>;
}

export interface Environment {
  readonly variables: ReadonlyMap<string, string>;
  /** Where the variables were looked for, in words. */
  readonly places: string;
}

const REFERENCE = /\$\{([A-Z_][A-Z0-9_]*)(?::-([^}]*))?\}/g;

export function keyOf(path: Path): string {
  return JSON.stringify(path);
}

/**
 * Fills `${NAME}` and `${NAME:-default}` in the scalars of `source` and of each dataset's `request`; an empty variable
 * counts as not set. A scalar that is only a reference takes the type that the format wants there. Names that `env`
 * does not list, names of TOKEN_KEY and missing variables become problems, and so does a listed name that nothing reads.
 */
export function interpolate(data: unknown, environment: Environment, problems: Problems): Interpolated {
  const filler = new Filler(data, environment, problems);
  const filled = filler.fillPage();
  filler.assertRead();
  return { data: filled, origins: filler.origins };
}

class Filler {
  readonly origins = new Map<string, Origin>();
  readonly #listed: readonly unknown[];
  readonly #read = new Set<string>();

  constructor(
    private readonly page: unknown,
    private readonly environment: Environment,
    private readonly problems: Problems,
  ) {
    const env = isObject(page) ? page['env'] : undefined;
    this.#listed = Array.isArray(env) ? env : [];
  }

  fillPage(): unknown {
    return this.#walk(
      this.page,
      [],
      (path) => path[0] === 'source' || (path[0] === 'datasets' && path[2] === 'request'),
    );
  }

  assertRead(): void {
    for (const [index, name] of this.#listed.entries()) {
      if (typeof name !== 'string') continue;
      const path = ['env', index];
      if (name.startsWith('TOKEN_KEY')) this.#keyFailure(path);
      else if (this.#listed.indexOf(name) !== index) {
        this.problems.add(path, 'a variable is listed twice', 'remove one of the two');
      } else if (!this.#read.has(name)) {
        this.problems.add(
          path,
          'nothing in `source` or `request` reads this variable',
          'remove it from `env`',
        );
      }
    }
  }

  #walk(value: unknown, path: Path, isMeant: (path: Path) => boolean): unknown {
    if (typeof value === 'string')
      return isMeant(path) && value.includes('${') ? this.#fill(value, path) : value;
    if (Array.isArray(value))
      return value.map((entry: unknown, i) => this.#walk(entry, [...path, i], isMeant));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, this.#walk(entry, [...path, key], isMeant)]),
    );
  }

  #fill(text: string, path: Path): unknown {
    const names: string[] = [];
    let given: string | null = null;
    const filled = text.replace(REFERENCE, (_, name: string, fallback: string | undefined) => {
      names.push(name);
      this.#read.add(name);
      const value = this.#look(name, fallback, path);
      if (value.isGiven) given ??= name;
      return value.text;
    });
    if (text.replace(REFERENCE, '').includes('${')) {
      this.problems.add(path, 'a reference that cannot be read', 'write `${NAME}` or `${NAME:-default}`');
    }
    this.origins.set(keyOf(path), { names, given });
    const isWhole = text.replace(REFERENCE, '') === '' && names.length === 1;
    return isWhole ? toWantedType(filled, findForm(PAGE, this.page, path)) : filled;
  }

  #look(name: string, fallback: string | undefined, path: Path): { text: string; isGiven: boolean } {
    const none = { text: fallback ?? '', isGiven: false };
    if (name.startsWith('TOKEN_KEY')) this.#keyFailure(path);
    else if (!this.#listed.includes(name)) {
      this.problems.add(path, `variable ${name} is not listed under \`env\``, `add ${name} to \`env\``);
    } else {
      const value = this.environment.variables.get(name) ?? '';
      if (value !== '') return { text: value, isGiven: true };
      if (fallback === undefined) this.#assertPresent(name, path);
    }
    return none;
  }

  #assertPresent(name: string, path: Path): void {
    const { places } = this.environment;
    this.problems.addFailure(path, (where) => failure('E_ENV_MISSING', { name, places }, where));
  }

  #keyFailure(path: Path): void {
    this.problems.add(path, 'no page may read the token key', 'name another variable');
  }
}

function toWantedType(text: string, form: z.core.$ZodType | null): unknown {
  if (form instanceof z.ZodNumber) return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (form instanceof z.ZodBoolean) return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}
