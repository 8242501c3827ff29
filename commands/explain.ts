import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './base.js';
import { DEFAULT_PIPELINE, pipelineArg } from './flags.js';

export default class Explain extends BaseCommand {
  static override summary =
    'Show what is decided of every field, what that still tells, and the SQL that does it.';
  static override args = { pipeline: pipelineArg({ default: DEFAULT_PIPELINE }) };
  static override flags = { sql: Flags.boolean({ summary: 'The SQL alone.', exclusive: ['json'] }) };
  static override examples = ['<%= config.bin %> explain persons', '<%= config.bin %> explain persons --sql'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Explain);
    await this.act(flags, async (context) => {
      const { openProject } = await import('../src/operations/open-project.js');
      const { explainPipeline } = await import('../src/operations/explain-pipeline.js');
      const { formatExplanation, formatMaskingSql } = await import('../src/output/explanation.js');
      const document = explainPipeline(await openProject(context), args.pipeline);
      const format = flags.sql ? formatMaskingSql : formatExplanation;
      return { document, format: (terminal) => format(document, terminal) };
    });
  }
}
