import { expect, test } from 'vitest';
import { refusalOf } from '../support/command.js';
import { finishedMarks } from '../support/output-folder.js';
import { usualJob, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

test.each([
  [
    'an unknown key, with the nearest known one',
    'job.json',
    JSON.stringify({ ...usualJob, feature: {} }),
    { code: 'JOB_INVALID', message: /"feature".*"features"/s, where: /job\.json$/ },
  ],
  [
    'an unknown key below another, with the nearest known one',
    'job.yaml',
    'name: test\ninput: { uri: data, were: a > 1 }\nmodel: { uri: m.onnx }\noutput: { uri: out, columns: { id: id } }\n',
    { code: 'JOB_INVALID', message: /"input\.were".*"where"/s, where: /job\.yaml$/ },
  ],
  [
    'a missing key, and all faults at once',
    'job.json',
    JSON.stringify({ name: 'Not A Name', input: { uri: 'data' }, output: usualJob.output }),
    { code: 'JOB_INVALID', message: /name: .*lower-case.*model: /s, where: /job\.json$/ },
  ],
  [
    'YAML that does not parse, with its line',
    'job.yaml',
    'name: test\ninput: { uri: data\nmodel: x\n',
    { code: 'JOB_UNREADABLE', message: /./, where: /job\.yaml:[23]:\d+$/ },
  ],
  [
    'JSON that does not parse, with its line',
    'job.json',
    '{\n  "name": "test",\n  "input": {,}\n}',
    { code: 'JOB_UNREADABLE', message: /./, where: /job\.json:3:13$/ },
  ],
  [
    'TypeScript that does not parse, with its line',
    'job.ts',
    "import { defineJob } from 'shardmill';\nexport default defineJob({ name: );\n",
    { code: 'JOB_UNREADABLE', message: /./, where: /job\.ts:2:\d+$/ },
  ],
  [
    'TypeScript that throws',
    'job.ts',
    "throw new Error('no such secret');\nexport default {};\n",
    { code: 'JOB_UNREADABLE', message: /no such secret/, where: /job\.ts:1/ },
  ],
  [
    'TypeScript without a default export',
    'job.ts',
    "export const job = { name: 'test' };\n",
    { code: 'JOB_INVALID', message: /default export/, where: /job\.ts$/ },
  ],
  [
    'an import that is not there',
    'job.ts',
    "import { x } from './missing.js';\nexport default { name: x };\n",
    { code: 'JOB_UNREADABLE', message: /missing\.js/, where: /job\.ts/ },
  ],
])('a job file is refused that has %s', async (_, file, text, expected) => {
  await place.prepare();
  await place.write(file, text);
  const ended = await place.shardmill('run', file, '--json');
  expect(refusalOf(ended)).toEqual({
    code: expected.code,
    message: expect.stringMatching(expected.message),
    where: expect.stringMatching(expected.where),
    remedy: expect.stringMatching(/./),
    exitCode: 2,
  });
  expect(ended.code).toBe(2);
  expect(await finishedMarks(place.path('.'))).toEqual([]);
});

test('a job is refused that does not exist', async () => {
  await place.prepare();
  const ended = await place.shardmill('run', 'jbo.json');
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(/^error JOB_NOT_FOUND .*"jbo\.json"/);
  expect(ended.stderr).toMatch(/\n {2}where {2}/);
  expect(ended.stderr).toMatch(/\n {2}do {5}/);
});
