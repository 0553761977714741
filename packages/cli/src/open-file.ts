import { spawn } from 'node:child_process';
import { ShardmillError } from '@shardmill/core';

/** Shows a file with the program that this system has for it. @throws REPORT_NOT_OPENED */
export async function openFile(file: string): Promise<void> {
  const program = opener(process.platform);
  const child = spawn(program, [file], { stdio: 'ignore', detached: true });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      const message = `cannot start ${program}: ${cause.message}`;
      reject(new ShardmillError('REPORT_NOT_OPENED', message, { where: file, cause }));
    });
  });
  // It may stay open for as long as a person reads.
  child.unref();
}

/** The program that opens files as a person would by clicking on them. */
function opener(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'open';
  return platform === 'win32' ? 'explorer.exe' : 'xdg-open';
}
