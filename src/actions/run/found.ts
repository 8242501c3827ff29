/** What dead runs had left, and what became of it. */
export function describeFound({
  healed,
  swept,
}: {
  readonly healed: readonly string[];
  readonly swept: readonly string[];
}): string[] {
  return [
    ...healed.map((runId) => `Finished what run ${runId} had committed and not finished.`),
    ...swept
      .filter((runId) => !healed.includes(runId))
      .map((runId) => `Removed what run ${runId} had left before it could commit.`),
  ];
}
