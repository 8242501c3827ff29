import type { RecoveryKeys } from '../../base/types/result.js';

/** How the leftovers of killed runs were handled. */
export function describeRecovery({
  recovered,
  cleaned_up,
}: Pick<RecoveryKeys, 'recovered' | 'cleaned_up'>): string[] {
  return [
    ...recovered.map((runId) => `Completed the interrupted commit of run ${runId}.`),
    ...cleaned_up
      .filter((runId) => !recovered.includes(runId))
      .map((runId) => `Removed the uncommitted files of run ${runId}.`),
  ];
}
