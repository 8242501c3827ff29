/** What came of a number of attacks. */
export interface AttackResult {
  readonly tried: number;
  /** How many ended in each way. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** One text for each that did not end as it must; empty if all is well. */
  readonly failures: readonly string[];
}
