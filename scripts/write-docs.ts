import { writeFileSync } from 'node:fs';
import { ROOT } from './docs/markdown.js';
import { makeReference } from './docs/reference.js';

/** Writes the pages of docs/ that are made from the code. Run it after each change of commands, settings or tables. */
for (const { file, text } of await makeReference()) writeFileSync(new URL(file, ROOT), text);
