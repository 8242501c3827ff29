import type { JsonObject } from '../../base/types/json-values.js';
import { readKind } from '../sql/syntax-tree.js';

/**
 * Names of what a node holds besides what is known: a clause that a later DuckDB may add would else be passed over.
 * Empty values say nothing.
 */
export function listStrangers(node: JsonObject, known: readonly string[]): string[] {
  const strangers = Object.entries(node).filter(
    ([key, value]) => !known.includes(key) && saysSomething(value),
  );
  return strangers.map(([key]) => `${readKind(node['type'])}.${key}`);
}

function saysSomething(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== null && value !== undefined && value !== '' && value !== false;
}
