export { type LineageEvent, lineageEvent } from './lineage-event.js';
export type { LineageFacts } from './lineage-facts.js';
export type { LineageOptions } from './lineage-options.js';
export { lineageRunId } from './lineage-run-id.js';
export { parentRunOf, parentVariables } from './parent-run.js';
export { type LineageTarget, sendLineageEvent } from './send-event.js';
