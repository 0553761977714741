/** What a local run needs of this package before its engine is there: little, so that it is loaded quickly. */
export { EngineProcess } from './engine-process.js';
export { limitPlanning, type PlanningLimits, type PlanningProcess } from './limit-planning.js';
