import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Leakscan extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.leakscan;
  static override flags = {
    canary: Flags.string({
      summary:
        'File with one value per line that must be nowhere, such as names and addresses of the source.',
      helpValue: 'FILE',
    }),
  };
  static override examples = [
    '<%= config.bin %> leakscan',
    '<%= config.bin %> leakscan --canary /run/user/1000/names.txt --json',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Leakscan);
    await this.act(flags, async (context) => {
      const { openPublished } = await import('../src/project.js');
      const { scanProject } = await import('../src/actions/leakscan/leakscan.js');
      const { evaluateLeaks, formatLeaks } = await import('../src/actions/leakscan/leak-findings.js');
      const document = await scanProject(await openPublished(context), { canary: flags.canary ?? null });
      const error = evaluateLeaks(document);
      const format = (): string => formatLeaks(document);
      return error === null ? { document, format } : { document, format, error };
    });
  }
}
