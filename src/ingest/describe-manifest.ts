import { createHash } from 'node:crypto';
import type { CompiledPolicy } from '../anonymize/compile-policy.js';
import { checkKey, type MasterKey } from '../anonymize/keys.js';
import { TREATMENTS } from '../anonymize/treatments/registry.js';
import type { ContractDefinition, DatasetDefinition, LandingColumn } from '../base/types/definition.js';
import type { Manifest, ManifestColumn, ManifestSource } from '../base/types/manifest.js';
import type { Counts } from '../base/types/run-record.js';

export interface ManifestFacts {
  readonly pipeline: string;
  readonly dataset: DatasetDefinition;
  readonly policy: CompiledPolicy;
  readonly date: string;
  readonly slot: string | null;
  readonly runId: string;
  readonly counts: Counts;
  readonly observedSha256: string | null;
  readonly withheld: number | null;
  /** Null if the key of the tokens is not known. */
  readonly key: MasterKey | null;
  readonly landedAt: Date;
  readonly source: ManifestSource;
  /** The day on which a snapshot was taken, where that is not its date. */
  readonly asOf: string | null;
  /** What `{last_success}` stood for; null where the request does not use it. */
  readonly since: string | null;
  readonly toolVersion: string;
  readonly duckdbVersion: string;
}

/** What a manifest says, but for its files. Pure. */
export function manifestOf(facts: ManifestFacts): Omit<Manifest, 'files'> {
  const { dataset, policy, key } = facts;
  const usesKey = [...policy.parameters.values()].some(({ kind }) => kind === 'pad');
  const used = usesKey ? key : null;
  return {
    format: 1,
    pipeline: facts.pipeline,
    dataset: dataset.name,
    date: facts.date,
    slot: facts.slot,
    run_id: facts.runId,
    counts: facts.counts,
    columns: dataset.landing.map(describeColumn),
    policy_sha256: policy.sha256,
    contract_sha256: hashContract(dataset.contract),
    observed_sha256: facts.observedSha256,
    withheld: facts.withheld,
    key_id: used?.id ?? null,
    key_check: used === null ? null : checkKey(used),
    landed_at: facts.landedAt.toISOString(),
    source: facts.source,
    as_of: facts.asOf,
    ...(facts.since === null ? {} : { since: facts.since }),
    adopted: facts.source.kind === 'adopted',
    raw_zone: dataset.rawZone,
    tool_version: facts.toolVersion,
    duckdb_version: facts.duckdbVersion,
  };
}

function describeColumn({
  name,
  type,
  class: pii,
  part,
  treatment,
  params,
  from,
  reviewed,
}: LandingColumn): ManifestColumn {
  const isKept = TREATMENTS.get(treatment)?.keeps === 'always';
  const bounds = isKept ? { bound: from.map((leaf) => leaf.bound) } : {};
  const facts = TREATMENTS.get(treatment)?.facts(params) ?? {};
  const taken = part === null ? {} : { part };
  return {
    name,
    type,
    class: pii,
    ...taken,
    treatment,
    params: { ...params, ...bounds, ...facts },
    reviewed,
  };
}

function hashContract({ onUnknownField, maxRejected, schema }: ContractDefinition): string {
  return createHash('sha256').update(JSON.stringify({ onUnknownField, maxRejected, schema })).digest('hex');
}
