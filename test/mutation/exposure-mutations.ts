import type { Mutation } from './mutation.js';

const ENGINE = 'packages/worker/src';

/** Guards of secrets, ports, terminals and what processes leave behind. */
export const exposureMutations: readonly Mutation[] = [
  {
    name: 'the mask of logins in addresses',
    edits: [
      {
        file: 'packages/cli/src/ui/settings-report.ts',
        text: "if (type === 'httpUrl') return withoutLogin(value, `${MASK}@`);",
        replacement: '',
      },
    ],
    tests: ['packages/cli/src/commands/config.test.ts'],
    only: 'shows no login',
  },
  {
    name: "the filter of engines' environment",
    edits: [
      {
        file: `${ENGINE}/engine-process/engine-environment.ts`,
        text: 'NAMES.has(name) ||',
        replacement: 'name !== null ||',
      },
    ],
    tests: [`${ENGINE}/engine-process/engine-environment.test.ts`],
    only: 'an engine of a fleet',
  },
  {
    name: 'the token of metrics',
    edits: [
      {
        file: 'packages/cli/src/serve/status-server.ts',
        text: 'if (!hasBearerToken(request.headers.authorization, token)) {',
        replacement: 'if (hasBearerToken(null, token)) {',
      },
    ],
    tests: ['packages/cli/src/serve/status-server.test.ts'],
    only: 'shows metrics only with the token',
  },
  {
    name: 'the limit of connections',
    edits: [
      {
        file: 'packages/cli/src/serve/status-server.ts',
        text: 'limitConnections(server, MAX_CONNECTIONS);',
        replacement: '',
      },
    ],
    tests: ['packages/cli/src/serve/status-server.test.ts'],
    only: 'closes the oldest connection',
  },
  {
    name: 'the path of a request that is no URL',
    edits: [
      {
        file: 'packages/cli/src/serve/status-server.ts',
        text: "const path = request.url?.split('?', 1)[0] ?? '';",
        replacement: "const path = new URL(request.url ?? '', 'http://x').pathname;",
      },
    ],
    tests: ['packages/cli/src/serve/status-server.test.ts'],
    only: 'answers 404 to the path //$',
  },
  {
    name: 'the address that is listened on',
    edits: [
      {
        file: 'packages/cli/src/serve/status-server.ts',
        text: "host = '127.0.0.1'",
        replacement: "host = '0.0.0.0'",
      },
    ],
    tests: ['packages/cli/src/serve/status-server.test.ts'],
    only: 'listens on this machine alone',
  },
  {
    name: 'what killed processes left',
    edits: [
      {
        file: `${ENGINE}/stage/work-folder.ts`,
        text: 'if (await isLeftOver(other, target, now)) await rm(target, { recursive: true, force: true });',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/stage/work-folder.test.ts`],
    only: 'removes what killed processes left',
  },
  {
    name: "the secrets of the fleet in a command's engine",
    edits: [
      {
        file: `${ENGINE}/engine-process/engine-environment.ts`,
        text: '!SECRETS.test(name)',
        replacement: "name !== ''",
      },
    ],
    tests: [`${ENGINE}/engine-process/engine-environment.test.ts`],
    only: 'all but the secrets',
  },
  {
    name: 'control characters shown as text',
    edits: [
      {
        file: 'packages/cli/src/own-sequences.ts',
        text: 'text.split(MARK).map(showControls)',
        replacement: 'text.split(MARK)',
      },
    ],
    tests: ['packages/cli/src/own-sequences.test.ts'],
    only: 'has none from outside',
  },
];
