import { writeFileSync } from 'node:fs';
import { TREATMENTS } from '../src/anonymize/treatments/registry.js';
import { TARGET_FORM } from '../src/load/registry.js';
import { describeDefinition, describeTargets } from './json-schema.js';

/** Writes the JSON Schemas that the first lines of YAML files refer to. Run it after each change of a format. */
const write = (name: string, schema: object): void => {
  const target = new URL(`../schemas/${name}.schema.json`, import.meta.url);
  writeFileSync(target, `${JSON.stringify(schema, null, 2)}\n`);
};
write('pipeline', describeDefinition(TREATMENTS));
write('targets', describeTargets(TARGET_FORM));
