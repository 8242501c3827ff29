import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Definition } from '../../src/base/types/definition.js';

const PIPELINES = fileURLToPath(new URL('../../pipelines', import.meta.url));

/** The shipped pipelines by name: whatever has a page. */
export function listShipped(): string[] {
  return readdirSync(PIPELINES)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/** What a date's landing is called, as `--date` takes it: of a pipeline that lands by the hour, an hour of it. */
export function nameDate({ datasets }: Definition, date: string, hour: string): string {
  return [...datasets.values()].some(({ slot }) => slot === 'hour') ? `${date}T${hour}` : date;
}
