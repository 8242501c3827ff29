import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Publish extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.publish;
  static override flags = {
    out: Flags.string({
      summary: 'Output folder or file; default: site/ or site.html in the project.',
      helpValue: 'PATH',
    }),
    'single-file': Flags.boolean({ summary: 'Write one self-contained file.' }),
  };
  static override examples = [
    '<%= config.bin %> publish',
    '<%= config.bin %> publish --out /srv/www/lake',
    '<%= config.bin %> publish --single-file --out report.html',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Publish);
    await this.act(flags, async (context) => {
      const { openTables } = await import('../src/project.js');
      const { publishSite } = await import('../src/dashboard/publish-site.js');
      const { formatBytes } = await import('../src/base/text/numbers.js');
      const { countOf } = await import('../src/base/text/numbers.js');
      const request = { out: flags.out ?? null, singleFile: flags['single-file'] };
      const document = await publishSite(await openTables(context), request);
      const { entry, files, bytes } = document;
      return { document, format: () => `${entry}: ${countOf(files, 'file')}, ${formatBytes(bytes)}` };
    });
  }
}
