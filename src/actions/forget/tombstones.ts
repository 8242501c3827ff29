import { checkKey } from '../../anonymize/keys.js';
import { hashRecipe, makeMarker } from '../../anonymize/lookup.js';
import type { MasterKey } from '../../base/config/key.js';
import type { MarkGroup, Tombstone } from '../../base/types/erasure.js';
import type { LandingColumn } from '../../base/types/definition.js';
import type { Search } from './plan-search.js';

/** Marks for each lookup value, and for each person token, under the key of each. */
export function makeGroups(search: Search, people: readonly string[]): MarkGroup[] {
  const { by, person, keys, lookups } = search;
  return keys.flatMap((key) => {
    const tokens = lookups.get(key.id) ?? [];
    const own = person === by ? [] : people.filter((token) => token.startsWith(`${key.id}_`));
    return [
      makeGroup(search, key, by, tokens),
      ...(own.length === 0 ? [] : [makeGroup(search, key, person, own)]),
    ];
  });
}

function makeGroup(
  { dataset }: Search,
  key: MasterKey,
  column: LandingColumn,
  tokens: readonly string[],
): MarkGroup {
  const markOf = makeMarker(key, dataset.name, column.name);
  return {
    key_id: key.id,
    key_check: checkKey(key),
    column: column.name,
    recipe_sha256: hashRecipe(column),
    marks: [...new Set(tokens.map(markOf))].sort(),
  };
}

/** Whether all of these people have tombstones under the key that masks now. */
export function areKnown(
  { current, by, dataset }: Search,
  groups: readonly MarkGroup[],
  tombstones: readonly Tombstone[],
): boolean {
  const isCurrent = ({ key_id, column }: MarkGroup): boolean => key_id === current.id && column === by.name;
  const known = new Set(
    tombstones
      .filter((one) => one.dataset === dataset.name)
      .flatMap((one) => one.groups.filter(isCurrent).flatMap(({ marks }) => marks)),
  );
  return groups.filter(isCurrent).every(({ marks }) => marks.every((mark) => known.has(mark)));
}

/**
 * Earlier tombstones of people who are all among these, by an earlier key alone: the new one takes their place and holds
 * what they hold.
 */
export function findReplaced(
  { current, by, dataset }: Search,
  groups: readonly MarkGroup[],
  tombstones: readonly Tombstone[],
): Tombstone[] {
  return tombstones.filter((one) => {
    if (one.dataset !== dataset.name || one.by !== by.name) return false;
    if (one.groups.some(({ key_id, column }) => key_id === current.id && column === by.name)) return false;
    const lookups = one.groups.filter(({ column }) => column === by.name);
    return lookups.some(({ key_id, key_check, marks }) => {
      const now = groups.find(
        (group) => group.column === by.name && group.key_id === key_id && group.key_check === key_check,
      );
      return now !== undefined && marks.every((mark) => now.marks.includes(mark));
    });
  });
}

/** Groups of one column and key become one. */
export function mergeGroups(groups: readonly MarkGroup[]): MarkGroup[] {
  const merged = new Map<string, MarkGroup>();
  for (const group of groups) {
    const name = JSON.stringify([group.key_id, group.key_check, group.column, group.recipe_sha256]);
    const marks = [...new Set([...(merged.get(name)?.marks ?? []), ...group.marks])].sort();
    merged.set(name, { ...group, marks });
  }
  return [...merged.values()];
}
