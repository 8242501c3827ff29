import type { z } from 'zod';
import { failure } from '../../base/errors.js';
import { NAME } from '../../base/names.js';
import type { Path } from './document.js';
import { findForm, listKeys, ownValue } from './form-at.js';
import { keyOf, type Origin } from './interpolate.js';
import { findNearest, type Problems, suggest } from './problems.js';

type Issue = z.core.$ZodIssue;

/** The context of an issue: the validated schema and value, their path, and the variables in the value. */
export interface EvaluatedIssue {
  readonly form: z.core.$ZodType;
  readonly data: unknown;
  readonly base: Path;
  readonly origins: ReadonlyMap<string, Origin>;
}

/** Messages in our own schemas start with this. */
const OWN = 'must be ';

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** Converts zod issues to problems with our own messages, never with the value or zod's text. */
export function addIssues(issues: readonly Issue[], context: EvaluatedIssue, problems: Problems): void {
  const misspelled = new Set(issues.flatMap((issue) => listMisspelled(issue, context)));
  for (const issue of issues.filter(({ path }) => !misspelled.has(keyOf(plain(path))))) {
    addIssue(issue, context, problems);
  }
}

/** The keys that unknown keys stand for: such a key is not reported as missing as well. */
function listMisspelled(issue: Issue, { form, data }: EvaluatedIssue): string[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const inner = plain(issue.path);
  const known = listKeys(findForm(form, data, inner));
  const meant = issue.keys.flatMap((key) => findNearest(key, known) ?? []);
  return meant
    .map((key) => [...inner, key])
    .filter((path) => findValue(data, path) === undefined)
    .map(keyOf);
}

export function plain(path: Issue['path']): (string | number)[] {
  return path.map((key) => (typeof key === 'symbol' ? String(key) : key));
}

function addIssue(issue: Issue, context: EvaluatedIssue, problems: Problems): void {
  const inner = plain(issue.path);
  const path = [...context.base, ...inner];
  if (issue.code === 'unrecognized_keys') {
    const known = listKeys(findForm(context.form, context.data, inner));
    for (const key of issue.keys) addUnknownKey([...path, key], key, known, problems);
  } else if (isNameIssue(issue)) {
    const kind = kindOfName(path);
    problems.addFailure(path, (where) => failure('E_NAME', { kind }, where));
  } else if (inner.length > 0 && findValue(context.data, inner) === undefined) {
    const key = String(inner.at(-1));
    problems.add(path, `\`${key}\` is missing`, `add \`${key}: …\`: ${describeWanted(issue, undefined)}`);
  } else {
    addWrongValue(path, describeWanted(issue, findValue(context.data, inner)), context, problems);
  }
}

function addUnknownKey(path: Path, key: string, known: readonly string[], problems: Problems): void {
  const isContract = path[2] === 'contract' && path.length > 4;
  const what = isContract ? `keyword \`${key}\` is not supported in a contract` : `unknown key \`${key}\``;
  problems.add(path, what, suggest(key, known));
}

function addWrongValue(path: Path, wants: string, context: EvaluatedIssue, problems: Problems): void {
  const name = context.origins.get(keyOf(path))?.given ?? null;
  if (name !== null) {
    problems.addFailure(path, (where) => failure('E_ENV_INVALID', { name, wants }, where));
    return;
  }
  const { what, fix } = explainRefusal(path, context) ?? {
    what: `${path.length === 0 ? 'the definition' : `\`${String(path.at(-1))}\``} must be ${wants}`,
    fix: `write ${wants}`,
  };
  problems.add(path, what, fix);
}

/** Values that are rejected on purpose, with the reason. */
function explainRefusal(path: Path, context: EvaluatedIssue): { what: string; fix: string } | null {
  const value = findValue(context.data, path.slice(context.base.length));
  if (path.at(-1) === 'on_unknown_field' && value === 'evolve') {
    return {
      what: '`evolve` is not supported: a new field of the API must not land without a decision',
      fix: 'write discard_value, discard_row or freeze; to land a new field, add it to the schema and to landing',
    };
  }
  return null;
}

function describeWanted(issue: Issue, value: unknown): string {
  if (issue.message.startsWith(OWN)) return issue.message.slice(OWN.length);
  switch (issue.code) {
    case 'invalid_type':
      return EXPECTED[issue.expected] ?? 'something else';
    case 'invalid_value':
      return describeChoice(issue.values.map(String), value);
    case 'invalid_union':
      return 'options' in issue ? describeChoice(issue.options.map(String), value) : 'of another format';
    case 'too_small':
      return `${measure(issue.origin)} ${issue.inclusive === false ? 'above' : 'from'} ${issue.minimum}`;
    case 'too_big':
      return `${measure(issue.origin)} ${issue.inclusive === false ? 'below' : 'up to'} ${issue.maximum}`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'custom':
      return issue.message;
    case 'invalid_key':
      return issue.issues[0] === undefined ? 'of another format' : describeWanted(issue.issues[0], value);
    case 'invalid_format':
    case 'invalid_element':
    case 'unrecognized_keys':
      return 'of another format';
  }
}

function describeChoice(known: readonly string[], value: unknown): string {
  const list = known.length === 1 ? known.join('') : `one of ${known.join(', ')}`;
  const found = typeof value === 'string' ? suggest(value, known) : '';
  const near = /^did you mean `[^`]+`\?/.exec(found)?.[0];
  return near === undefined ? list : `${list} (${near})`;
}

function measure(origin: string): string {
  if (origin === 'string') return 'text with a length';
  return origin === 'array' ? 'a list with a length' : 'a number';
}

function isNameIssue(issue: Issue): boolean {
  const inner = issue.code === 'invalid_key' ? issue.issues[0] : issue;
  return inner?.code === 'invalid_format' && inner.pattern === String(NAME);
}

function kindOfName(path: Path): string {
  if (path[0] === 'pipeline') return 'pipeline';
  if (path.length === 2) return path[0] === 'targets' ? 'target' : 'dataset';
  return path.length === 4 ? 'column' : String(path.at(-1));
}

function findValue(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => ownValue(value, key), data);
}
