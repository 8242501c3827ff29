import { createHash } from 'node:crypto';
import { tryEach } from '../../base/errors.js';
import type { Model } from '../models/model.js';
import type { Relation } from '../relation.js';
import { foldName } from '../sql/syntax-tree.js';
import type { Ladder, Release } from '../../base/types/release.js';
import { fixedLadder } from './ladder.js';
import { releaseError } from './load-releases.js';

/** What lineage says of a release: who its people are, and what is known of them. */
export interface ReleasePeople {
  /** The column of its table that names a person; null if each row is one. */
  readonly person: string | null;
  readonly quasi: readonly Ladder[];
  /** A token is released, so that a person is known by the list of all rows. */
  readonly isByPerson: boolean;
}

/**
 * Checks the releases against the lineage of their tables.
 * @param relations of all models, by name
 * @throws E_MODEL for each release whose person is not clear, or that leaves a quasi-identifier out without a reason
 */
export async function assertReleases(
  models: readonly Model[],
  relations: ReadonlyMap<string, Relation>,
): Promise<void> {
  await tryEach(models, (model) => {
    if (model.release !== null) describeRelease(model, model.release, relations);
  });
}

/** @throws as `assertReleases` */
export function describeRelease(
  { name, file }: Pick<Model, 'name' | 'file'>,
  release: Release,
  relations: ReadonlyMap<string, Relation>,
): ReleasePeople {
  const fail = (problem: string, fix: string) => releaseError(name, file, problem, fix);
  const [from, own] = [relations.get(release.from)?.columns, relations.get(name)?.columns];
  const people = findPerson(release, [...(from ?? [])], fail);
  const columns = [...(own ?? [])].filter(([column]) => column !== release.date);
  const tokens = columns.filter(([, { isToken }]) => isToken).map(([column]) => column);
  const other = tokens.find((column) => column !== people);
  if (other !== undefined)
    throw fail(
      `it releases the token ${other}, and counts people by ${people ?? 'rows'}`,
      'leave the token out: a reader who joins by it knows more of a person than the release counts',
    );
  // A token that also shows what a person is like is known by that, too.
  const differing = columns.filter(([, { isQuasi }]) => isQuasi).map(([column]) => column);
  const quasi = release.quasi ?? differing.filter((column) => !release.sensitive.includes(column));
  const left = differing.filter((column) => !quasi.includes(column));
  if (left.length > 0 && release.reviewed === null) {
    const problem = `${left.join(', ')} derive${left.length === 1 ? 's' : ''} from a direct or quasi field, and ${left.length === 1 ? 'is' : 'are'} not in \`quasi\``;
    throw fail(problem, 'add them to `quasi`, or say why not with `reviewed: WHY`');
  }
  if (left.length === 0 && release.reviewed !== null)
    throw fail('`reviewed` gives a reason, and no quasi-identifier is left out', 'remove `reviewed`');
  const idle = [...release.steps.keys()].find((column) => !quasi.includes(column));
  if (idle !== undefined)
    throw fail(
      `the ladder of ${idle} does nothing: the column is no quasi-identifier`,
      'remove it, or add the column to `quasi`',
    );
  return {
    person: people,
    quasi: quasi.map((column) => release.steps.get(column) ?? fixedLadder(column)),
    isByPerson: tokens.length > 0,
  };
}

/** Of what decides the rows: the definition, and what lineage says, which changes with the classes of landed columns. */
export function digestPeople({ digest }: Release, { person, quasi, isByPerson }: ReleasePeople): string {
  const columns = quasi.map(({ column }) => column);
  return createHash('sha256')
    .update(JSON.stringify([digest, person, columns, isByPerson]))
    .digest('hex');
}

function findPerson(
  { person, from }: Release,
  columns: readonly (readonly [string, { readonly isToken: boolean }])[],
  fail: (problem: string, fix: string) => Error,
): string | null {
  const names = columns.map(([name]) => name);
  const tokens = columns.filter(([, { isToken }]) => isToken).map(([name]) => name);
  if (person !== null) {
    const named = names.find((name) => foldName(name) === foldName(person));
    if (named === undefined)
      throw fail(`${from} has no column ${person}`, `name one of: ${names.join(', ')}`);
    if (tokens.length === 0 || tokens.includes(named)) return named;
    const problem = `${named} does not name a person: it is no token, and ${from} has tokens`;
    throw fail(problem, `name one of: ${tokens.join(', ')}`);
  }
  if (tokens.length > 1)
    throw fail(`${from} has several tokens`, `add \`person:\` with one of: ${tokens.join(', ')}`);
  return tokens[0] ?? null;
}
