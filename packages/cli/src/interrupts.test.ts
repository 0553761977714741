import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { watchInterrupts } from './interrupts.js';

it('the first Ctrl-C starts an orderly stop, the second one ends the process with 130', () => {
  const exits: number[] = [];
  const source = Object.assign(new EventEmitter(), {
    exit: (code: number) => {
      exits.push(code);
    },
  });
  let notified = 0;
  const { signal, close } = watchInterrupts(() => notified++, source);
  expect(signal.aborted).toBe(false);
  source.emit('SIGINT');
  expect(signal.aborted).toBe(true);
  expect(exits).toEqual([]);
  source.emit('SIGTERM');
  expect(exits).toEqual([130]);
  expect(notified).toBe(1);
  close();
  expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0);
});
