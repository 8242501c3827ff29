/**
 * A run's own folder (mode 0700) under `_staging/`. Its lock file is next to it and is taken before the folder is created,
 * so that no cleanup mistakes a new folder for one of a dead run.
 */
export interface Staging {
  readonly dir: string;
  /** Base name of `dir`: the run's id. */
  readonly name: string;
  /**
   * Removes the folder, which is not written to again. If the commit of the run was interrupted, the folder is kept for
   * the next command, which rolls the commit forward.
   */
  clear(): Promise<void>;
  /** Clears and releases the lock: the run is over and recorded in the ledger. */
  close(): Promise<void>;
  /** Clears and leaves the lock file: the run is over, and the next cleanup records it. */
  abandon(): Promise<void>;
}

/** Dead runs that a command recovered or cleaned up, by run id. */
export interface Recovery {
  /** Runs whose commit was rolled forward. */
  readonly recovered: readonly string[];
  /** Runs whose staging folder was removed. */
  readonly cleanedUp: readonly string[];
}
