import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { pipelineArg } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Explain extends BaseCommand {
  static override summary = SUMMARIES.explain;
  static override args = { pipeline: pipelineArg() };
  static override flags = { sql: Flags.boolean({ summary: 'Print only the SQL.', exclusive: ['json'] }) };
  static override examples = ['<%= config.bin %> explain persons', '<%= config.bin %> explain persons --sql'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Explain);
    await this.act(flags, async (context) => {
      const { openChosen } = await import('../src/project.js');
      const { explainPipeline } = await import('../src/actions/explain/explain-pipeline.js');
      const { formatExplanation, formatMaskingSql } =
        await import('../src/actions/explain/explain-pipeline.js');
      const { project, pipeline } = await openChosen(context, args.pipeline, 'own');
      const document = explainPipeline(project, pipeline);
      const format = flags.sql ? formatMaskingSql : formatExplanation;
      return { document, format: (terminal) => format(document, terminal) };
    });
  }
}
