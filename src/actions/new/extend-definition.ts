import {
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { failure, type LakeveilError } from '../../base/errors.js';
import { type DraftDataset, listVariables, NO_PEOPLE, writeDataset } from '../../draft/write-draft.js';

/**
 * Adds datasets to the text of a definition, and their variables to `env`. Everything else, comments included, stays as it
 * is. @throws E_USAGE if `datasets` is not an indented block
 */
export function addDatasets(
  file: string,
  text: string,
  { datasets, noPeople }: { readonly datasets: readonly DraftDataset[]; readonly noPeople: boolean },
): string {
  const { contents } = parseDocument(text);
  const known = isMap(contents) && contents.flow !== true ? contents : null;
  const block = known === null ? null : findPair(known, 'datasets');
  if (known === null || block === null || !isMap(block.value) || block.value.flow === true) {
    const hint = 'write `datasets:` and its entries as an indented block, or draft a pipeline of its own';
    throw usage(`${file} has its datasets in braces`, hint);
  }
  const [first] = block.value.items;
  const indent = first === undefined ? 2 : columnOf(text, startOf(first));
  const lines = [...(noPeople ? [NO_PEOPLE] : []), ...datasets.flatMap(writeDataset)].map(
    (line) => `${' '.repeat(indent)}${line}\n`,
  );
  const end = findEnd(known, block, text);
  const before = text.slice(0, end).replace(/\n*$/, '\n');
  const extended = `${before}${lines.join('')}${text.slice(end)}`;
  return addVariables(extended, listVariables({ source: null, requests: datasets }));
}

function findPair(map: YAMLMap, name: string): Pair | null {
  return map.items.find(({ key }) => isScalar(key) && key.value === name) ?? null;
}

function startOf({ key }: Pair): number {
  return isScalar(key) ? (key.range?.[0] ?? 0) : 0;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

/** Where the next key begins, or the comments and blank lines before it. */
function findEnd(map: YAMLMap, block: Pair, text: string): number {
  const starts = map.items.map(startOf).filter((start) => start > startOf(block));
  const next = Math.min(text.length, ...starts);
  if (next === text.length) return next;
  const lines = text.slice(0, next).split('\n').slice(0, -1);
  while (/^(?:#.*|\s*)$/.test(lines.at(-1) ?? 'x')) lines.pop();
  return lines.join('\n').length + 1;
}

function addVariables(text: string, names: readonly string[]): string {
  const { contents } = parseDocument(text);
  const pair = isMap(contents) ? findPair(contents, 'env') : null;
  const list = pair !== null && isSeq(pair.value) ? pair.value : null;
  const known = list === null ? [] : list.items.map((item) => (isScalar(item) ? String(item.value) : ''));
  const added = names.filter((name) => !known.includes(name));
  if (added.length === 0) return text;
  if (pair === null) return insertBefore(text, 'source', `env: [${added.join(', ')}]\n`);
  return list === null ? text : insertIntoList(text, list, added);
}

function insertBefore(text: string, key: string, line: string): string {
  const { contents } = parseDocument(text);
  const pair = isMap(contents) ? findPair(contents, key) : null;
  const at = pair === null ? 0 : startOf(pair);
  return `${text.slice(0, at)}${line}${text.slice(at)}`;
}

function insertIntoList(text: string, list: YAMLSeq, added: readonly string[]): string {
  const last = list.items.at(-1);
  const end = isScalar(last) || isCollection(last) ? (last.range?.[1] ?? 0) : 0;
  if (list.flow === true) {
    const at = last === undefined ? (list.range?.[0] ?? 0) + 1 : end;
    return `${text.slice(0, at)}${last === undefined ? '' : ', '}${added.join(', ')}${text.slice(at)}`;
  }
  const start = text.lastIndexOf('\n', end - 1) + 1;
  const stop = text.indexOf('\n', end);
  const at = stop === -1 ? text.length : stop;
  const dash = /^\s*-\s*/.exec(text.slice(start))?.[0] ?? '  - ';
  return `${text.slice(0, at)}${added.map((name) => `\n${dash}${name}`).join('')}${text.slice(at)}`;
}

function usage(what: string, hint: string): LakeveilError {
  return failure('E_USAGE', { what, hint });
}
