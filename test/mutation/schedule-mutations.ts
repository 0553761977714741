import type { Mutation } from './mutation.js';

const SCHEDULES = 'packages/scheduler/src/schedules';

/** Guards of schedules. */
export const scheduleMutations: readonly Mutation[] = [
  {
    name: 'the condition on the decision about a tick',
    edits: [
      {
        file: `${SCHEDULES}/ticks/tick-log.ts`,
        text: 'const decided = await createOnce(this.store, tickKey(schedule, id, 0), event);',
        replacement: `const bytes = Buffer.from(JSON.stringify(event));
    await this.store.replace(tickKey(schedule, id, 0), bytes);
    const decided = true;`,
      },
    ],
    tests: [`${SCHEDULES}/ticks/tick-log.test.ts`],
    only: 'deciding a tick is done once, by the first scheduler',
  },
];
