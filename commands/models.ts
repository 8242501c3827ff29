import { MODEL_FORMATS } from '../src/output/model-format.js';
import { BaseCommand } from './base.js';
import { choiceFlag, DEFAULT_PIPELINE, pipelineArg } from './flags.js';

export default class Models extends BaseCommand {
  static override summary = 'Print the graph of models, how each is built, its rows and its last build.';
  static override args = { pipeline: pipelineArg({ default: DEFAULT_PIPELINE }) };
  static override flags = {
    format: choiceFlag({
      summary: 'table (default), mermaid or json.',
      name: 'format',
      choices: MODEL_FORMATS,
      exclusive: ['json'],
      helpValue: 'FORMAT',
    }),
  };
  static override examples = [
    '<%= config.bin %> models',
    '<%= config.bin %> models persons --format mermaid',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Models);
    await this.act(flags, async (context) => {
      const { openProject } = await import('../src/operations/open-project.js');
      const { describeModels } = await import('../src/operations/describe-models.js');
      const { formatModels } = await import('../src/output/model-list.js');
      const document = await describeModels(await openProject(context), args.pipeline);
      const chosen = MODEL_FORMATS.find((format) => format === flags.format) ?? 'table';
      return { document, format: (terminal) => formatModels(document, chosen, terminal) };
    });
  }
}
