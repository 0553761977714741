import { encodeModel } from '@shardmill/test-kit';
import { beforeAll, expect, test } from 'vitest';
import { useFleet } from '../support/fleet.js';
import { useWorkplace } from '../support/workplace.js';

// Escape sequences in every name and value that comes from outside, and what reaches the terminal.

const place = useWorkplace('file');
const fleet = useFleet(place, 'file');

/** Clears the screen, sets the title, hides text, and turns text around. */
const EVIL = '\u001b[2J\u001b]0;owned\u0007\u009b8m\u202e\r';
/** Within a literal of SQL. */
const COLUMN = `c${EVIL}`;

beforeAll(async () => {
  await place.writeParquet(
    'data/a.parquet',
    `SELECT i::DOUBLE AS "${COLUMN}", 'v${EVIL}' AS s FROM range(20) r(i)`,
  );
  await place.write('model.onnx', evilModel());
});

function evilModel(): Uint8Array {
  const [input, output] = [`x${EVIL}`, `y${EVIL}`];
  const shape = ['rows', 1] as const;
  return encodeModel({
    graph: {
      name: `g${EVIL}`,
      inputs: [{ name: input, type: 'float32', shape }],
      outputs: [{ name: output, type: 'float32', shape }],
      nodes: [{ op: 'Identity', inputs: [input], outputs: [output] }],
    },
  });
}

const quoted = (name: string): string => `"${name}"`;

async function writeJob(change: object = {}): Promise<void> {
  await place.writeJob({
    features: { [`x${EVIL}`]: [quoted(COLUMN)] },
    output: {
      uri: 'out',
      mode: 'overwrite',
      columns: { [COLUMN]: quoted(COLUMN), score: quoted(`y${EVIL}`) },
    },
    ...change,
  });
}

/** Colours are on, so that own sequences are seen to be the only ones. */
async function shown(args: readonly string[], color: boolean): Promise<string> {
  const script = color ? 'unset NO_COLOR; FORCE_COLOR=1 exec "$@"' : 'exec "$@"';
  const { stdout, stderr } = await place.startIn(script, ...args).ended;
  return stdout + stderr;
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
// oxlint-disable-next-line no-control-regex -- colours are control characters
const OWN_COLORS = /\u001b\[(?:1|2|22|3[1-6]|39)m/g;

const WRONG = {
  'a column that is not there': { features: { features: [`gone${EVIL}`] } },
  'an expression that cannot be parsed': { input: { uri: 'data', where: `a${EVIL} +` } },
  'an expression that fails': {
    output: {
      uri: 'out',
      mode: 'overwrite',
      columns: { x: `error('${EVIL}')`, score: quoted(`y${EVIL}`) },
    },
  },
  'an input that is not there': { input: { uri: `gone${EVIL}` } },
  'a model that is not there': { model: { uri: `gone${EVIL}.onnx` } },
  'an unknown key': { [`key${EVIL}`]: 1 },
  'a value that is not allowed': { output: { uri: 'out', compression: EVIL, columns: {} } },
};

const COMMANDS: readonly (readonly string[])[] = [
  ['plan', 'job.json'],
  ['validate', 'job.json'],
  ['run', 'job.json'],
  ['run', 'job.json', '--json'],
  ['inspect', 'data'],
  ['inspect', 'data', '--json'],
  ['inspect', 'model.onnx'],
  ['inspect', 'out'],
  ['init', `made${EVIL}`, '--from', 'data', '--model', 'model.onnx'],
  [`command${EVIL}`],
  ['run', `job${EVIL}`],
  ['status', `run${EVIL}`],
  ['runs'],
];

const named = COMMANDS.map((args) => [args.join(' ').replaceAll(EVIL, ''), args] as const);

test.each(named)('%s prints no control character from outside', async (_, args) => {
  await writeJob();
  const text = await shown(args, true);
  expect(text).not.toBe('');
  expect(text.replaceAll(OWN_COLORS, '')).not.toMatch(CONTROLS);
});

test.each(Object.entries(WRONG))('neither does the error for %s', async (_, change) => {
  await writeJob(change);
  for (const command of ['plan', 'run']) {
    const text = await shown([command, 'job.json'], true);
    expect(text.replaceAll(OWN_COLORS, '')).not.toMatch(CONTROLS);
    expect(text).toContain('error');
  }
});

test('names are shown, with what they hold as escapes', async () => {
  await writeJob();
  const text = await shown(['inspect', 'data'], false);
  expect(text).toContain('c\\u001b[2J\\u001b]0;owned\\u0007\\u009b8m\\u202e');
});

test('neither do the logs of a scheduler for people, nor the status of a run', async () => {
  await writeJob({ input: { uri: `gone${EVIL}` } });
  const scheduler = fleet.scheduler('--log-format', 'pretty', '--interval', '200ms');
  await fleet.ready(1, 0);
  const waited = await shown(['submit', 'job.json', '--wait'], true);
  const status = await shown(['status', 'last'], true);
  const list = await shown(['runs'], true);
  for (const text of [waited, status, list, scheduler.stderr]) {
    expect(text).not.toBe('');
    expect(text.replaceAll(OWN_COLORS, '')).not.toMatch(CONTROLS);
  }
  expect(scheduler.stderr).toContain('\\u001b[2J');
});
