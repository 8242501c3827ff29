import { isToken } from '../../anonymize/lookup.js';
import { dateOf } from '../../base/dates/calendar.js';
import type { ErasedPartition, ErasureReason, Tombstone, Unfinished } from '../../base/types/erasure.js';
import type { Manifest } from '../../base/types/manifest.js';
import type { Removal } from '../../lake/removal.js';
import type { RunContext } from '../../ledger/run-context.js';
import type { Project } from '../../project.js';
import type { LookupValue, Search, Unsearchable } from './plan-search.js';
import type { RewrittenFiles } from './rewrite-files.js';
import type { Found } from './search-people.js';
import { findReplaced, mergeGroups } from './tombstones.js';

/** Who is erased, and what is remembered of it. */
export interface ErasureRequest {
  readonly values: readonly LookupValue[];
  readonly reason: ErasureReason;
  /** How long tombstones are kept; null for ever. */
  readonly keepForDays: number | null;
}

/** All that is known of an erasure before its commit. */
export interface ErasureFacts {
  readonly project: Project;
  readonly context: RunContext;
  readonly request: ErasureRequest;
  readonly search: Search;
  readonly found: Found;
  readonly files: RewrittenFiles;
  readonly dropped: readonly Unsearchable[];
  readonly groups: Tombstone['groups'];
  readonly tombstones: readonly Tombstone[];
}

/** What the commit changes in the lake: rows, tombstones, and what is left to do. Pure but for the clock. */
export function describeRemoval(
  facts: ErasureFacts,
): Removal & { readonly erasure: NonNullable<Removal['erasure']> } {
  const { project, context, request, search, files, dropped, groups, tombstones } = facts;
  const now = project.effects.now();
  const partitions = dropped.flatMap(({ partition }) => partition ?? []);
  const checkpoints = dropped.flatMap(({ checkpoint }) => checkpoint ?? []);
  const replaced = findReplaced(search, groups, tombstones);
  const { keepForDays } = request;
  return {
    partitions,
    quarantined: [],
    entries: [],
    replaced: [],
    horizons: [],
    checkpoints: files.checkpoints.map(({ checkpoint }) => checkpoint),
    erasure: {
      rewritten: files.partitions,
      dropped: checkpoints,
      replaced,
      lost: { run_id: context.runId, accepted_at: now.toISOString() },
      tombstone: {
        format: 1,
        erasure: context.runId,
        pipeline: search.pipeline,
        dataset: search.dataset.name,
        by: search.by.name,
        reason: request.reason,
        made_at: now.toISOString(),
        expires_on: keepForDays === null ? null : dateOf(new Date(now.getTime() + keepForDays * DAY_MS)),
        groups: mergeGroups([...groups, ...replaced.flatMap((one) => one.groups)]),
      },
      unfinished: { format: 1, ...describeErased(facts, now) },
    },
  };
}

const DAY_MS = 86_400_000;

function describeErased(
  { project, context, request, search, found, files, dropped }: ErasureFacts,
  now: Date,
): Omit<Unfinished, 'format'> {
  const gone = ({ dataset, date, slot, counts }: Manifest): ErasedPartition => {
    return { dataset, date, slot, rows_before: counts.landed, rows_after: 0, files: [] };
  };
  return {
    erasure: context.runId,
    pipeline: search.pipeline,
    dataset: search.dataset.name,
    by: search.by.name,
    reason: request.reason,
    requested_at: now.toISOString(),
    values: request.values.length,
    people: found.people,
    rows: found.rows,
    partitions: [
      ...files.partitions.map(({ erased }) => erased),
      ...dropped.flatMap(({ partition }) => (partition === null ? [] : [gone(partition)])),
    ],
    checkpoints: [
      ...files.checkpoints.map(({ erased }) => erased),
      ...dropped.flatMap(({ checkpoint }) =>
        checkpoint === null
          ? []
          : [{ model: checkpoint.model, rows_before: checkpoint.file.rows, rows_after: 0, file: null }],
      ),
    ],
    not_covered: [...listUncovered(search, dropped), ...listOthers(project, search), ...ELSEWHERE],
  };
}

function listUncovered({ unsearchable, partitions }: Search, dropped: readonly Unsearchable[]): string[] {
  const adopted = partitions.filter(({ key_id }) => key_id === null);
  return [
    ...unsearchable
      .filter((one) => !dropped.includes(one))
      .map(({ name, why }) => `${name}: not searched, because ${why}`),
    ...adopted.map(
      ({ dataset, date }) => `${dataset} of ${date}: adopted, so only searched under the keys at hand`,
    ),
  ];
}

/** Datasets with tokens of the same kind: they join, and their rows are erased by a command of their own. */
function listOthers({ definitions }: Project, { dataset, by, person }: Search): string[] {
  const scopes = new Set([by.params['scope'], person.params['scope']]);
  return [...definitions.values()].flatMap(({ datasets }) =>
    [...datasets.values()].flatMap(({ name, landing }) => {
      const same = landing.find((column) => isToken(column) && scopes.has(column.params['scope']));
      return name === dataset.name || same === undefined
        ? []
        : [`dataset ${name}: column ${same.name} has tokens of the same scope`];
    }),
  );
}

/** What no command of Lakeveil reaches. */
const ELSEWHERE = [
  'backups, snapshots of the disk and copies that others made',
  'logs/: tokens of rows that failed a check, until ten files of 10 MB are written',
  'archived files of a source, which are not masked',
];
