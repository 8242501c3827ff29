import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeTargets } from '../../scripts/json-schema.js';
import { TARGET_FORM } from '../../src/load/registry.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const schema = describeTargets(TARGET_FORM);
const isValid = new Ajv2020({ strict: false }).compile(schema);

it('schemas/targets.schema.json is the form of targets.yaml', () => {
  expect(JSON.parse(readFileSync(`${ROOT}schemas/targets.schema.json`, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(schema)),
  );
});

it('takes the example of docs/load.md, and refuses what the command refuses', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(`${ROOT}docs/load.md`, 'utf8')) ?? [];
  expect(isValid(parse(example))).toBe(true);
  expect(isValid(parse('targets: { one: { type: sqlite, path: a.sqlite, tokens: "${TOKENS}" } }'))).toBe(
    true,
  );
  for (const wrong of [
    'targets: { one: { type: mysql, url: x } }',
    'targets: { one: { type: sqlite, path: a.sqlite, file: b } }',
    'targets: { Bad Name: { type: sqlite, path: a.sqlite } }',
    'target: {}',
  ]) {
    expect(isValid(parse(wrong)), wrong).toBe(false);
  }
});
