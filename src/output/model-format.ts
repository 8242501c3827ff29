/** How the graph of models can look; a list of its own, so that the flags load nothing else. */
export const MODEL_FORMATS = ['table', 'mermaid', 'json'] as const;
export type ModelFormat = (typeof MODEL_FORMATS)[number];
