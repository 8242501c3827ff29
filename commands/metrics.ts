import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Metrics extends BaseCommand {
  static override summary = SUMMARIES.metrics;
  static override flags = {
    textfile: Flags.string({
      summary: 'Write the metrics to this file, for the textfile collector of node_exporter.',
      helpValue: 'FILE',
    }),
  };
  static override examples = [
    '<%= config.bin %> metrics',
    '<%= config.bin %> metrics --textfile /var/lib/node_exporter/lakeveil.prom',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Metrics);
    await this.act(flags, async (context) => {
      const { openTables } = await import('../src/project.js');
      const { gatherMetrics } = await import('../src/actions/metrics/gather-metrics.js');
      const { text, metrics } = await gatherMetrics(await openTables(context));
      if (flags.textfile === undefined) return { document: { metrics }, format: () => text.trimEnd() };
      const path = resolve(flags.textfile);
      const { writeTextfile } = await import('../src/actions/metrics/write-textfile.js');
      await writeTextfile(path, text);
      return { document: { path, metrics }, format: () => `Wrote ${metrics.length} metrics to ${path}` };
    });
  }
}
