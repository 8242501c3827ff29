import { type JsonObject, writePath } from '../base/json-values.js';
import type { LeftOut } from './collect-leaves.js';
import type { FoundPagination } from './find-pagination.js';
import type { FieldPlan, PlannedLeaf } from './plan-draft.js';
import type { Exploded } from './plan-nested.js';

/** The content of a draft. */
export interface Draft {
  readonly pipeline: string;
  readonly source: DraftSource;
  readonly datasets: readonly DraftDataset[];
  /** The project contains the JSON Schema for editors. */
  readonly hasEditorSchema: boolean;
  /** The user says that the records are not about people. */
  readonly noPeople: boolean;
}

/** Texts may contain `${NAME}`, never a secret itself. */
export interface DraftSource {
  readonly baseUrl: string;
  readonly question: string | null;
  readonly headers: ReadonlyMap<string, string>;
  readonly auth: Readonly<Record<string, string>> | null;
}

export interface DraftDataset {
  readonly name: string;
  /** In place of the source's base URL; null for the same. */
  readonly baseUrl: string | null;
  readonly path: string;
  /** The dataset in whose records its rows are, with the list or map that they are the elements of; null for records. */
  readonly nested: (Exploded & { readonly of: string }) | null;
  /** The dataset for whose records its requests are made; null for none. */
  readonly parent: string | null;
  readonly query: ReadonlyMap<string, string>;
  /** Sent with POST; null for GET. */
  readonly body: JsonObject | null;
  readonly format: 'json' | 'ndjson' | 'csv';
  readonly records: readonly string[];
  readonly keyed: boolean;
  readonly pagination: FoundPagination;
  readonly fields: FieldPlan;
}

type Value = string | number | boolean | null;

/** The draft as YAML that loads. Names are quoted if YAML could misread them. */
export function writeDraft({ pipeline, source, datasets, hasEditorSchema, noPeople }: Draft): string {
  const env = listVariables({ source, requests: datasets });
  const lines = [
    ...(hasEditorSchema ? ['# yaml-language-server: $schema=../schemas/pipeline.schema.json'] : []),
    '# A draft with the strictest choices. It loads without edits. Answer each `question`, then remove its comment.',
    ...(noPeople ? [NO_PEOPLE] : []),
    `pipeline: ${pipeline}`,
    'description: ""',
    ...(env.length === 0 ? [] : [`env: [${env.join(', ')}]`]),
    '',
    'source:',
    `  base_url: ${quote(source.baseUrl)}${ask(source.question)}`,
    ...writeMap('headers', source.headers).map((line) => `  ${line}`),
    ...(source.auth === null ? [] : [`  auth: { ${writeKeys(source.auth)} }`]),
    '',
    'datasets:',
    ...datasets.flatMap((dataset) => writeDataset(dataset).map((line) => `  ${line}`)),
  ];
  return `${lines.join('\n')}\n`;
}

export const NO_PEOPLE =
  '# Drafted with --no-people: fields without signs of people have class none and are kept. Check that none is about a person.';

/** The variables of a draft, in order of appearance. @param source null if it is not drafted */
export function listVariables(parts: {
  readonly source: DraftSource | null;
  readonly requests: readonly Pick<DraftDataset, 'query' | 'body'>[];
}): readonly string[] {
  const { source, requests } = parts;
  const texts = [
    ...(source === null ? [] : [...source.headers.values(), ...Object.values(source.auth ?? {})]),
    ...requests.flatMap(({ query, body }) => [...query.values(), body === null ? '' : JSON.stringify(body)]),
  ];
  const names = texts.flatMap((text) =>
    [...text.matchAll(/\$\{([A-Z_][A-Z0-9_]*)\}/g)].map(([, name = '']) => name),
  );
  return [...new Set(names)];
}

/** The lines of one dataset, from its name on. */
export function writeDataset(dataset: DraftDataset): readonly string[] {
  const { name, fields, nested } = dataset;
  const dropped = fields.leaves.filter(({ column }) => column === null);
  return [
    `${name}:`,
    ...(nested === null
      ? writeOwn(dataset)
      : [`of: ${nested.of}`, `explode: ${quote(writePath(nested.path))}`]
    ).map((line) => `  ${line}`),
    '  contract:',
    '    max_rejected: 5%',
    '    schema:',
    ...writeSchema(fields, nested).map((line) => `      ${line}`),
    '  landing:',
    ...fields.leaves.flatMap(writeColumn).map((line) => `    ${line}`),
    ...(dropped.length === 0 ? [] : ['  drop:', ...dropped.map((leaf) => `    ${writeDrop(leaf)}`)]),
    fields.primaryKey === null
      ? `  primary_key: []${ask('which columns identify a record? Without a key, duplicates land.')}`
      : `  primary_key: [${fields.primaryKey}]`,
    ...fields.left.map((left) => `  ${ask(describeOmitted(left)).trim()}`),
  ];
}

/** When and how it is requested. */
function writeOwn(dataset: DraftDataset): readonly string[] {
  const { parent } = dataset;
  const question =
    'can the API return the records of one date? If so, use `by_date`, with {date} in `query` or `path`.';
  return [
    usesDate(dataset) ? 'time: by_date' : `time: snapshot${parent === null ? ask(question) : ''}`,
    ...(parent === null ? [] : [`for_each: { dataset: ${parent} }`]),
    'request:',
    ...writeRequest(dataset).map((line) => `  ${line}`),
  ];
}

function usesDate({ query, body }: DraftDataset): boolean {
  const texts = [...query.values(), JSON.stringify(body)];
  return texts.some((text) => /\{(?:(?:next_)?date|last_success)(?::[^{}]*)?\}/.test(text));
}

function writeRequest(dataset: DraftDataset): readonly string[] {
  const { baseUrl, path, query, body, format, records, keyed, pagination } = dataset;
  const place = format === 'json' ? [`records: ${quote(writePath(records))}`] : [`format: ${format}`];
  const pages = pagination.keys['type'] === 'none' ? 'type: none' : writeKeys(pagination.keys);
  return [
    ...(baseUrl === null ? [] : [`base_url: ${quote(baseUrl)}`]),
    ...(body === null ? [] : ['method: POST']),
    `path: ${quote(path)}`,
    ...writeMap('query', query),
    // JSON is YAML.
    ...(body === null ? [] : [`body: ${JSON.stringify(body)}`]),
    ...place,
    ...(keyed
      ? ['keyed: true # the keys are ignored; a key that is needed must also be a field of the record']
      : []),
    `pagination: { ${pages} }${ask(pagination.question)}`,
  ];
}

function writeMap(key: string, texts: ReadonlyMap<string, string>): readonly string[] {
  if (texts.size === 0) return [];
  return [`${key}:`, ...[...texts].map(([name, text]) => `  ${quote(name)}: ${quote(text)}`)];
}

interface Node {
  readonly leaf: PlannedLeaf | null;
  readonly children: Map<string, Node>;
}

function writeSchema({ leaves, nullable }: FieldPlan, exploded: Exploded | null): readonly string[] {
  const root: Node = { leaf: null, children: new Map() };
  for (const leaf of leaves) {
    let node = root;
    for (const [i, name] of leaf.path.entries()) {
      const isLast = i === leaf.path.length - 1;
      const next = node.children.get(name) ?? {
        leaf: isLast ? leaf : null,
        children: new Map<string, Node>(),
      };
      node.children.set(name, next);
      node = next;
    }
  }
  return writeObject(root, [], { nullable, exploded });
}

interface Shape {
  readonly nullable: ReadonlySet<string>;
  readonly exploded: Exploded | null;
}

function writeObject(node: Node, path: readonly string[], shape: Shape): readonly string[] {
  const { nullable, exploded } = shape;
  const isOpen = (name: string): boolean =>
    exploded !== null && writePath([...path, name]) === writePath(exploded.path);
  const required = [...node.children]
    .filter(([name, child]) => !isOpen(name) && isRequired(child))
    .map(([name]) => quote(name));
  const type = nullable.has(path.join('.')) ? "[object, 'null']" : 'object';
  return [
    `type: ${type}`,
    ...(required.length === 0 ? [] : [`required: [${required.join(', ')}]`]),
    'properties:',
    ...[...node.children].flatMap(([name, child]) => {
      if (child.leaf !== null) return [`  ${quote(name)}: ${writeLeaf(child.leaf)}`];
      return [
        `  ${quote(name)}:`,
        ...(isOpen(name) && exploded !== null
          ? writeExploded(child, exploded, shape)
          : writeObject(child, [...path, name], shape)
        ).map((line) => `    ${line}`),
      ];
    }),
  ];
}

/** The list or map whose elements are the rows. */
function writeExploded(node: Node, { kind, path }: Exploded, shape: Shape): readonly string[] {
  if (kind === 'list') {
    const items = writeObject(node, path, { ...shape, exploded: null });
    return ["type: [array, 'null']", 'items:', ...items.map((line) => `  ${line}`)];
  }
  const writePart = (keyword: string, part: string): readonly string[] => {
    const leaf = node.children.get(part)?.leaf ?? null;
    return leaf === null ? [] : [`${keyword}: ${writeLeaf(leaf)}`];
  };
  return [
    "type: [object, 'null']",
    ...writePart('propertyNames', 'key'),
    ...writePart('additionalProperties', 'value'),
  ];
}

/** An object is required if one of its leaves is. */
function isRequired({ leaf, children }: Node): boolean {
  return leaf?.isRequired ?? [...children.values()].some(isRequired);
}

function writeLeaf(leaf: PlannedLeaf): string {
  if (!leaf.isList) return writeScalar(leaf);
  const { 'x-on-invalid': onInvalid, ...schema } = leaf.schema;
  const nulled = onInvalid === undefined ? '' : `, x-on-invalid: ${String(onInvalid)}`;
  return `{ type: [array, 'null'], items: ${writeScalar({ ...leaf, schema, isRequired: true })}${nulled} }`;
}

function writeScalar({ schema, members, isRequired: isFull, class: pii }: PlannedLeaf): string {
  const pair = `x-pii: ${pii}`;
  if (members !== null) {
    const values = members.map((member) => JSON.stringify(member));
    return `{ enum: [${[...values, ...(isFull ? [] : ['null'])].join(', ')}], ${pair} }`;
  }
  const { type = 'string', ...rest } = schema;
  const types = isFull ? String(type) : `[${String(type)}, 'null']`;
  return `{ ${[`type: ${types}`, ...(Object.keys(rest).length === 0 ? [] : [writeKeys(rest)]), pair].join(', ')} }`;
}

function writeColumn({ path, column, question, isList }: PlannedLeaf): readonly string[] {
  if (column === null) return [];
  const { treat, ...more } = column.keys;
  const keys = isList && treat !== undefined ? { each: treat, ...more } : column.keys;
  return [`${column.name}: { from: ${quote(writePath(path))}, ${writeKeys(keys)} }${ask(question)}`];
}

function writeDrop({ path, question }: PlannedLeaf): string {
  return `- ${quote(writePath(path))}${ask(question)}`;
}

function writeKeys(keys: Readonly<Record<string, Value>>): string {
  return Object.entries(keys)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? quote(value) : String(value)}`)
    .join(', ');
}

function ask(question: string | null): string {
  return question === null ? '' : ` # question: ${question}`;
}

function describeOmitted({ why, path }: LeftOut): string {
  const at = path.join('.');
  switch (why) {
    case 'array':
      return `${at} is an array and is omitted; a dataset with \`of\` and \`explode: ${at}\` reads its elements as rows`;
    case 'mixed':
      return `${at} has objects beside other values and is omitted; which is correct?`;
    case 'wide':
      return `${at} has numbers that are too large to be exact and is omitted; can the source send them as text?`;
    case 'keyed':
      return `${at} is an object whose keys look like data and is omitted; a dataset with \`of\` and \`explode: ${at}\` reads its entries as rows, if the schema describes them with \`additionalProperties\``;
    case 'names':
      return `${at === '' ? 'the record' : at} has fields whose names look like data or are rare; they are omitted`;
    case 'deep':
      return `${at} is nested too deeply and is omitted`;
    default:
      return why satisfies never;
  }
}

const PLAIN = /^[A-Za-z_/][A-Za-z0-9_./-]*$/;
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** Inside a JSON string, only a line break could end a comment or key, and JSON strings have none. */
function quote(text: string): string {
  return PLAIN.test(text) && !WORDS.test(text) ? text : JSON.stringify(text);
}
