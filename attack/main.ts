import { attackAnswers } from './attack-answers.js';
import { attackDamagedFiles } from './attack-damaged-files.js';
import type { AttackResult } from './attack-result.js';
import { attackSql } from './attack-sql.js';

/** `npm run attack`: tries to break the promises, and prints how each group of attacks ended. */
const ATTACKS: Readonly<Record<string, () => Promise<AttackResult>>> = {
  'SQL statements': () => attackSql(),
  'hostile answers': () => attackAnswers(),
  'damaged files': () => attackDamagedFiles(),
};

let failed = 0;
for (const [name, attack] of Object.entries(ATTACKS)) {
  const { tried, verdicts, failures } = await attack();
  const counts = Object.entries(verdicts).map(([verdict, count]) => `${String(count)} ${verdict}`);
  process.stdout.write(
    `${name}: ${String(tried)} tried, ${counts.join(', ')}, ${String(failures.length)} failed\n`,
  );
  for (const failure of failures) process.stdout.write(`  ${failure}\n`);
  failed += failures.length;
}
process.exitCode = failed === 0 ? 0 : 1;
