import { z } from 'zod';
import { failure } from '../../base/errors.js';
import { isObject } from '../../base/json-values.js';
import { PAGE } from '../definition-shape.js';
import type { Path } from './document.js';
import { findForm } from './form-at.js';
import type { Problems } from './problems.js';

/** The variables in a scalar; `given` if the environment has a value for the first one. */
export interface Origin {
  readonly names: readonly string[];
  readonly given: string | null;
}

export interface Interpolated {
  readonly data: unknown;
  /** The scalars that contained `${…}`, by `keyOf(path)`. */
  readonly origins: ReadonlyMap<string, Origin>;
}

export interface Environment {
  readonly variables: ReadonlyMap<string, string>;
  /** Where variables were looked up, as text. */
  readonly places: string;
}

const REFERENCE = /\$\{([A-Z_][A-Z0-9_]*)(?::-([^}]*))?\}/g;

export function keyOf(path: Path): string {
  return JSON.stringify(path);
}

/**
 * Replaces `${NAME}` and `${NAME:-default}` in the scalars of `source` and of each dataset's `request`. An empty variable
 * counts as not set. A scalar that is only a reference gets the type that the format requires. Problems: names missing in
 * `env`, TOKEN_KEY names, missing variables, and names in `env` that are not used; their scalars are hidden.
 */
export function interpolate(data: unknown, environment: Environment, problems: Problems): Interpolated {
  const env = isObject(data) ? data['env'] : undefined;
  const listed: readonly unknown[] = Array.isArray(env) ? env : [];
  const filler = new Filler(data, environment, problems, { form: PAGE, listed });
  const filled = filler.fill(
    (path) => path[0] === 'source' || (path[0] === 'datasets' && path[2] === 'request'),
  );
  filler.assertRead(listed);
  filler.hideFound();
  return { data: filled, origins: filler.origins };
}

/** The same for the scalars below one path of a file that may read every variable but the token key. */
export function interpolateBelow(
  data: unknown,
  at: Path,
  form: z.core.$ZodType,
  environment: Environment,
  problems: Problems,
): Interpolated {
  const filler = new Filler(data, environment, problems, { form, listed: null });
  const filled = filler.fill((path) => at.every((key, place) => path[place] === key));
  filler.hideFound();
  return { data: filled, origins: filler.origins };
}

interface FillerScope {
  /** The schema of the file. */
  readonly form: z.core.$ZodType;
  /** The variables that it may read; null for all. */
  readonly listed: readonly unknown[] | null;
}

class Filler {
  readonly origins = new Map<string, Origin>();
  readonly #read = new Set<string>();
  readonly #missing = new Set<string>();
  readonly #repeated: Path[] = [];

  constructor(
    private readonly document: unknown,
    private readonly environment: Environment,
    private readonly problems: Problems,
    private readonly scope: FillerScope,
  ) {}

  fill(isMeant: (path: Path) => boolean): unknown {
    return this.#walk(this.document, [], isMeant);
  }

  hideFound(): void {
    this.problems.hideFound();
    for (const path of this.#repeated) this.problems.hide(path);
  }

  assertRead(listed: readonly unknown[]): void {
    for (const [index, name] of listed.entries()) {
      if (typeof name !== 'string') continue;
      const path = ['env', index];
      if (name.startsWith('TOKEN_KEY')) this.#keyFailure(path);
      else if (listed.indexOf(name) !== index) {
        this.problems.add(path, 'duplicate variable', 'remove one of them');
      } else if (!this.#read.has(name)) {
        this.problems.add(path, 'this variable is not used in `source` or `request`', 'remove it from `env`');
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
      this.problems.add(path, 'invalid variable reference', 'write `${NAME}` or `${NAME:-default}`');
    }
    this.origins.set(keyOf(path), { names, given });
    const isWhole = text.replace(REFERENCE, '') === '' && names.length === 1;
    return isWhole ? toWantedType(filled, findForm(this.scope.form, this.document, path)) : filled;
  }

  #look(name: string, fallback: string | undefined, path: Path): { text: string; isGiven: boolean } {
    const none = { text: fallback ?? '', isGiven: false };
    if (name.startsWith('TOKEN_KEY')) this.#keyFailure(path);
    else if (this.scope.listed?.includes(name) === false) {
      this.problems.add(path, `variable ${name} is not listed under \`env\``, `add ${name} to \`env\``);
    } else {
      const value = this.environment.variables.get(name) ?? '';
      if (value !== '') return { text: value, isGiven: true };
      if (fallback === undefined) this.#assertPresent(name, path);
    }
    return none;
  }

  /** A variable that is used in several places is reported once. */
  #assertPresent(name: string, path: Path): void {
    const { places } = this.environment;
    if (this.#missing.has(name)) this.#repeated.push(path);
    else this.problems.addFailure(path, (where) => failure('E_ENV_MISSING', { name, places }, where));
    this.#missing.add(name);
  }

  #keyFailure(path: Path): void {
    this.problems.add(path, 'a definition cannot read the token key', 'use another variable');
  }
}

function toWantedType(text: string, form: z.core.$ZodType | null): unknown {
  if (form instanceof z.ZodNumber) return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (form instanceof z.ZodBoolean) return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}
