const LINE = /^([a-z_][a-z0-9_]*) because (\S.*)$/;

/** `-- exposes: COLUMN because WHY`, one line a column: the reasons by column; null where a line says it otherwise. */
export function readExposes(text: string | undefined): ReadonlyMap<string, string> | null {
  const exposes = new Map<string, string>();
  for (const line of text?.split('\n') ?? []) {
    const [, column, why] = LINE.exec(line) ?? [];
    if (column === undefined || why === undefined || exposes.has(column)) return null;
    exposes.set(column, why);
  }
  return exposes;
}
