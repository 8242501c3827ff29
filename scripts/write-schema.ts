import { writeFileSync } from 'node:fs';
import { TREATMENTS } from '../src/anonymize/treatments/registry.js';
import { describeDefinition } from './json-schema.js';

/** Writes the JSON Schema that the first line of each definition refers to. Run it after each change of the format. */
const target = new URL('../schemas/pipeline.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(describeDefinition(TREATMENTS), null, 2)}\n`);
