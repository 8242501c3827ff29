import { ingest, transform } from '../src/pipeline.js';
import type { Landing } from './day.js';
import { openWorld, requestOf, type WorldFacts } from './world.js';

/** A process without faults: lands everything that is due in order, then builds the tables once. */
export interface CalmInput {
  readonly facts: WorldFacts;
  readonly due: readonly Landing[];
}

const { facts, due } = JSON.parse(process.argv[2] ?? '') as CalmInput;
const world = await openWorld(facts);
for (const landing of due) {
  world.setNow(new Date(`${landing.date}T23:30:00Z`));
  await ingest(world.project, requestOf(landing, facts.source));
}
await transform(world.project, { pipeline: due[0]?.pipeline ?? '', dates: 'all' });
process.exit();
