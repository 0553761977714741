import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { useFleet } from '../support/fleet.js';
import { linkPackage } from '../support/linked-package.js';
import { inRepository } from '../support/repository.js';
import { runProgram } from '../support/run-program.js';
import { usualJob, useWorkplace } from '../support/workplace.js';

const place = useWorkplace('file');
const fleet = useFleet(place, 'file');

/** What each example of the document prints, by the file name in its first line. */
const PRINTS: Record<string, string> = {
  'object.mjs': 'free',
  'score.mjs': '{ read: 5000, scored: 5000, rejected: 0, filtered: 0 }\n1 true',
  'stop.mjs': 'INTERRUPTED\ntrue 5000',
  'fleet.mjs': '5000',
  'accept.mjs': 'Ada 5000',
  'error.mjs': 'INPUT_NOT_FOUND true true',
};

const examples = new Map<string, string>();
beforeAll(async () => {
  const text = await readFile(inRepository('docs', 'node-api.md'), 'utf8');
  for (const [, code = ''] of text.matchAll(/^```js\n(.*?)^```$/gms)) {
    examples.set(/^\/\/ (\S+)\n/.exec(code)?.[1] ?? code, code);
  }
  await place.prepare({ rows: 5000 });
  const checks = [{ name: 'enough', kind: 'rowCount', min: 6000 }];
  const checked = { ...usualJob, checks, output: { ...usualJob.output, uri: 'checked' } };
  await place.write('checked.json', JSON.stringify(checked));
  await linkPackage(place.path());
  await fleet.start(1);
});

it('docs/node-api.md has these examples and no other', () => {
  expect([...examples.keys()].toSorted()).toEqual(Object.keys(PRINTS).toSorted());
});

it.each(Object.entries(PRINTS))(
  '%s of docs/node-api.md prints what it should',
  async (name, out) => {
    const file = await place.write(name, examples.get(name) ?? '');
    const env = { XDG_CACHE_HOME: place.path('.cache'), NO_COLOR: '1' };
    const { code, stdout, stderr } = await runProgram(process.execPath, [file], {
      cwd: place.path(),
      env,
    });
    expect(code, stderr).toBe(0);
    expect(stdout.trim()).toBe(out);
  },
);
