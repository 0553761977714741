import type { Mutation } from './mutation.js';

const SCHEDULER = 'packages/scheduler/src';

/** Guards of runs that wait for their input, and of notifications. */
export const waitingMutations: readonly Mutation[] = [
  {
    name: 'the wait before planning',
    edits: [
      {
        file: `${SCHEDULER}/state/fold-run.ts`,
        text: "return job.input.waitFor === undefined ? 'submitted' : 'waiting';",
        replacement: "return job.input.waitFor === null ? 'waiting' : 'submitted';",
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-waiting.test.ts`],
    only: 'after its time: skip',
  },
  {
    name: 'the end of a wait',
    edits: [
      {
        file: `${SCHEDULER}/wait/decide-wait.ts`,
        text: 'if (leftMs <= 0)',
        replacement: 'if (leftMs < -1e15)',
      },
    ],
    tests: [`${SCHEDULER}/wait/decide-wait.test.ts`],
    only: 'no longer than its time',
  },
  {
    name: 'the note of an end while its run has a marker',
    edits: [
      {
        file: `${SCHEDULER}/service/run/run-steps.ts`,
        text: 'await this.context.noteEnds(this.#run);',
        replacement: 'void this.context.noteEnds(this.#run).catch(() => {});',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-announcements.test.ts`],
    only: 'one that dies between the end of a run and its notification',
  },
  {
    name: 'what says that a notification is settled',
    edits: [
      {
        file: `${SCHEDULER}/notify/stored-outbox.ts`,
        text: 'if ((await this.store.head(settled + name)) !== undefined) {',
        replacement: 'if (name === settled) {',
      },
    ],
    tests: [`${SCHEDULER}/notify/notification-sender.test.ts`],
    only: 'adds nothing that is settled, and never sends it again',
  },
  {
    name: 'the time under the signature',
    edits: [
      {
        file: `${SCHEDULER}/notify/sign.ts`,
        text: '${id}.${timestamp}.${body}',
        replacement: '${id}.${body}',
      },
    ],
    tests: [`${SCHEDULER}/notify/sign.test.ts`],
    only: 'signs as the example of Standard Webhooks has it',
  },
  {
    name: 'the check of the addresses of a name',
    edits: [
      {
        file: `${SCHEDULER}/notify/post.ts`,
        text: "if (fault !== undefined) return callback(forbidden(url, address, fault), '', 0);",
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/notify/post.test.ts`],
    only: 'are refused where only public ones may be: localhost',
  },
  {
    name: 'the check of an address in a URL',
    edits: [
      {
        file: `${SCHEDULER}/notify/post.ts`,
        text: 'if (fault !== undefined) throw forbidden(url, host, fault);',
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/notify/post.test.ts`],
    only: 'are refused where only public ones may be: 2130706433',
  },
];
