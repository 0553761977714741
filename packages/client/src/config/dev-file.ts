import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isProcessAlive, makeFolder } from '@shardmill/core';
import { WORK_FOLDER } from './find-project.js';

/** What `shardmill dev` leaves for the other commands of its project: where its Redis and state are. */
export interface DevFile {
  /** The id of the `dev` process; the file means nothing once it has ended. */
  readonly pid: number;
  readonly redis: string;
  readonly state: string;
}

const schema = z.object({ pid: z.int().positive(), redis: z.string(), state: z.string() });

const fileIn = (project: string): string => path.join(project, WORK_FOLDER, 'dev.json');

/** @returns undefined where no `dev` is running there. */
export async function readDevFile(project: string): Promise<DevFile | undefined> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(fileIn(project), 'utf8'));
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(content);
  return parsed.success && isProcessAlive(parsed.data.pid) ? parsed.data : undefined;
}

/** Only for its own user to read: the address of Redis may hold a password. */
export async function writeDevFile(project: string, content: DevFile): Promise<void> {
  const file = fileIn(project);
  await makeFolder(path.dirname(file));
  await writeFile(file, JSON.stringify(content), { mode: 0o600 });
}

export async function removeDevFile(project: string): Promise<void> {
  await rm(fileIn(project), { force: true });
}
