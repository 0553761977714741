/**
 * When a schedule is due. Apart from the other exports, since the library that reads cron expressions is
 * needed nowhere else.
 */
export { cronFault, exampleTicks } from './schedule/cron.js';
export {
  intervalOf,
  isTick,
  lastTick,
  lastTicks,
  logicalDate,
  nextTick,
  nextTicks,
  type ScheduleTiming,
  ticksBetween,
  windowOf,
} from './schedule/ticks.js';
export { parseMoment } from './schedule/parse-moment.js';
export { zonedTimestampText } from './time/timestamp.js';
