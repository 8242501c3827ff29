export const PRUNE_ZONES = ['raw', 'ledger', 'quarantine'] as const;
export type PruneZone = (typeof PRUNE_ZONES)[number];

/** What `pipeline prune` is asked for. */
export interface PruneRequest {
  /** Null for all of the lake, also what no definition names any more. */
  readonly pipeline: string | null;
  /** Dates are old that are before the date so many days ago (UTC). */
  readonly olderThanDays: number;
  readonly what: readonly PruneZone[];
  /** False: say what would go, and change nothing. */
  readonly apply: boolean;
}
