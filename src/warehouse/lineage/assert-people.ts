import { isObject } from '../../base/json-values.js';
import { foldName, listObjects, readName, walk } from '../sql/syntax-tree.js';
import { type Item, nameOf } from './assert-dated.js';
import {
  findDatasets,
  findModels,
  listMeanings,
  listOutermost,
  listPersonTokens,
  placeOf,
  type Query,
  readRef,
  startWay,
  type Tables,
  type Way,
} from './follow-names.js';

/** The head of a report: the column that counts people, or that there is none. */
export type People = { readonly kind: 'column'; readonly column: string } | { readonly kind: 'none' };

export interface ReportProblem {
  readonly problem: string;
  readonly fix: string;
}

/**
 * What is wrong with `-- people:`, and what to write; null if nothing is.
 * @param allowsSums where nothing is hidden by the count
 */
export function findPeopleProblem(
  people: People,
  query: Query,
  tables: Tables,
  allowsSums: boolean,
): ReportProblem | null {
  const { tokens, others } = listPersonal(query, tables);
  if (people.kind === 'none') {
    const [first] = [...tokens, ...others];
    if (first === undefined) return null;
    const problem = `\`people: none\` is for reports without people, and this one reads ${first}`;
    return { problem, fix: suggestPeople(tokens) };
  }
  if (findKind(startWay(query, tables, allowsSums), foldName(people.column)) === 'yes') return null;
  const problem = `the column ${people.column} is not a count of distinct tokens of people`;
  const isNone = tokens.length + others.length === 0;
  return {
    problem,
    fix: isNone ? 'it reads nothing about people: write `-- people: none`' : suggestPeople(tokens),
  };
}

function suggestPeople(tokens: readonly string[]): string {
  return tokens.length === 0
    ? 'land a token of the person and count it, or write `-- internal`, which is never published'
    : `count people with \`count(distinct TOKEN)\`, in the report or in a model that it reads; tokens: ${tokens.join(', ')}`;
}

/** Landed columns about people in the datasets that a query reads, directly or through models; sorted. */
function listPersonal(query: Query, tables: Tables): { tokens: string[]; others: string[] } {
  const [tokens, others] = [new Set<string>(), new Set<string>()];
  const seen = new Set<string>();
  const follow = ({ reads }: Pick<Query, 'reads'>): void => {
    for (const name of reads) {
      if (seen.has(name)) continue;
      seen.add(name);
      for (const dataset of findDatasets(name, tables)) {
        for (const column of listPersonTokens(dataset)) tokens.add(`${name}.${column.name}`);
        for (const { name: column, class: pii } of dataset.columns)
          if (pii !== 'none') others.add(`${name}.${column}`);
      }
      for (const model of findModels(name, tables)) follow(model);
    }
  };
  follow(query);
  return { tokens: [...tokens].sort(), others: [...others].sort() };
}

/** Whether each SELECT of the outermost query gives the column as a count of distinct tokens of people. */
export function countsPeople(query: Query, name: string, tables: Tables): boolean {
  return findKind(startWay(query, tables), name) === 'yes';
}

/** `cycle`: only names that lead back to themselves. */
type Answer = 'yes' | 'no' | 'cycle';

function findKind(way: Way, name: string): Answer {
  const outermost = listOutermost(way.query.statement);
  const place = placeOf(outermost[0] ?? [], name);
  return place < 0
    ? isCountName(way, name)
    : agree(outermost.map((items) => isCount(items[place], { ...way, seen: new Set() })));
}

/** A name that is a count in one place and something else in another is no count. */
function agree(answers: readonly Answer[]): Answer {
  if (answers.includes('no')) return 'no';
  return answers.includes('yes') ? 'yes' : 'cycle';
}

/**
 * A `count(distinct TOKEN)`, also cast, with 0 for null, or the largest of several: each is at most the number of people.
 * A sum of counts may count a person more than once.
 */
function isCount(node: unknown, way: Way): Answer {
  if (!isObject(node)) return 'no';
  switch (node['class']) {
    case 'COLUMN_REF':
      return isCountName(way, readRef(node));
    case 'CAST':
      return isCount(node['child'], way);
    case 'OPERATOR':
      return node['type'] === 'OPERATOR_COALESCE' ? isCountOrZero(node['children'], way) : 'no';
    case 'FUNCTION':
      return isCountCall(node, way);
    default:
      return 'no';
  }
}

function isCountCall(node: Item, way: Way): Answer {
  const [first, ...more] = listObjects(node['children']);
  if (more.length > 0) return 'no';
  const name = readName(node, 'function_name');
  if (name === 'max' || name === 'min' || (name === 'sum' && way.allowsSums)) return isCount(first, way);
  return name === 'count' && node['distinct'] === true ? isToken(first, { ...way, seen: new Set() }) : 'no';
}

function isCountOrZero(children: unknown, way: Way): Answer {
  const [first, ...more] = listObjects(children);
  const isZero = (node: Item): boolean =>
    isObject(node['value']) && [0, undefined].includes(readNumber(node['value']));
  return more.every(isZero) ? isCount(first, way) : 'no';
}

/** Undefined for null. */
function readNumber({ value, is_null: isNull }: Item): number | undefined {
  return isNull === true ? undefined : typeof value === 'number' ? value : Number.NaN;
}

function isCountName(way: Way, name: string): Answer {
  return agree(
    listMeanings(way, name).map((meaning) => {
      switch (meaning.kind) {
        case 'item':
          return isCount(meaning.item, meaning.way);
        case 'model':
          return findKind(startWay(meaning.model, way.tables, way.allowsSums), name);
        case 'landed':
        case 'unknown':
          return 'no';
        default:
          return meaning satisfies never;
      }
    }),
  );
}

/** Whether an expression is a token of a person, unchanged. */
function isToken(node: unknown, way: Way): Answer {
  if (!isObject(node) || node['class'] !== 'COLUMN_REF') return 'no';
  const name = readRef(node);
  return agree(
    listMeanings(way, name).map((meaning) => {
      switch (meaning.kind) {
        case 'item':
          return isToken(meaning.item, meaning.way);
        case 'model':
          return isTokenOf(meaning.model, name, way.tables);
        case 'landed':
          return listPersonTokens(meaning.dataset).includes(meaning.column) ? 'yes' : 'no';
        case 'unknown':
          return 'no';
        default:
          return meaning satisfies never;
      }
    }),
  );
}

function isTokenOf(query: Query, name: string, tables: Tables): Answer {
  return isToken({ class: 'COLUMN_REF', column_names: [name] }, startWay(query, tables));
}

/** Whether the rows of a SELECT are those of single people: one of its columns is the token of a person. */
export function hasPersonRows(items: readonly Item[], way: Way): boolean {
  return items.some((item) => isToken(item, { ...way, seen: new Set() }) === 'yes');
}

/** Whether an expression is made of a count of people, and maybe of more. */
export function containsCount(node: unknown, way: Way): boolean {
  return [...walk(node)].some((part) => {
    if (isCount(part, way) === 'yes') return true;
    return part['class'] === 'COLUMN_REF' && leadsToCount(way, readRef(part));
  });
}

function leadsToCount(way: Way, name: string): boolean {
  return listMeanings(way, name).some((meaning) => {
    if (meaning.kind === 'item') return containsCount(meaning.item, meaning.way);
    if (meaning.kind !== 'model') return false;
    const { statement } = meaning.model;
    const items = listOutermost(statement).flatMap((list) => list.filter((item) => nameOf(item) === name));
    return items.some((item) => containsCount(item, startWay(meaning.model, way.tables)));
  });
}
