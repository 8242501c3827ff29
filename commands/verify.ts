import { BaseCommand } from './cli/base.js';
import { dateFlag } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Verify extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.verify;
  static override flags = {
    date: dateFlag({ summary: 'Verify only this date; default: all dates and the ledger.' }),
  };
  static override examples = ['<%= config.bin %> verify', '<%= config.bin %> verify --date 2026-11-20'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Verify);
    await this.act(flags, async (context) => {
      const { openProject } = await import('../src/project.js');
      const { evaluateVerify, verifyLake } = await import('../src/actions/verify/verify-lake.js');
      const { formatVerify } = await import('../src/actions/verify/verify-lake.js');
      const document = await verifyLake(await openProject(context), { date: flags.date ?? null });
      const error = evaluateVerify(document);
      const format = (): string => formatVerify(document);
      return error === null ? { document, format } : { document, format, error };
    });
  }
}
