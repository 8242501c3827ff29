import * as Flags from '@oclif/core/flags';
import { MODEL_FORMATS } from '../src/actions/models/describe-models.js';
import { BaseCommand } from './cli/base.js';
import { choiceFlag, pipelineArg } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Models extends BaseCommand {
  static override summary = SUMMARIES.models;
  static override args = { pipeline: pipelineArg() };
  static override flags = {
    lineage: Flags.boolean({
      summary: 'Trace each column to the landed columns, with class and treatment.',
    }),
    format: choiceFlag({
      summary: 'Output format: table (default), mermaid or json.',
      name: 'format',
      choices: MODEL_FORMATS,
      exclusive: ['json'],
      helpValue: 'FORMAT',
    }),
  };
  static override examples = [
    '<%= config.bin %> models',
    '<%= config.bin %> models persons --format mermaid',
    '<%= config.bin %> models persons --lineage',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Models);
    await this.act(flags, async (context) => {
      const { openChosen } = await import('../src/project.js');
      const { project, pipeline } = await openChosen(context, args.pipeline, 'all');
      const chosen = MODEL_FORMATS.find((format) => format === flags.format) ?? 'table';
      if (flags.lineage) {
        const { describeLineage } = await import('../src/actions/models/describe-lineage.js');
        const { formatLineage } = await import('../src/actions/models/lineage-list.js');
        const document = await describeLineage(project, pipeline);
        return { document, format: (terminal) => formatLineage(document, chosen, terminal) };
      }
      const { describeModels } = await import('../src/actions/models/describe-models.js');
      const { formatModels } = await import('../src/actions/models/describe-models.js');
      const document = await describeModels(project, pipeline);
      return { document, format: (terminal) => formatModels(document, chosen, terminal) };
    });
  }
}
