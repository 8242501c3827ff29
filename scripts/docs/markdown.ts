import { readFileSync } from 'node:fs';
import { format } from 'prettier';
import { z } from 'zod';

export const ROOT = new URL('../../', import.meta.url);

/** A page that is made from the code. */
export interface MadePage {
  /** Relative to the repository. */
  readonly file: string;
  readonly text: string;
}

export async function makePage(file: string, parts: readonly string[]): Promise<MadePage> {
  const text = parts.map((part) => part.trim()).join('\n\n');
  return { file, text: await format(text, { parser: 'markdown', printWidth: 110, singleQuote: true }) };
}

/** Under the title of a page that no one edits. */
export const MADE = '_Made from the code by `npm run docs`._';

/** A table without the columns that are empty in every row. */
export function makeTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  keepEmpty = false,
): string {
  const shown = heads.flatMap((_, at) => (keepEmpty || rows.some((row) => row[at] !== '') ? [at] : []));
  const line = (cells: readonly string[]): string =>
    `| ${shown.map((at) => (cells[at] ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

export function code(text: string): string {
  return `\`${text}\``;
}

/**
 * The comment above a declaration, as one paragraph.
 * @param declaration its first words, such as `export const TABLE`
 * @throws RangeError if it has none
 */
export function readComment(file: string, declaration: string): string {
  const text = readFileSync(new URL(file, ROOT), 'utf8');
  const before = text.slice(0, text.indexOf(`\n${declaration}`) + 1);
  const [, comment] = /\/\*\*((?:(?!\*\/)[^])*)\*\/\n$/.exec(before) ?? [];
  if (comment === undefined) throw new RangeError(`${declaration} in ${file} has no comment`);
  return comment
    .replaceAll(/\s*\n \*/g, '')
    .trim()
    .replaceAll(/\s+/g, ' ');
}

/** One setting of a form, as a definition writes it. */
export interface Setting {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly preset: string;
  readonly description: string;
}

interface JsonSchema {
  readonly [key: string]: unknown;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const schemaForm: z.ZodType<JsonSchema> = z.custom<JsonSchema>((value) => typeof value === 'object');

/** The settings of a strict object, in its order; those of `hidden` are left out. */
export function listSettings(form: z.ZodType, hidden: readonly string[] = []): Setting[] {
  const schema = toSchema(form);
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => !hidden.includes(name))
    .map(([name, part]) => ({
      name,
      type: describeType(part),
      isRequired: schema.required?.includes(name) ?? false,
      preset: part.default === undefined ? '' : code(JSON.stringify(part.default)),
      description: describe(part),
    }));
}

export function tableOf(settings: readonly Setting[]): string {
  if (settings.length === 0) return '';
  return makeTable(
    ['setting', 'value', 'required', 'default', 'description'],
    settings.map(({ name, type, isRequired, preset, description }) => [
      code(name),
      type,
      isRequired ? 'yes' : '',
      preset,
      description,
    ]),
  );
}

export function toSchema(form: z.ZodType): JsonSchema {
  return schemaForm.parse(z.toJSONSchema(form, { io: 'input', unrepresentable: 'any' }));
}

function describe({ description = '' }: JsonSchema): string {
  return description.replace(/\.$/, '');
}

/** The values of a part in words. */
export function describeType(part: JsonSchema): string {
  const choices = part.anyOf ?? part.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(describeType))].join(' or ');
  if (part.const !== undefined) return code(writeScalar(part.const));
  if (part.enum !== undefined) return part.enum.map((value) => code(writeScalar(value))).join(', ');
  if (part.type === 'array') return `list of ${describeType(part.items ?? {})}`.replace(' of any value', '');
  if (part.type === 'integer' || part.type === 'number') return describeNumber(part);
  if (part.type === 'boolean') return '`true` or `false`';
  if (part.type === 'object') return 'object';
  if (part.type === 'null') return 'null';
  if (part.type === undefined) return 'any value';
  if (typeof part.type === 'string') return 'text';
  return part.type.map((type) => describeType({ ...part, type })).join(' or ');
}

function writeScalar(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function describeNumber({ type, minimum, maximum }: JsonSchema): string {
  const name = type === 'integer' ? 'whole number' : 'number';
  const [from, to] = [minimum, maximum].map((limit) =>
    limit === undefined || Math.abs(limit) === Number.MAX_SAFE_INTEGER ? '' : limit.toLocaleString('en'),
  );
  return [name, from === '' ? '' : `from ${from ?? ''}`, to === '' ? '' : `to ${to ?? ''}`]
    .filter((word) => word !== '')
    .join(' ');
}
