import { createInterface } from 'node:readline/promises';
import { ShardmillError } from '@shardmill/core';

/** Asks a question that is answered by yes or no. @throws USAGE where there is no terminal to ask */
export type Ask = (question: string) => Promise<boolean>;

/** Asks on the terminal; an empty answer is no. */
export const askOnTerminal: Ask = async (question) => {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new ShardmillError('USAGE', 'this has to be confirmed, and there is no terminal', {
      remedy: 'Look with --dry-run, then give --yes.',
    });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
};
