import type { Mutation } from './mutation.js';

const SCHEDULER = 'packages/scheduler/src';
const ENGINE = 'packages/worker/src';

/** Guards against messages and stored plans that say what the log of runs does not say. */
export const messageMutations: readonly Mutation[] = [
  {
    name: 'the comparison of a message with the log of runs',
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: 'return reason === undefined ? undefined : this.#refuse(reason);',
        replacement: 'return reason === null ? this.#refuse(reason) : undefined;',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard.test.ts`],
    only: 'is refused, and nothing of it is followed',
  },
  {
    name: 'what a message is compared by',
    edits: [
      {
        file: `${ENGINE}/shard/logged-runs.ts`,
        text: 'canonicalJson([said[name]]) === canonicalJson([value]) ? [] : [name],',
        replacement: 'said === value ? [name] : [],',
      },
    ],
    tests: [`${ENGINE}/shard/logged-runs.test.ts`],
    only: 'is refused where it says otherwise',
  },
  {
    name: 'the name of a message',
    edits: [
      {
        file: `${ENGINE}/shard/logged-runs.ts`,
        text: 'if (id !== shardId(message)) return',
        replacement: 'if (id === undefined) return',
      },
    ],
    tests: [`${ENGINE}/shard/logged-runs.test.ts`],
    only: 'is refused under another name',
  },
  {
    name: 'the form of ids in messages',
    edits: [
      {
        file: 'packages/queue/src/shards/stored-shard.ts',
        text: "z.string().refine(isRunId, 'expected the id of a run')",
        replacement: 'z.string()',
      },
    ],
    tests: ['packages/queue/src/shards/stored-shard.test.ts'],
    only: 'says what is wrong with a (run|plan) that leads elsewhere',
  },
  {
    name: 'the digest that is computed over a stored plan',
    edits: [
      {
        file: 'packages/core/dist/plan/stored-plan.js',
        text: 'if (found === digest && plan.digest === digest)',
        replacement: 'if (found !== null)',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-planning.test.ts`],
    only: 'follows no plan that was changed',
  },
  {
    name: 'the form of ids in keys',
    edits: [
      {
        file: 'packages/core/src/plan/object-layout.ts',
        text: 'if (isRunId(runId)) return runId;',
        replacement: 'if (runId !== null) return runId;',
      },
    ],
    tests: ['packages/core/src/plan/object-layout.test.ts'],
    only: 'refuses what would lead out of the run',
  },
  {
    name: "the second parse of a plan's expressions",
    edits: [
      {
        file: `${ENGINE}/sql/check-scoring.ts`,
        text: 'await parseExpression(connection, rules, sql, where);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/sql/check-scoring.test.ts`],
    only: 'a plan is refused whose SQL',
  },
  {
    name: 'that what stands between the parentheses of a plan was parsed',
    edits: [
      {
        file: `${ENGINE}/sql/check-scoring.ts`,
        text: 'if (inside !== undefined && isParsed(inside)) return true;',
        replacement: 'if (inside !== undefined) return true;',
      },
    ],
    tests: [`${ENGINE}/sql/check-scoring.test.ts`],
    only: 'only looks like it',
  },
  {
    name: "the parse of a plan's types",
    edits: [
      {
        file: `${ENGINE}/sql/check-scoring.ts`,
        text: "if (cast.tree['class'] === 'CAST') return;",
        replacement: 'if (cast.sql !== null) return;',
      },
    ],
    tests: [`${ENGINE}/sql/check-scoring.test.ts`],
    only: 'more than types',
  },
  {
    name: 'the end of a run that all workers refuse',
    edits: [
      {
        file: `${SCHEDULER}/service/dispatch/run-dispatch.ts`,
        text: 'const end = this.#refusals.check(workers) ?? over;',
        replacement: 'const end = (workers, over);',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-service.test.ts`],
    only: 'whose shards every worker of its pool refuses',
  },
  {
    name: 'what is kept of a refused message',
    edits: [
      {
        file: 'packages/queue/src/shards/release-shard.ts',
        text: 'await keepRefused(link, this.refusedKey, { id, reason: outcome.reason, data });',
        replacement: '',
      },
    ],
    tests: ['packages/queue/src/shards/bull-shard-consumer.test.ts'],
    only: 'takes a shard out that is refused',
  },
];
