/**
 * A run's own folder (mode 0700) under `_staging/`. Its lock lies beside it and is taken before the folder is made, so
 * that no sweeper can take a new folder for one of a dead run.
 */
export interface Staging {
  readonly dir: string;
  /** Base name of `dir`: the run's id. */
  readonly name: string;
  /**
   * Removes the folder, which will not be written to again. If the run has committed and could not finish, the folder
   * stays for the next command, which rolls the commit forward.
   */
  clear(): Promise<void>;
  /** Clears, and releases the lock: the run is over, and the ledger says so. */
  close(): Promise<void>;
  /** Clears, and leaves the lock file behind: the run is over, and the next sweeper records that. */
  abandon(): Promise<void>;
}

/** What a command found of dead runs, and put right, by run id. */
export interface Recovery {
  /** Runs whose commit was rolled forward. */
  readonly healed: readonly string[];
  /** Runs whose staging folder was removed. */
  readonly swept: readonly string[];
}
